"""Captioner: attention, loss, both decoders, the whole recipe on a tiny set, and its measures."""

import io
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from gen_lab import checkpoint, images
from gen_lab.data import fake_captions
from gen_lab.metrics.caption import bleu, cider, references_of
from gen_lab.models import caption
from gen_lab.models.caption import Captioner, Config
from gen_lab.models.parts.inception import Inception
from gen_lab.models.parts.lite import Lite
from gen_lab.models.parts.text import PAD, SPECIAL, tokenize
from tests.tiny import count_parameters
from train import features as cached
from train import loop
from train.recipes import caption_photos

VOCABULARY = " ".join((*SPECIAL, "a", "large", "red", "disc", "dog", "runs"))
DECODERS = ("gru", "transformer")


@pytest.fixture(scope="module", params=DECODERS)
def model(request):
    """A small captioner with random weights, large enough that its words depend on the picture."""
    torch.manual_seed(0)
    made = Captioner(Config(VOCABULARY, request.param, embedding_dim=16, hidden_dim=24, attention_dim=8, heads=2))
    for parameter in made.decoder.parameters():
        parameter.data.mul_(3)
    return made.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def features():
    """(5, 3, 4, 320): of no picture, and 3 x 4 positions."""
    return torch.randn(5, 3, 4, caption.ENCODERS["lite0"].channels, generator=torch.Generator().manual_seed(1))


def words_of(model, *texts):
    encoded = [torch.tensor(model.vocabulary.encode(text)) for text in texts]
    return torch.nn.utils.rnn.pad_sequence(encoded, batch_first=True, padding_value=PAD)


# Attention


def test_heads_share_the_numbers_of_a_word_evenly():
    with pytest.raises(ValueError, match="255 numbers per word cannot be shared by 4 heads: use a multiple of 4"):
        Captioner(Config(" ".join((*SPECIAL, "a")), "transformer", embedding_dim=255))


def test_additive_attention_is_bahdanaus():
    torch.manual_seed(0)
    attend = caption.AdditiveAttention(5, 4, 3)
    query, places = torch.randn(1, 5), torch.randn(1, 6, 4)
    attend.requires_grad_(False)
    weights = attend(query, attend.key(places), torch.ones(1, 6, dtype=torch.bool))[0]
    energies = []
    for place in places[0]:
        inner = attend.query.weight @ query[0] + attend.key.weight @ place + attend.key.bias
        energies.append(math.exp(float(attend.score.weight[0] @ torch.tanh(inner))))
    assert torch.allclose(weights, torch.tensor(energies) / sum(energies), atol=1e-6)


def test_a_layer_is_that_of_torch():
    config = Config(VOCABULARY, embedding_dim=16, hidden_dim=24, heads=2)
    ours = caption.Layer(config).eval()
    theirs = torch.nn.TransformerDecoderLayer(16, 2, 24, 0.0, "gelu", batch_first=True, norm_first=True).eval()
    names = {"norms.0": "norm1", "norms.1": "norm2", "norms.2": "norm3", "to_words": "self_attn",
             "to_places": "multihead_attn", "feed.0": "linear1", "feed.2": "linear2"}  # fmt: skip
    state = theirs.state_dict()
    ours.load_state_dict(
        {
            key: state[next(key.replace(a, b) for a, b in names.items() if key.startswith(a))]
            for key in ours.state_dict()
        }
    )
    x, places = torch.randn(2, 5, 16), torch.randn(2, 7, 16)
    future, mask = torch.ones(5, 5, dtype=torch.bool).triu(1), torch.ones(2, 7, dtype=torch.bool)
    assert torch.allclose(ours(x, places, mask, future)[0], theirs(x, places, tgt_mask=future), atol=1e-5)


def test_attention_sums_to_one_and_the_mask_holds(model, features):
    mask = torch.rand(5, 3, 4, generator=torch.Generator().manual_seed(2)) > 0.5
    mask[:, 0, 0] = True
    for beam in (1, 3):
        found = model.describe(features, beam, mask=mask)
        changed = model.describe(features + 9 * ~mask[..., None], beam, mask=mask)
        for one, two, seen in zip(found, changed, mask, strict=True):
            assert one.words and one.attention.shape == (len(one.words), 3, 4)
            assert torch.allclose(one.attention.sum((1, 2)), torch.ones(len(one.words)), atol=1e-5)
            assert not one.attention[:, ~seen].any()
            assert one.words == two.words and torch.allclose(one.attention, two.attention, atol=1e-6)


def test_a_mask_that_covers_everything_is_refused(model, features):
    with pytest.raises(ValueError, match="leave a position"):
        model.describe(features, mask=torch.zeros(5, 3, 4, dtype=torch.bool))


# Teacher forcing and loss


