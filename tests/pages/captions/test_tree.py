"""Where the nodes of a beam search's tree are drawn."""

import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from gen_lab.models.parts.decoding import Tree, beam_search
from gen_lab.models.parts.text import SPECIAL, Vocabulary
from pages.captions.tree import layout, nodes


class Random(torch.nn.Module):
    """A decoder over five words whose probabilities depend on the words so far, and on nothing else."""

    def step(self, words, state):
        seeds = state["seeds"] * 31 + words
        rows = [torch.randn(5, generator=torch.Generator().manual_seed(int(seed))) for seed in seeds]
        log_probabilities = torch.stack(rows).log_softmax(1)
        log_probabilities[:, :2] = -math.inf
        return log_probabilities, torch.full((len(words), 4), 0.25), {"seeds": seeds}


def search(seed: int, width: int, longest: int) -> Tree:
    return beam_search(Random(), {"seeds": torch.tensor([seed])}, width, longest)[0]


@given(st.integers(0, 10_000), st.integers(1, 10), st.integers(1, 20))
def test_every_node_has_a_place_of_its_own_right_of_its_parent(seed, width, longest):
    tree = search(seed, width, longest)
    places = layout(tree)
    assert len(places) == len(tree.nodes) == len(set(places))
    assert all(0 <= column < longest and 0 <= row < width for column, row in places)
    for node, (column, _) in zip(tree.nodes, places, strict=True):
        assert column == (places[node.parent][0] + 1 if node.parent >= 0 else 0)


@given(st.integers(0, 10_000), st.integers(1, 10), st.integers(1, 20))
def test_the_winner_is_straight_and_no_two_branches_cross(seed, width, longest):
    tree = search(seed, width, longest)
    places = layout(tree)
    place = tree.leaves[0]
    while place >= 0:
        assert places[place][1] == 0
        place = tree.nodes[place].parent
    branches = sorted((*place, places[node.parent][1]) for node, place in zip(tree.nodes, places, strict=True)
                      if node.parent >= 0)  # fmt: skip
    for (column, _, upper), (next_column, _, lower) in zip(branches, branches[1:], strict=False):
        assert column != next_column or upper <= lower


def test_no_nodes_need_no_place():
    assert layout(Tree(0.7)) == []


def test_the_browser_is_told_the_sentence_and_both_log_probabilities_of_every_node():
    vocabulary = Vocabulary((*SPECIAL, "word"))
    tree = search(seed=4, width=4, longest=6)
    entries = nodes(tree, vocabulary)
    assert sorted(node["rank"] for node in entries if node["rank"]) == list(range(1, len(tree.leaves) + 1))
    for place, node in enumerate(entries):
        path = tree.path(place)
        assert node["sentence"].split() == list(vocabulary.decode(each.word for each in path)) or len(path) == 1
        assert node["total"] == path[-1].log_probability <= node["own"] <= 0
        own = [entries[tree.nodes.index(each)]["own"] for each in path]
        assert math.isclose(sum(own), node["total"], abs_tol=1e-9)
    winning = [node for node in entries if node["wins"]]
    assert [node["row"] for node in winning] == [0] * tree.nodes[tree.leaves[0]].length
    assert all(node["kept"] for node in winning) and not all(node["kept"] for node in entries)
    (best,) = [node for node in entries if node["rank"] == 1]
    assert best["score"] == max(node["score"] for node in entries if node["rank"])
