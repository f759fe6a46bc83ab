"""The control of a beam search's tree: point at a branch to see where the model looked for its last word.

The browser gets the whole search at once, some tens of kilobytes, and asks for nothing more.
"""

import base64
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from gen_lab.models.parts.decoding import Tree
from gen_lab.models.parts.text import END, Vocabulary
from gen_lab.ui.charts import source
from gen_lab.ui.controls.modules import component
from gen_lab.ui.language import _
from pages.captions.pictures import COLOURS

SIDE = 512  # pixels of the picture that is sent, at most

_component = component("tree", Path(__file__).parent, "tree")


def caption_tree(
    tree: Tree,
    vocabulary: Vocabulary,
    image: Image.Image,
    shape: tuple[int, int],
    *,
    strength: float,
    colours: str,
    key: str,
) -> None:
    """The tree of a beam search over an RGB picture, whose attention maps have `shape` (h, w)."""
    small = image.copy()
    small.thumbnail((SIDE, SIDE))
    maps = np.stack([np.asarray(node.attention) for node in tree.nodes])
    levels = (255 * maps / maps.max(1, keepdims=True)).round().astype(np.uint8)  # of each map's own maximum
    _component(
        key=key,
        data={
            "picture": source(np.asarray(small)),
            "nodes": nodes(tree, vocabulary),
            "attention": base64.b64encode(levels.tobytes()).decode(),
            "shape": shape,
            "strength": strength,
            "table": base64.b64encode(COLOURS[colours].tobytes()).decode(),
            "words": {
                "tree": _("The beam search's tree: left and right along a branch, up and down between branches"),
                "node": _("{sentence}, log-probability {total}"),
                "leaf": _("{sentence}, log-probability {total}, place {rank}"),
                "total": _("log-probability {total}"),
                "own": _("of “{word}” alone {own} ({share})"),
                "place": _("place {rank}, score {score}"),
                "looked": _("Where the model looked for “{word}”"),
            },
        },
    )


def nodes(tree: Tree, vocabulary: Vocabulary) -> list[dict]:
    """The nodes for the browser: each with its place, its sentence, and log-probabilities of that and of its last word.

    `rank` and `score` are those of a finished sentence. `kept`: the branch led to one; `wins`: to the best one.
    """
    ranks = {leaf: rank for rank, leaf in enumerate(tree.leaves, 1)}
    kept = {id(node) for leaf in tree.leaves for node in tree.path(leaf)}
    wins = {id(node) for node in tree.path(tree.leaves[0])}
    entries = []
    for place, (node, (column, row)) in enumerate(zip(tree.nodes, layout(tree), strict=True)):
        before = tree.nodes[node.parent].log_probability if node.parent >= 0 else 0.0
        word = _("end") if node.word == END else vocabulary.words[node.word]
        entries.append(
            {
                "parent": node.parent,
                "column": column,
                "row": row,
                "word": word,
                "sentence": " ".join(vocabulary.decode(step.word for step in tree.path(place))) or _("(nothing)"),
                "total": node.log_probability,
                "own": node.log_probability - before,
                "rank": ranks.get(place),
                "score": tree.score(place) if place in ranks else None,
                "kept": id(node) in kept,
                "wins": id(node) in wins,
            }
        )
    return entries


def layout(tree: Tree) -> list[tuple[int, int]]:
    """(column, row) of every node.

    A child is in the column after its parent's, and no two branches cross. The winning path is the first row. There are
    as many rows as the fullest column has nodes, at most the beam's width. Each node is as near to its parent's row as
    the nodes above and below it allow.
    """
    if not tree.nodes:
        return []
    winners = set(_places(tree, tree.leaves[0]))
    columns = defaultdict(list)
    for place, node in enumerate(tree.nodes):
        columns[node.length - 1].append(place)
    height = max(map(len, columns.values()))
    rows = {-1: 0}
    for __, places in sorted(columns.items()):
        # Siblings: the winner first, then the more probable.
        places.sort(key=lambda p: (rows[tree.nodes[p].parent], p not in winners, -tree.nodes[p].log_probability))
        last = -1
        for index, place in enumerate(places):
            rest = len(places) - index  # nodes that need a row from here on
            last = rows[place] = min(max(last + 1, rows[tree.nodes[place].parent]), height - rest)
    return [(node.length - 1, rows[place]) for place, node in enumerate(tree.nodes)]


def _places(tree: Tree, place: int) -> list[int]:
    """The places of the nodes from `place` back to the first word."""
    path = []
    while place >= 0:
        path.append(place)
        place = tree.nodes[place].parent
    return path
