"""Captions with visual attention on Flickr8k -> checkpoints/caption-photos.

    python -m train caption_photos                      the decoder, then the encoder's last blocks too
    python -m train caption_photos --steps 3000         the decoder alone
    python -m train caption_photos --decoder transformer --hidden-dim 1024 --name caption-photos-transformer

Each step takes some pictures with all of their captions. At first the encoder is frozen, and the decoder learns from
its last maps, which are computed once; after `frozen_steps` the encoder's last blocks learn too, from the map before
them. At each snapshot the averaged weights caption the validation split with five beams: the best of them ship.
"""

from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch.nn.utils.rnn import pad_sequence

from gen_lab import data, files
from gen_lab.metrics.caption import bleu, references_of
from gen_lab.models import caption
from gen_lab.models.caption import ENCODERS
from gen_lab.models.parts.lite import Eye
from gen_lab.models.parts.text import END, PAD, SPECIAL, UNKNOWN, Vocabulary
from gen_lab.values import Count, Decay, Few, Name, Positive, Share, Weight, Width
from train import features, loop
from train.loop import CaptionsName, setting

SCORED = 100  # pictures captioned at once


@dataclass(frozen=True)
class Settings(loop.Settings):
    name: Name = setting("caption-photos", "name of the checkpoint")
    data: CaptionsName = setting("flickr8k", "data set: one with captions that python -m train.data lists")
    steps: Count = setting(4500, "optimisation steps of the whole run")
    batch_size: Count = setting(16, "images per step, over all processes together, each with all of its captions")
    ema: Decay = setting(0.998, "decay of the weights' moving average, which is what ships")
    snapshot_every: Count = setting(375, "steps between two snapshots, and scores on the validation split")
    minimum_count: Count = setting(5, "how often a word has to occur in the training captions to be learnt")
    longest: Count = setting(22, "words of a caption that are learnt; what follows is cut")
    encoder: caption.EncoderName = setting("lite0", "lite0, or inception_v3, whose weights torchvision fetches")
    decoder: caption.DecoderName = setting("gru", "gru or transformer")
    embedding_dim: Width = setting(256, "numbers per word and per position of the picture")
    hidden_dim: Width = setting(320, "of the GRU, or of the transformer's feed-forward layers")
    dropout: Share = setting(0.3, "share of the decoder's inner values that are left out while it learns")
    label_smoothing: Share = setting(0.1, "probability that is spread over all words")
    # 49 places share a dozen words: with a weight of 0.5 all of them are looked at evenly, whatever the word.
    doubly_stochastic: Weight = setting(0.0, "weight of the term that asks for every place to be looked at")
    focus: Weight = setting(0.2, "weight, at last, of the attention's entropy, so that a word looks at few places")
    scheduled_sampling: Share = setting(0.0, "share of words, at last, that are the model's own guesses (rises evenly)")
    learning_rate: Positive = setting(1e-3, "of AdamW, after a linear warm-up, annealed to zero by a cosine")
    weight_decay: Weight = setting(0.05, "of AdamW")
    frozen_steps: Count = setting(3000, "steps before the encoder's last blocks learn too; then rates start anew")
    tuned_blocks: Few = setting(5, "how many blocks those are")
    tuning_rate: Positive = setting(1e-4, "learning rate of everything from then on")


class Split:
    """One split in the form that the steps take: maps of the encoder, and captions as numbers.

    `maps[first]` float16 (N, C, h, w) is what block `first` of the encoder works on.
    """

    def __init__(self, photos, encoder: Eye, size: int, firsts: tuple[int, ...]):
        self.maps = dict(zip(firsts, features.maps(photos, encoder, size), strict=True))
        self.photos = photos

    def batch(self, first: int, rows, device) -> torch.Tensor:
        return torch.from_numpy(self.maps[first][np.asarray(rows)]).to(device).float()


def captions_as_numbers(photos, vocabulary: Vocabulary, longest: int) -> torch.Tensor:
    """(N, K, T): as many captions of each picture as all of them have, with <start>, <end> and <pad>."""
    count = min(len(captions) for captions in photos.captions)
    rows = [torch.tensor(vocabulary.encode(text, longest)) for texts in photos.captions for text in texts[:count]]
    return pad_sequence(rows, batch_first=True, padding_value=PAD).unflatten(0, (len(photos), count))


def setup(run, settings):
    vocabulary = Vocabulary.build(chain.from_iterable(run.data.captions), settings.minimum_count)
    if not vocabulary.words[len(SPECIAL) :]:
        raise ValueError(f"no word occurs {settings.minimum_count} times in the captions: use a lower --minimum-count")
    config = caption.Config(
        " ".join(vocabulary.words),
        settings.decoder,
        settings.embedding_dim,
        settings.hidden_dim,
        dropout=settings.dropout,
        encoder=settings.encoder,
    )
    model = caption.Captioner(config)
    model.encoder.load_imagenet()
    kind = ENCODERS[settings.encoder]
    if settings.tuned_blocks >= kind.blocks:
        raise ValueError(f"--tuned-blocks is {settings.tuned_blocks}: use less than the {kind.blocks} blocks")
    tuned_from = kind.blocks - settings.tuned_blocks
    firsts = (tuned_from, kind.blocks) if settings.frozen_steps < settings.steps else (kind.blocks,)
    encoder = kind.make(tuple(first - 1 for first in firsts)).load_imagenet().to(run.device)
    splits = [Split(photos, encoder, kind.size, firsts) for photos in (run.data, data.load(settings.data, "valid"))]
    if run.step >= settings.frozen_steps:
        model.encoder.tune(tuned_from)

    def make_optimiser(_):
        learning = [*model.decoder.parameters(), *model.encoder._blocks[tuned_from:].parameters()]
        return torch.optim.AdamW(
            learning, settings.learning_rate, betas=(0.9, 0.98), weight_decay=settings.weight_decay
        )

    return *run.setup("model", model, make_optimiser), *splits, vocabulary


