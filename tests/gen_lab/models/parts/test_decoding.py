"""Sentences from probabilities, on toy decoders small enough to try every sentence."""

import itertools

import pytest
import torch

from gen_lab.models.parts.decoding import beam_search, greedy, sampler, walk
from gen_lab.models.parts.text import END, PAD, START

WORDS = 5  # <pad>, <start>, <end> and two that mean something
LONGEST = 4


class Toy:
    """Random log-probabilities that depend on the picture and on the whole sentence so far."""

    def __init__(self, seed: int):
        self.seed = seed

    def step(self, words, state):
        said = torch.cat([state["said"], words[:, None]], 1)
        rows = [self.after(int(picture), sentence) for picture, sentence in zip(state["picture"], said, strict=True)]
        attention = torch.nn.functional.one_hot(torch.full((len(words),), said.shape[1] - 1), LONGEST).float()
        return torch.stack(rows), attention, {**state, "said": said}

    def after(self, picture: int, sentence) -> torch.Tensor:
        seed = hash((self.seed, picture, *map(int, sentence))) % 2**31
        logits = torch.randn(WORDS, generator=torch.Generator().manual_seed(seed)) * 2
        return logits.index_fill(0, torch.tensor([PAD, START]), -torch.inf).log_softmax(0)

    def start(self, pictures: int = 1) -> dict:
        return {"picture": torch.arange(pictures), "said": torch.empty(pictures, 0, dtype=torch.long)}

    def best(self, normalise: float) -> tuple[list[int], float]:
        """The best of all sentences, by trying each."""
        found = []
        for length in range(1, LONGEST + 1):
            for sentence in itertools.product(range(END, WORDS), repeat=length):
                if END in sentence[:-1] or (length < LONGEST and sentence[-1] != END):
                    continue
                so_far = [START, *sentence]
                total = sum(float(self.after(0, so_far[: i + 1])[word]) for i, word in enumerate(sentence))
                found.append((total / length**normalise, list(sentence), total))
        _, sentence, total = max(found)
        return sentence, total


def sentence_of(tree) -> list[int]:
    return [node.word for node in tree.path(tree.leaves[0])]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("normalise", [0.0, 0.7, 1.0])
def test_a_wide_beam_finds_the_best_sentence(seed, normalise):
    toy = Toy(seed)
    (tree,) = beam_search(toy, toy.start(), width=(WORDS - END) ** LONGEST, longest=LONGEST, normalise=normalise)
    sentence, total = toy.best(normalise)
    assert sentence_of(tree) == sentence
    assert tree.nodes[tree.leaves[0]].log_probability == pytest.approx(total, abs=1e-5)


def test_two_beams_find_what_greedy_misses():
    class Trap:
        """The likeliest first word leads to unlikely ones."""

        def step(self, words, state):
            rows = {START: [0, 0, 0, 0.6, 0.4], 3: [0, 0, 0.4, 0.3, 0.3], 4: [0, 0, 1.0, 0, 0]}
            log_probabilities = torch.tensor([rows[int(word)] for word in words]).log()
            return log_probabilities, torch.ones(len(words), 1), state

    state = {"picture": torch.zeros(1)}
    greedily = [int(words) for words, _, _ in walk(Trap(), state, greedy)]
    assert greedily == [3, END]
    (tree,) = beam_search(Trap(), state, width=2)
    assert sentence_of(tree) == [4, END]


@pytest.mark.parametrize("seed", range(6))
def test_greedy_is_a_beam_of_one(seed):
    toy = Toy(seed)
    trees = beam_search(toy, toy.start(7), width=1, longest=LONGEST)
    walked = [words for words, _, _ in walk(toy, toy.start(7), greedy, LONGEST)]
    for tree, sentence in zip(trees, torch.stack(walked, 1).tolist(), strict=True):
        assert sentence_of(tree) == [word for word in sentence if word != PAD]


def test_pictures_searched_together_are_as_if_alone():
    toy = Toy(3)
    together = beam_search(toy, toy.start(6), width=3, longest=LONGEST)
    for picture, tree in enumerate(together):
        alone = {"picture": torch.tensor([picture]), "said": torch.empty(1, 0, dtype=torch.long)}
        (single,) = beam_search(toy, alone, width=3, longest=LONGEST)
        assert [(node.parent, node.word) for node in tree.nodes] == [(node.parent, node.word) for node in single.nodes]


def test_a_tree_holds_together():
    toy = Toy(1)
    (tree,) = beam_search(toy, toy.start(), width=3, longest=LONGEST)
    assert len(tree.leaves) == 3
    assert [tree.score(leaf) for leaf in tree.leaves] == sorted(map(tree.score, tree.leaves), reverse=True)
    for place, node in enumerate(tree.nodes):
        before = tree.path(node.parent)
        assert node.parent < place and node.length == len(before) + 1
        own = toy.after(0, [START, *(each.word for each in before)])[node.word]
        already = before[-1].log_probability if before else 0.0
        assert node.log_probability == pytest.approx(already + float(own), abs=1e-5)
        assert node.attention.argmax() == len(before)


def test_a_prefix_is_kept_and_counted():
    toy = Toy(2)
    (tree,) = beam_search(toy, toy.start(), width=3, longest=LONGEST, prefix=(4, 3))
    assert all([node.word for node in tree.path(leaf)][:2] == [4, 3] for leaf in tree.leaves)
    walked = [int(words) for words, _, _ in walk(toy, toy.start(), greedy, LONGEST, prefix=(4, 3))]
    assert walked[:2] == [4, 3]


def test_samples_follow_temperature_top_k_and_seed():
    log_probabilities = torch.tensor([0.1, 0.2, 0.3, 0.4]).log().expand(20_000, 4)
    for temperature in (0.5, 1.0, 2.0):
        drawn = sampler(temperature, seed=1)(log_probabilities)
        expected = log_probabilities[0].div(temperature).softmax(0)
        assert torch.allclose(drawn.bincount(minlength=4) / 20_000, expected, atol=0.015)
    assert set(sampler(top_k=2)(log_probabilities).tolist()) == {2, 3}
    assert torch.equal(sampler(top_k=1)(log_probabilities), greedy(log_probabilities))
    assert torch.equal(sampler(seed=4)(log_probabilities), sampler(seed=4)(log_probabilities))
    assert not torch.equal(sampler(seed=4)(log_probabilities), sampler(seed=5)(log_probabilities))


@pytest.mark.parametrize("temperature, top_k", [(0, 0), (-1, 0), (float("nan"), 0), (float("inf"), 0), (1, -1)])
def test_what_cannot_be_sampled_is_refused(temperature, top_k):
    with pytest.raises(ValueError, match="positive"):
        sampler(temperature, top_k)
