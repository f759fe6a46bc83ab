"""From a decoder's probabilities to sentences: a word at a time, or by beam search.

A decoder is anything with

    step(words (N,), state) -> (log-probabilities (N, V), attention (N, P), state)

where `state` is a dict of tensors with one row per hypothesis, and `words` the last word of each (at first <start>).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import torch

from gen_lab.models.parts.text import END, PAD, START


def walk(
    decoder, state: dict, choose: Callable, longest: int = 20, prefix: Sequence[int] = ()
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """One word of each sentence at a time: (words (N,), log-probabilities (N, V), attention (N, P)).

    The first words are those of `prefix`, the others come from `choose(log-probabilities)` -> (N,). It stops when every
    sentence has ended, with <end>, or after `longest` words; sentences that end earlier go on with <pad>.
    """
    words = torch.full((_rows(state),), START, device=_device(state))
    ended = torch.zeros_like(words, dtype=torch.bool)
    for place in range(longest):
        log_probabilities, attention, state = decoder.step(words, state)
        words = torch.full_like(words, prefix[place]) if place < len(prefix) else choose(log_probabilities)
        words = words.masked_fill(ended, PAD)
        yield words, log_probabilities, attention
        ended = ended | (words == END)
        if ended.all():
            return


def greedy(log_probabilities: torch.Tensor) -> torch.Tensor:
    """The most probable word of each row: (N, V) -> (N,)."""
    return log_probabilities.argmax(1)


def sampler(temperature: float = 1.0, top_k: int = 0, seed: int = 0) -> Callable:
    """A random choice: probabilities to the power 1 / temperature, of the `top_k` most probable words (0: of all).

    Raises ValueError for a temperature that is not positive, or a negative `top_k`.
    """
    if not 0 < temperature < math.inf or top_k < 0:
        raise ValueError(f"temperature {temperature} and top_k {top_k}: use a positive number, and 0 or more")
    generator = torch.Generator().manual_seed(seed)

    def choose(log_probabilities: torch.Tensor) -> torch.Tensor:
        logits = (log_probabilities / temperature).cpu()
        if 0 < top_k < logits.shape[1]:
            logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -math.inf)
        words = torch.multinomial(logits.softmax(1), 1, generator=generator)
        return words[:, 0].to(log_probabilities.device)

    return choose


@dataclass(frozen=True, eq=False)
class Node:
    """A word of a beam search, and with it the sentence from the first word to here."""

    parent: int  # its place among the tree's nodes; -1: nothing was said before
    word: int
    length: int  # words from the first to this one, <end> counted
    log_probability: float  # of all of them
    attention: torch.Tensor  # (P,), when this word was said


@dataclass(frozen=True, eq=False)
class Tree:
    """Every hypothesis that a beam search kept for one picture, parents before children."""

    normalise: float
    nodes: list[Node] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)  # nodes at which a sentence ended (or was cut), best first

    def score(self, node: int) -> float:
        """Log-probability over length to the power `normalise` (Wu et al. 2016, eq. 14, without its constant 5)."""
        return self.nodes[node].log_probability / self.nodes[node].length ** self.normalise

    def path(self, node: int) -> list[Node]:
        """The nodes from the first word to this one."""
        nodes = []
        while node >= 0:
            nodes.append(self.nodes[node])
            node = nodes[-1].parent
        return nodes[::-1]


def beam_search(
    decoder, state: dict, width: int = 5, longest: int = 20, normalise: float = 0.7, prefix: Sequence[int] = ()
) -> list[Tree]:
    """One tree per row of `state`, all hypotheses of all of them in one batch.

    Each step keeps the `width` most probable continuations. A sentence that ends keeps its place, and the others share
    the remaining places. The best at the end is the best by `Tree.score`; with width 1 it is the greedy sentence.
    """
    trees = [Tree(normalise) for _ in range(_rows(state))]
    owner = list(range(len(trees)))  # tree of each row
    last = [-1] * len(trees)  # node of each row
    words = torch.full((len(trees),), START, device=_device(state))
    totals = torch.zeros(len(trees), dtype=torch.float64, device=_device(state))
    for place in range(longest):
        log_probabilities, attention, state = decoder.step(words, state)
        sums = totals[:, None] + log_probabilities
        if place < len(prefix):
            choices = torch.full((len(sums), 1), prefix[place], device=sums.device)
            best = sums.gather(1, choices)
        else:
            best, choices = sums.topk(min(width, sums.shape[1]))
        attention = attention.cpu()
        candidates = [[] for _ in trees]
        for row, (values, following) in enumerate(zip(best.tolist(), choices.tolist(), strict=True)):
            possible = ((value, row, word) for value, word in zip(values, following, strict=True) if value > -math.inf)
            candidates[owner[row]] += possible
        live = []  # (row it came from, node, word, total)
        for tree, options in zip(trees, candidates, strict=True):
            for value, row, word in sorted(options, key=lambda option: -option[0])[: width - len(tree.leaves)]:
                tree.nodes.append(Node(last[row], word, place + 1, value, attention[row]))
                if word == END or place + 1 == longest:
                    tree.leaves.append(len(tree.nodes) - 1)
                else:
                    live.append((row, len(tree.nodes) - 1, word, value))
        if not live:
            break
        rows, last, numbers, values = map(list, zip(*live, strict=True))
        owner = [owner[row] for row in rows]
        words, totals = words.new_tensor(numbers), totals.new_tensor(values)
        state = {name: tensor[rows] for name, tensor in state.items()}
    for tree in trees:
        tree.leaves.sort(key=tree.score, reverse=True)
    return trees


def _rows(state: dict) -> int:
    return len(next(iter(state.values())))


def _device(state: dict) -> torch.device:
    return next(iter(state.values())).device