def test_steps_say_what_teacher_forcing_says(model, features):
    words = words_of(model, "a large red disc", "a dog runs")
    mask = torch.ones(2, 12, dtype=torch.bool)
    logits, attention = model.decoder(features[:2].flatten(1, 2), mask, words)
    state = model.decoder.start(features[:2].flatten(1, 2), mask)
    for place in range(words.shape[1]):
        log_probabilities, looked, state = model.decoder.step(words[:, place], state)
        assert torch.allclose(log_probabilities, caption.speakable(logits[:, place]), atol=1e-4)
        assert torch.allclose(looked, attention[:, place], atol=1e-5)


def test_captions_of_a_picture_lie_side_by_side(model):
    maps = torch.randn(2, caption.ENCODERS["lite0"].channels, 3, 4)
    words = words_of(model, "a dog", "a disc", "red dog", "a dog runs")
    together, _ = model(maps, words)
    alone, _ = model(maps[1:], words[2:])
    assert torch.allclose(together[2:], alone, atol=1e-5)


def test_loss_ignores_padding(model):
    maps = torch.randn(1, caption.ENCODERS["lite0"].channels, 3, 4)
    words = words_of(model, "a dog", "a large red disc runs")
    heard, targets = words[:, :-1], words[:, 1:]
    other = heard.clone()
    other[0, 4:] = 7  # the first caption has ended: these are padding
    terms = [caption.loss(*_swap(model(maps, given), targets), 1.0, 0.1) for given in (heard, other)]
    assert all(torch.allclose(terms[0][name], terms[1][name], atol=1e-6) for name in terms[0])
    wider = torch.nn.functional.pad(words, (0, 5), value=PAD)
    padded = caption.loss(*_swap(model(maps, wider[:, :-1]), wider[:, 1:]), 1.0, 0.1)
    assert all(torch.allclose(terms[0][name], padded[name], atol=1e-6) for name in padded)


def _swap(output, targets):
    logits, attention = output
    return logits, targets, attention


def test_loss_is_the_papers():
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 3, 6, generator=random)
    targets = torch.tensor([[4, 5, 2], [4, 2, PAD]])
    attention = torch.rand(2, 3, 7, generator=random).softmax(2)
    terms = caption.loss(logits, targets, attention, doubly_stochastic=0.5, label_smoothing=0.1, focus=0.25)
    costs, uneven, entropies = [], [], []
    for row in range(2):
        real = [place for place in range(3) if targets[row, place] != PAD]
        for place in real:
            said = logits[row, place].log_softmax(0)
            costs.append(0.9 * -said[targets[row, place]] - 0.1 * said.mean())
            where = torch.distributions.Categorical(attention[row, place] / attention[row, place].sum())
            entropies.append(where.entropy() / math.log(7))
        uneven += [(1 - sum(attention[row, place, i] for place in real)) ** 2 for i in range(7)]
    cross_entropy, uneven, spread = (sum(each) / len(each) for each in (costs, uneven, entropies))
    assert torch.allclose(terms["cross_entropy"], cross_entropy)
    assert torch.allclose(terms["uneven_attention"], uneven)
    assert torch.allclose(terms["spread_attention"], spread)
    assert torch.allclose(terms["total"], cross_entropy + 0.5 * uneven + 0.25 * spread)


# Sentences


def test_greedy_is_a_beam_of_one(model, features):
    for found, tree in zip(model.describe(features), model.trees(features, 1), strict=True):
        path = tree.path(tree.leaves[0])
        assert found.words == model.vocabulary.decode(node.word for node in path)
        assert found.log_probability == pytest.approx(path[-1].log_probability, abs=1e-4)


def test_what_is_said_is_what_is_read(model, features):
    one = features[:1]
    for found in (*model.describe(one), *model.describe(one, 4), *model.describe(one, temperature=1.0, seed=3)):
        read = model.read(one, found.words)
        assert tuple(word.word for word in read) == (*found.words, "<end>")
        finished = len(found.words) < 20
        total = sum(word.log_probability for word in (read if finished else read[:-1]))
        assert total == pytest.approx(found.log_probability, abs=1e-3)
        assert torch.allclose(torch.stack([word.attention for word in read[:-1]]), found.attention, atol=1e-5)
        for word in read:
            probabilities = [probability for _, probability in word.alternatives]
            assert probabilities == sorted(probabilities, reverse=True) and sum(probabilities) <= 1 + 1e-5
            assert not {name for name, _ in word.alternatives} & {"<pad>", "<start>", "<unk>"}


def test_a_stream_is_the_caption_word_by_word(model, features):
    one = features[:1]
    for options in ({}, {"temperature": 1.5, "seed": 2, "top_k": 3}, {"prefix": ("a", "dog")}):
        (found,) = model.describe(one, **options)
        streamed = list(model.stream(one, **options))
        assert tuple(word.word for word in streamed if word.word != "<end>") == found.words
    first = next(model.stream(one))
    assert first.word == first.alternatives[0][0] and first.attention.shape == (3, 4)


