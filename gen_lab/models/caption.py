"""A captioner that looks at a part of the picture for every word (Xu et al., "Show, Attend and Tell", ICML 2015).

An EfficientNet-Lite0 sees the picture as 7 x 7 positions, an Inception v3 as 8 x 8. A decoder attends to them and
says one word at a time. Two decoders have one interface (`start`, `step`, and `forward` for teacher forcing):

    gru            additive attention (Bahdanau et al. 2015), a gated context and a GRU in the place of Xu's LSTM
    transformer    self-attention over the words so far and cross-attention to the positions (Vaswani et al. 2017)

Train with `python -m train caption_photos`.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn
from torch.nn import functional as F

from gen_lab.models.parts import decoding, inception
from gen_lab.models.parts.decoding import Tree
from gen_lab.models.parts.lite import Eye, Lite
from gen_lab.models.parts.text import END, PAD, SPECIAL, START, UNKNOWN, Vocabulary
from gen_lab.values import Few, Share, Width

WIDEST = 10  # beams


@dataclass(frozen=True)
class Encoder:
    """A network that sees pictures, of which all blocks are used."""

    make: Callable[[tuple[int, ...]], Eye]  # takes the blocks whose maps it is to return
    size: int  # pixels a side that it sees
    blocks: int
    channels: int  # after the last of them


ENCODERS = {
    "lite0": Encoder(Lite, 224, 16, 320),
    "inception_v3": Encoder(inception.Inception, inception.SIZE, len(inception.NAMES), inception.CHANNELS),
}

DecoderName = Literal["gru", "transformer"]
EncoderName = Literal["lite0", "inception_v3"]


@dataclass(frozen=True)
class Config:
    vocabulary: str  # every word, the four special ones first, with spaces between them
    decoder: DecoderName = "gru"
    embedding_dim: Width = 256  # numbers per word, and per position of the picture
    hidden_dim: Width = 384  # of the GRU, or of the transformer's feed-forward layers
    attention_dim: Width = 128  # inner numbers of the GRU's additive attention
    layers: Few = 2  # of the transformer
    heads: Few = 4  # of the transformer's attention
    dropout: Share = 0.0  # while it learns
    encoder: EncoderName = "lite0"


@dataclass(frozen=True, eq=False)
class Caption:
    """A sentence about a picture."""

    words: tuple[str, ...]
    log_probability: float  # of the words and of the end
    attention: torch.Tensor  # (words, h, w): where each word looked; each map sums to one


@dataclass(frozen=True, eq=False)
class Word:
    """One step of a sentence; the last word is "<end>"."""

    word: str
    log_probability: float
    attention: torch.Tensor  # (h, w), sums to one
    alternatives: tuple[tuple[str, float], ...]  # the most probable words and their probabilities


class AdditiveAttention(nn.Module):
    """Where to look: softmax over positions of v . tanh(key + W query) (Bahdanau et al. 2015, section A.1.2)."""

    def __init__(self, query_dim: int, key_dim: int, inner_dim: int):
        super().__init__()
        self.key, self.query = nn.Linear(key_dim, inner_dim), nn.Linear(query_dim, inner_dim, bias=False)
        self.score = nn.Linear(inner_dim, 1, bias=False)

    def forward(self, query: torch.Tensor, keys: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Query (N, Q), keys (N, P, A) from `self.key`, mask (N, P), False where none may look -> weights (N, P)."""
        scores = self.score(torch.tanh(keys + self.query(query)[:, None])).squeeze(2)
        return scores.float().masked_fill(~mask, -math.inf).softmax(1)