def steps(run, settings, parts):
    model, optimiser, train, valid, vocabulary = parts
    numbers = captions_as_numbers(train.photos, vocabulary, settings.longest)
    references = references_of(valid.photos)
    while True:
        model.train()
        frozen = run.step < settings.frozen_steps
        first = model.blocks if frozen else model.blocks - settings.tuned_blocks
        if run.step == settings.frozen_steps:
            begin_tuning(run, model, first)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(run, settings, frozen)
        rows = run.rows()
        maps = train.batch(first, rows, run.device)
        words = numbers[rows].flatten(0, 1)
        words = words[:, : int((words != PAD).sum(1).max())].to(run.device)
        heard = own_guesses(run, model, maps, words[:, :-1], first) if settings.scheduled_sampling else words[:, :-1]
        logits, attention = model(maps, heard, first)
        losses: dict = caption.loss(
            logits, words[:, 1:], attention, settings.doubly_stochastic, settings.label_smoothing, focus(run, settings)
        )
        optimiser.zero_grad()
        run.fabric.backward(losses["total"])
        run.fabric.clip_gradients(model, optimiser, max_norm=1.0)
        optimiser.step()
        if (run.step + 1) % settings.snapshot_every == 0 or run.step + 1 == settings.steps:
            losses["valid_bleu_4"] = score(run, valid, first, references)
        yield losses


def learning_rate(run, settings, frozen: bool) -> float:
    """A warm-up and half a cosine for each of the two stages."""
    if frozen:
        return settings.learning_rate * run.anneal(last=min(settings.frozen_steps, settings.steps))
    return settings.tuning_rate * run.anneal(first=settings.frozen_steps)


def focus(run, settings) -> float:
    """The weight rises evenly while the encoder is frozen: what is worth a look is to be learnt first."""
    return settings.focus * min(run.step / settings.frozen_steps, 1.0)


def begin_tuning(run, model, first: int) -> None:
    if run.fabric.world_size > 1 and not any(weight.requires_grad for weight in model.encoder.parameters()):
        # Processes agree at the start on what they share of the gradients.
        raise RuntimeError("the encoder's last blocks join in: run the same command again, which goes on from here")
    model.encoder.tune(first)


@torch.no_grad()
def own_guesses(run, model, maps, words, first) -> torch.Tensor:
    """Scheduled sampling (Bengio et al. 2015) in two passes, which suits both decoders (Mihaylova and Martins 2019):
    some of the words (N, T) replaced by the model's guesses at them."""
    guesses = model(maps, words, first)[0].argmax(2)
    share = run.settings.scheduled_sampling * run.step / run.settings.steps
    mask = torch.rand(words.shape, generator=run.generator(3)).to(words.device) < share
    mask[:, 0] = False
    mask &= (words != PAD) & (words != END) & (words != UNKNOWN)
    return torch.where(mask, guesses.roll(1, 1), words)


def score(run, valid: Split, first: int, references) -> float:
    """BLEU-4 of the averaged weights on the validation split with five beams; they are saved if they are the best."""
    model, sentences = run.averaged["model"], []
    with torch.inference_mode():
        for start in range(0, len(references), SCORED):
            maps = valid.batch(first, range(start, min(start + SCORED, len(references))), run.device)
            maps = maps if first == model.blocks else model.encoder(maps, first)[-1]
            sentences += [result.words for result in model.describe(maps.permute(0, 2, 3, 1), beam=5)]
    bleu_4 = bleu(sentences, references)["bleu_4"]
    path = run.folder / "best.safetensors"
    if run.fabric.is_global_zero and (not path.is_file() or bleu_4 > record(path)["bleu_4"]):
        weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
        with files.whole_file(path) as file:
            file.write(save(weights, {"bleu_4": str(bleu_4), "step": str(run.step + 1)}))
    return bleu_4


def record(path) -> dict[str, float]:
    """Step and score of the best weights so far."""
    with safe_open(path, "pt") as file:
        return {name: float(value) for name, value in file.metadata().items() if name != "format"}


def preview(run, settings):
    return None  # no picture of the data may be shown


def export(run, settings):
    path = run.folder / "best.safetensors"
    best = run.averaged["model"]
    best.load_state_dict(load_file(path, str(run.device)))
    card = {
        "chosen": f"step {record(path)['step']:.0f}, by BLEU-4 of five beams on the validation split",
        "intended_use": "showing in class how a captioner works and where it looks; not for describing pictures to "
                        "people who depend on the description",
        "limits": ["It knows 6,000 photos, mostly of people, dogs and sports outdoors: of other pictures it says what "
                   "would be likely there, sentence by sentence well formed and wrong.",
                   "It guesses people's sex and age from looks, as its data's annotators did.",
                   "Attention shows what the decoder weighed, which is not a proof of why it said a word.",
                   "It was chosen on the split that its figures are of, so they are a little too good."],
    }  # fmt: skip
    return loop.Export("caption", best, card)