def test_a_prefix_is_gone_on_from(model, features):
    for options in ({}, {"beam": 3}, {"temperature": 1.0}):
        assert all(
            found.words[:2] == ("red", "dog") for found in model.describe(features, prefix=("red", "dog"), **options)
        )


@pytest.mark.parametrize(
    "options, message",
    [
        ({"beam": 0}, "1 to 10"),
        ({"beam": 11}, "1 to 10"),
        ({"beam": 3, "temperature": 1.0}, "beam 1 with a temperature"),
        ({"temperature": -1.0}, "positive"),
        ({"prefix": ("zebra",)}, "'zebra'"),
        ({"prefix": ("<pad>",)}, "'<pad>'"),
    ],
)
def test_what_cannot_be_asked_is_refused(model, features, options, message):
    with pytest.raises(ValueError, match=message):
        model.describe(features, **options)


def test_no_picture_of_another_form_is_taken(model):
    for shape in ((3, 64, 64), (1, 1, 64, 64), (1, 3, 0, 64)):
        with pytest.raises(ValueError, match="expected pictures"):
            model.caption(torch.zeros(shape))
    with pytest.raises(ValueError, match="no numbers"):
        model.caption(torch.full((1, 3, 8, 8), math.nan))


def encoded(mode: str, size=(80, 50), kind="PNG", **options) -> bytes:
    picture, buffer = Image.new("RGB", size, (200, 40, 40)).convert(mode), io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