class GRUDecoder(nn.Module):
    """Xu et al. 2015, section 3.1, with a GRU; the output layer shares its weights with the embedding."""

    def __init__(self, config: Config, words: int):
        super().__init__()
        size, hidden = config.embedding_dim, config.hidden_dim
        self.embedding = nn.Embedding(words, size, padding_idx=PAD)
        channels = ENCODERS[config.encoder].channels
        self.project = nn.Sequential(nn.Linear(channels, size), nn.ReLU(), nn.Dropout(config.dropout))
        self.first_hidden = nn.Linear(size, hidden)
        self.attend = AdditiveAttention(hidden, size, config.attention_dim)
        self.gate = nn.Linear(hidden, size)
        self.cell = nn.GRUCell(2 * size, hidden)
        self.from_hidden, self.from_context = nn.Linear(hidden, size), nn.Linear(size, size, bias=False)
        self.drop, self.bias = nn.Dropout(config.dropout), nn.Parameter(torch.zeros(words))
        _small(self.embedding)

    def start(self, features: torch.Tensor, mask: torch.Tensor) -> dict:
        """Features (N, P, C) and mask (N, P) -> the state before the first word."""
        places = self.project(features)
        mean = (places * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        hidden = torch.tanh(self.first_hidden(mean))
        return {"places": places, "keys": self.attend.key(places), "mask": mask, "hidden": hidden}

    def _advance(self, embedded: torch.Tensor, state: dict):
        """Embedded words (N, E) -> what the output layer sees (N, E), attention (N, P), state."""
        hidden = state["hidden"]
        attention = self.attend(hidden, state["keys"], state["mask"])
        context = torch.bmm(attention[:, None].to(state["places"].dtype), state["places"])[:, 0]
        context = torch.sigmoid(self.gate(hidden)) * context  # section 4.2.1: the model may look away
        hidden = self.cell(torch.cat([embedded, context], 1), hidden)
        inner = embedded + self.from_hidden(self.drop(hidden)) + self.from_context(context)  # eq. 7
        return inner, attention, {**state, "hidden": hidden}

    def _logits(self, inner: torch.Tensor) -> torch.Tensor:
        return F.linear(self.drop(inner), self.embedding.weight, self.bias).float()

    def step(self, words: torch.Tensor, state: dict):
        """Last words (N,) and state -> log-probabilities (N, V), attention (N, P), state."""
        inner, attention, state = self._advance(self.embedding(words), state)
        return speakable(self._logits(inner)), attention, state

    def forward(self, features: torch.Tensor, mask: torch.Tensor, words: torch.Tensor):
        """Features (B, P, C), mask (B, P), words (B * K, T), K captions of each picture in a row -> logits
        (B * K, T, V) of the word that follows each, and attention (B * K, T, P)."""
        state = _repeat(self.start(features, mask), len(words) // len(features))
        inner, attention = [], []
        for embedding in self.drop(self.embedding(words)).unbind(1):
            vector, weights, state = self._advance(embedding, state)
            inner.append(vector)
            attention.append(weights)
        return self._logits(torch.stack(inner, 1)), torch.stack(attention, 1)


class Layer(nn.Module):
    """Self-attention, cross-attention and a feed-forward network, each after a normalisation and with a shortcut."""

    def __init__(self, config: Config):
        super().__init__()
        size, heads, dropout = config.embedding_dim, config.heads, config.dropout
        if size % heads:
            raise ValueError(f"{size} numbers per word cannot be shared by {heads} heads: use a multiple of {heads}")
        self.norms = nn.ModuleList(nn.LayerNorm(size) for _ in range(3))
        self.to_words = nn.MultiheadAttention(size, heads, dropout, batch_first=True)
        self.to_places = nn.MultiheadAttention(size, heads, batch_first=True)
        self.feed = nn.Sequential(nn.Linear(size, config.hidden_dim), nn.GELU(), nn.Linear(config.hidden_dim, size))
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, places: torch.Tensor, mask: torch.Tensor, future: torch.Tensor):
        """x (N, T, E) -> the same, and the cross-attention (N, T, P), the mean over the heads."""
        words = self.norms[0](x)
        x = x + self.drop(self.to_words(words, words, words, attn_mask=future, need_weights=False)[0])
        context, attention = self.to_places(self.norms[1](x), places, places, key_padding_mask=~mask)
        x = x + self.drop(context)
        return x + self.drop(self.feed(self.norms[2](x))), attention


class TransformerDecoder(nn.Module):
    """A small pre-norm transformer; its attention is the last layer's."""

    def __init__(self, config: Config, words: int):
        super().__init__()
        size = config.embedding_dim
        self.embedding = nn.Embedding(words, size, padding_idx=PAD)
        channels = ENCODERS[config.encoder].channels
        self.project = nn.Sequential(nn.Linear(channels, size), nn.LayerNorm(size), nn.Dropout(config.dropout))
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(size)
        self.drop, self.bias = nn.Dropout(config.dropout), nn.Parameter(torch.zeros(words))
        _small(self.embedding)

    def start(self, features: torch.Tensor, mask: torch.Tensor) -> dict:
        """Features (N, P, C) and mask (N, P) -> the state before the first word."""
        words = torch.empty(len(features), 0, dtype=torch.long, device=features.device)
        return {"places": self.project(features), "mask": mask, "words": words}

    def _read(self, words: torch.Tensor, state: dict):
        """Words (N, T) -> logits (N, T, V) and attention (N, T, P)."""
        length = words.shape[1]
        x = self.embedding(words) * math.sqrt(self.embedding.embedding_dim)
        x = self.drop(x + sinusoids(length, x.shape[2]).to(x))
        future = torch.ones(length, length, dtype=torch.bool, device=words.device).triu(1)
        for layer in self.layers:
            x, attention = layer(x, state["places"], state["mask"], future)
        return F.linear(self.drop(self.norm(x)), self.embedding.weight, self.bias).float(), attention

    def step(self, words: torch.Tensor, state: dict):
        """Last words (N,) and state -> log-probabilities (N, V), attention (N, P), state."""
        state = {**state, "words": torch.cat([state["words"], words[:, None]], 1)}
        logits, attention = self._read(state["words"], state)  # all of it again: captions are short
        return speakable(logits[:, -1]), attention[:, -1], state

    def forward(self, features: torch.Tensor, mask: torch.Tensor, words: torch.Tensor):
        """As that of `GRUDecoder`."""
        return self._read(words, _repeat(self.start(features, mask), len(words) // len(features)))


DECODERS = {"gru": GRUDecoder, "transformer": TransformerDecoder}


class Captioner(nn.Module):
    """Pictures (B, 3, H, W) in [-1, 1] of any size to sentences; H x W is squeezed into a square, as in training."""

    def __init__(self, config: Config):
        super().__init__()
        if config.decoder not in DECODERS:
            raise ValueError(f"no decoder is called {config.decoder!r}: use one of {', '.join(DECODERS)}")
        if config.encoder not in ENCODERS:
            raise ValueError(f"no encoder is called {config.encoder!r}: use one of {', '.join(ENCODERS)}")
        encoder = ENCODERS[config.encoder]
        self.config, self.blocks, self.image_shape = config, encoder.blocks, (3, encoder.size, encoder.size)
        self.vocabulary = Vocabulary(tuple(config.vocabulary.split()))
        if self.vocabulary.words[: len(SPECIAL)] != SPECIAL:
            raise ValueError(f"the vocabulary does not begin with {' '.join(SPECIAL)}")
        self.encoder = encoder.make((encoder.blocks - 1,))
        self.decoder = DECODERS[config.decoder](config, len(self.vocabulary))

    def forward(self, maps: torch.Tensor, words: torch.Tensor, first: int | None = None):
        """Teacher forcing: the maps (B, C, h, w) that enter block `first` of the encoder (by default those of its
        last block) and words (B * K, T), K captions of each picture in a row -> logits (B * K, T, V) of the
        word that follows each, and attention (B * K, T, P)."""
        if first is not None and first < self.blocks:
            maps = self.encoder(maps, first)[-1]
        features = maps.flatten(2).transpose(1, 2)
        return self.decoder(features, _everywhere(features), words)

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """What the decoder looks at: (B, 7, 7, 320) for pictures (B, 3, H, W) in [-1, 1], or (B, 8, 8, 2048) by an
        Inception v3. Raises ValueError for anything else."""
        if images.ndim != 4 or images.shape[1] != 3 or not images.shape[2:].numel():
            raise ValueError(f"expected pictures (B, 3, H, W), got {tuple(images.shape)}")
        if not images.isfinite().all():
            raise ValueError("a picture has values that are no numbers: use one whose values lie in [-1, 1]")
        square = F.interpolate(images, size=self.image_shape[1:], mode="bilinear", antialias=True, align_corners=False)
        return self.encoder(square)[-1].permute(0, 2, 3, 1)

    def caption(self, images: torch.Tensor, beam: int = 1, **options) -> list[Caption]:
        """A caption of each picture; the options are those of `describe`."""
        return self.describe(self.features(images), beam, **options)

    @torch.inference_mode()
    def describe(
        self,
        features: torch.Tensor,
        beam: int = 1,
        *,
        temperature: float | None = None,
        top_k: int = 0,
        seed: int = 0,
        normalise: float = 0.7,
        longest: int = 20,
        prefix: Sequence[str] = (),
        mask: torch.Tensor | None = None,
    ) -> list[Caption]:
        """A caption for each of the features (B, h, w, C) of `features`.

        Greedy with `beam` 1, beam search up to 10; with a `temperature`, drawn at random by `top_k` and `seed`. Goes
        on from the words of `prefix`; looks only where `mask` (B, h, w) is True. Raises ValueError for an
        impossible beam, temperature or word.
        """
        if beam > 1:
            if temperature is not None:
                raise ValueError("a beam search draws nothing: use beam 1 with a temperature")
            trees = self.trees(features, beam, normalise=normalise, longest=longest, prefix=prefix, mask=mask)
            paths = [tree.path(tree.leaves[0]) for tree in trees]
            rows = [[(node.word, node.attention) for node in path] for path in paths]
            totals = [path[-1].log_probability for path in paths]
        else:
            _check_beam(beam)
            rows, totals = [[] for _ in features], [0.0] * len(features)
            choose = decoding.greedy if temperature is None else decoding.sampler(temperature, top_k, seed)
            steps = decoding.walk(self.decoder, self._state(features, mask), choose, longest, self._numbers(prefix))
            for words, log_probabilities, attention in steps:
                values = log_probabilities.gather(1, words[:, None])[:, 0].tolist()
                for row, word in enumerate(words.tolist()):
                    if word != PAD:
                        rows[row].append((word, attention[row].cpu()))
                        totals[row] += values[row]
        return [self._caption(row, total, features.shape[1:3]) for row, total in zip(rows, totals, strict=True)]

    def trees(
        self,
        features: torch.Tensor,
        beam: int = 5,
        *,
        normalise: float = 0.7,
        longest: int = 20,
        prefix: Sequence[str] = (),
        mask: torch.Tensor | None = None,
    ) -> list[Tree]:
        """The whole beam search for each of the features (B, h, w, C): every hypothesis that was kept. A node's word
        is `vocabulary.words[node.word]`, its attention (h * w,)."""
        _check_beam(beam)
        with torch.inference_mode():
            state = self._state(features, mask)
            return decoding.beam_search(self.decoder, state, beam, longest, normalise, self._numbers(prefix))

    def stream(
        self,
        features: torch.Tensor,
        *,
        temperature: float | None = None,
        top_k: int = 0,
        seed: int = 0,
        longest: int = 20,
        prefix: Sequence[str] = (),
        mask: torch.Tensor | None = None,
        alternatives: int = 5,
    ) -> Iterator[Word]:
        """The caption of one picture's features (1, h, w, C), each word as soon as it is found, the last one <end>
        (unless it is cut); each with the `alternatives` most probable words in its place."""
        choose = decoding.greedy if temperature is None else decoding.sampler(temperature, top_k, seed)
        return self._stream(features, choose, longest, self._numbers(prefix), mask, alternatives)

    def read(self, features: torch.Tensor, words: Sequence[str], mask=None, alternatives: int = 5) -> list[Word]:
        """How the model reads a sentence about one picture's features (1, h, w, C): each word, and the end, with its
        log-probability, its attention, and the words that it would prefer."""
        numbers = [*self._numbers(words), END]
        return list(self._stream(features, decoding.greedy, len(numbers), numbers, mask, alternatives))

    def _stream(self, features, choose, longest, prefix, mask, alternatives) -> Iterator[Word]:
        with torch.inference_mode():
            steps = decoding.walk(self.decoder, self._state(features, mask), choose, longest, prefix)
        while True:
            with torch.inference_mode():  # not around the yield, or it would hold in the caller too
                step = next(steps, None)
                if step is None:
                    return
                (word,), (log_probabilities,), (attention,) = (part.cpu() for part in step)
                best = log_probabilities.topk(min(alternatives, len(log_probabilities)))
                others = zip(best.indices.tolist(), best.values.exp().tolist(), strict=True)
            yield Word(
                self.vocabulary.words[int(word)],
                float(log_probabilities[word]),
                attention.unflatten(0, features.shape[1:3]),
                tuple((self.vocabulary.words[number], probability) for number, probability in others),
            )

    def _state(self, features: torch.Tensor, mask: torch.Tensor | None) -> dict:
        features = features.flatten(1, 2)
        mask = _everywhere(features) if mask is None else mask.flatten(1).to(features.device)
        if not mask.any(1).all():
            raise ValueError("the mask covers the whole of a picture: leave a position to look at")
        return self.decoder.start(features, mask)

    def _numbers(self, words: Sequence[str]) -> list[int]:
        numbers = self.vocabulary.numbers
        if unknown := [word for word in words if numbers.get(word, PAD) < len(SPECIAL)]:
            raise ValueError(f"the model does not know the word '{unknown[0][:40]}'")
        return [numbers[word] for word in words]

    def _caption(self, steps: list, log_probability: float, shape) -> Caption:
        words = self.vocabulary.decode(word for word, _ in steps)
        maps = [attention for _, attention in steps[: len(words)]]
        attention = torch.stack(maps).unflatten(1, shape) if maps else torch.empty(0, *shape)
        return Caption(words, log_probability, attention)


Model = Captioner


def speakable(logits: torch.Tensor) -> torch.Tensor:
    """Logits (N, V) to log-probabilities of what may be said: no <pad>, <start> or <unk>."""
    silent = torch.zeros(logits.shape[1], dtype=torch.bool, device=logits.device)
    silent[[PAD, START, UNKNOWN]] = True
    return logits.masked_fill(silent, -math.inf).log_softmax(1)


def sinusoids(length: int, size: int) -> torch.Tensor:
    """Positions as sines and cosines of geometric wavelengths (Vaswani et al. 2017, section 3.5): (length, size)."""
    rates = torch.exp(torch.arange(0, size, 2) * (-math.log(10_000) / size))
    angles = torch.arange(length)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], 2).flatten(1)


def loss(
    logits: torch.Tensor,
    targets: torch.Tensor,
    attention: torch.Tensor,
    doubly_stochastic: float = 0.0,
    label_smoothing: float = 0.0,
    focus: float = 0.0,
) -> dict[str, torch.Tensor]:
    """Named terms for logits (N, T, V), the words (N, T) that they should have said, and attention (N, T, P).

    Cross entropy per word (label smoothing: Szegedy et al. 2016), <pad> left out; times `doubly_stochastic`, the mean
    over positions of (1 - attention summed over the words)^2, which asks that every place be looked at for a while (Xu
    et al. 2015, eq. 14); and, times `focus`, the attention's mean entropy per word over log P, in [0, 1], which asks
    that a word look at few places (entropy minimisation: Grandvalet and Bengio 2004).
    """
    cross_entropy = F.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=PAD, label_smoothing=label_smoothing
    )
    is_word = targets != PAD
    uneven = (1 - (attention * is_word[:, :, None]).sum(1)).square().mean()
    # Clamped: the slope of x log x at 0 is infinite.
    spread = torch.special.entr(attention[is_word].clamp_min(1e-9)).sum(1).mean() / math.log(attention.shape[2])
    total = cross_entropy + doubly_stochastic * uneven + focus * spread
    return {"cross_entropy": cross_entropy, "uneven_attention": uneven, "spread_attention": spread, "total": total}


def _check_beam(beam: int) -> None:
    if not 1 <= beam <= WIDEST:
        raise ValueError(f"a beam of {beam}: use 1 to {WIDEST}")


def _everywhere(features: torch.Tensor) -> torch.Tensor:
    """The mask (B, P) that hides nothing of features (B, P, C)."""
    return torch.ones(features.shape[:2], dtype=torch.bool, device=features.device)


def _repeat(state: dict, times: int) -> dict:
    """Each row `times` times."""
    return {name: tensor.repeat_interleave(times, 0) for name, tensor in state.items()}


@torch.no_grad()
def _small(embedding: nn.Embedding) -> None:
    """First weights that suit an output layer too: its logits begin near zero."""
    embedding.weight.mul_(embedding.embedding_dim**-0.5)