FILES = {
    "grey": encoded("L"),
    "palette": encoded("P"),
    "CMYK": encoded("CMYK", kind="JPEG"),
    "transparent": encoded("RGBA"),
    "animated": encoded("RGB", kind="GIF", save_all=True, append_images=[Image.new("RGB", (80, 50))]),
    "huge": encoded("L", (9000, 6000), "JPEG"),
    "one pixel": encoded("RGB", (1, 1)),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_of_file_has_a_caption(model, kind):
    photo = images.open_photo(FILES[kind])
    (found,) = model.caption(images.to_float(np.asarray(photo)[None]))
    assert len(found.words) <= 20 and found.attention.shape == (len(found.words), 7, 7)


@pytest.mark.parametrize("broken", [b"", b"GIF89a", FILES["grey"][:40]])
def test_a_corrupt_file_has_a_clear_message(broken):
    with pytest.raises(images.BadImage, match="please use"):
        images.open_photo(broken)


# The recipe


@pytest.mark.slow
def test_a_tiny_set_is_learnt_by_heart(tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_LAB_CACHE", str(tmp_path / "cache"))
    settings = caption_photos.Settings(
        data="fake_captions", steps=120, batch_size=16, minimum_count=1, embedding_dim=48, hidden_dim=64, dropout=0.0,
        label_smoothing=0.0, doubly_stochastic=0.0, learning_rate=3e-2, ema=0.8, log_every=60, snapshot_every=60,
    )  # fmt: skip
    folder = loop.train(caption_photos, settings, runs=tmp_path / "runs", checkpoints=tmp_path)
    learnt = checkpoint.load(folder).model
    shown = fake_captions.load("train")
    pictures = torch.cat([images.to_float(np.asarray(shown.images[i])[None]) for i in range(len(shown))])
    for beam in (1, 5):
        said = [found.words for found in learnt.caption(pictures, beam)]
        assert bleu(said, references_of(shown))["bleu_4"] == pytest.approx(100)
    assert len(set(said)) > 4  # and not the same of every picture


def test_the_encoders_last_blocks_learn_after_a_while(tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_LAB_CACHE", str(tmp_path / "cache"))
    staged = {"steps": 3, "frozen_steps": 2, "tuning_rate": 1e-2}
    settings = replace(loop.dry_run(caption_photos.Settings()), **staged, scheduled_sampling=0.5, ema=0.0)
    tuned = {}
    for until in (2, 3):
        loop.train(caption_photos, settings, runs=tmp_path / "runs", checkpoints=tmp_path, until=until)
        state = torch.load(tmp_path / "runs" / settings.name / "snapshot.pt", weights_only=True)
        tuned[until] = state["modules"]["model"]
    changed = {name for name in tuned[2] if name.startswith("encoder") and not tuned[2][name].equal(tuned[3][name])}
    blocks = {int(name.split(".")[2]) for name in changed}
    assert blocks == set(range(11, 16)) and not any("running" in name for name in changed)


def test_inception_is_torchvisions(monkeypatch):
    network = torchvision.models.inception_v3(weights=None, aux_logits=False, init_weights=False).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    weights = torchvision.models.Inception_V3_Weights
    monkeypatch.setattr(weights, "get_state_dict", lambda *_, **__: network.state_dict())
    encoder = Inception((6, 17)).load_imagenet()
    assert count_parameters(network) - count_parameters(network.fc) == count_parameters(encoder.tune(0)) == 21_785_568
    seen = {}
    network.Mixed_7c.register_forward_hook(lambda _module, _inputs, output: seen.update(last=output))
    picture = torch.rand(1, 3, 96, 96) * 2 - 1
    with torch.inference_mode():
        network(picture)
        middle, last = encoder(picture)
        assert torch.equal(last, seen["last"]) and torch.equal(encoder(middle, first=7)[0], last)

    def unreachable(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(weights, "get_state_dict", unreachable)
    with pytest.raises(OSError, match="--encoder lite0"):
        encoder.load_imagenet()


def test_a_captioner_can_look_through_inception():
    config = Config(" ".join((*SPECIAL, "a", "dog")), embedding_dim=8, hidden_dim=8, encoder="inception_v3")
    features = Captioner(config).eval().features(torch.zeros(1, 3, 20, 30))
    assert features.shape == (1, 8, 8, 2048)


def test_the_encoder_goes_on_from_any_block():
    torch.manual_seed(0)
    encoder, picture = Lite((10, 15)), torch.rand(1, 3, 64, 64) * 2 - 1
    middle, last = encoder(picture)
    assert torch.equal(encoder(middle, first=11)[0], last)


def test_features_are_computed_once(tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_LAB_CACHE", str(tmp_path))
    encoder, found = Lite((0, 2)), fake_captions.load("train")
    first = cached.maps(found, encoder, 32)
    direct = encoder(images.to_float(cached.square(found.images[3], 32)[None]))
    for kept, tapped in zip(first, direct, strict=True):
        assert kept.dtype == np.float16 and torch.allclose(torch.tensor(kept[3]).float(), tapped[0], atol=2e-3)
    monkeypatch.setattr(cached, "_write", None)
    again = cached.maps(found, encoder, 32)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    with pytest.raises(TypeError):  # other weights are other features
        cached.maps(found, Lite((0, 2)), 32)


# Measures


def test_bleu_is_papinenis():
    references = [[tokenize("The cat is on the mat."), tokenize("There is a cat on the mat.")]]
    assert bleu([["the"] * 7], references)["bleu_1"] == pytest.approx(100 * 2 / 7)
    short = bleu([["the", "cat"]], references)["bleu_1"]
    assert short == pytest.approx(100 * math.exp(1 - 6 / 2))  # brevity, against the closest length
    assert bleu([references[0][1]], references)["bleu_4"] == pytest.approx(100)


def test_bleu_allows_pictures_with_fewer_captions():
    references = [[["a", "dog"]], [["a", "cat"], ["the", "cat"]]]
    assert bleu([["a", "dog"], ["the", "cat"]], references)["bleu_2"] == pytest.approx(100)


def cider_by_hand(candidates, references, sigma=6.0):
    """Vedantam et al. 2015, eqs. 2 and 4 to 6, as written."""

    def grams(words, n):
        return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))

    def vector(words, n):
        counts, weights = grams(words, n), {}
        for gram, count in counts.items():
            containing = sum(any(gram in grams(other, n) for other in found) for found in references)
            weights[gram] = count * math.log(len(references) / max(1, containing))
        return weights

    scores = []
    for words, found in zip(candidates, references, strict=True):
        of_n = []
        for n in (1, 2, 3, 4):
            similarities = []
            for other in found:
                a, b = vector(words, n), vector(other, n)
                length = math.sqrt(sum(v**2 for v in a.values())) * math.sqrt(sum(v**2 for v in b.values()))
                product = sum(min(v, b.get(gram, 0.0)) * b.get(gram, 0.0) for gram, v in a.items())
                penalty = math.exp(-((len(words) - len(other)) ** 2) / (2 * sigma**2))
                similarities.append(10 * penalty * product / length if length else 0.0)
            of_n.append(sum(similarities) / len(similarities))
        scores.append(sum(of_n) / 4)
    return sum(scores) / len(scores)


def test_cider_is_vedantams():
    random = np.random.default_rng(0)
    sentence = lambda: list(random.choice(["a", "dog", "cat", "runs", "red"], random.integers(1, 9)))  # noqa: E731
    references = [[sentence() for _ in range(3)] for _ in range(8)]
    candidates = [sentence() for _ in range(8)]
    assert cider(candidates, references) == pytest.approx(cider_by_hand(candidates, references))
    assert 0 < cider(candidates, references) < 10
    same = [[["one", "two", "three", "four", "five"]] * 2, [["six", "seven", "eight", "nine"]] * 2]
    assert cider([found[0] for found in same], same) == pytest.approx(10)
