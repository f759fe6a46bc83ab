"""A beam search's tree, laid out to be drawn: a column for each word, a row for each hypothesis kept there."""

from collections import defaultdict

from gen_lab.models.parts.decoding import Tree


def layout(tree: Tree) -> list[tuple[int, int]]:
    """(column, row) of every node.

    A child stands in the column after its parent's, and no two branches cross. The winning path is the first row,
    straight. There are as many rows as the fullest column needs, at most the beam's width; within them each node lies
    as near to its parent's row as those above and below it allow.
    """
    if not tree.nodes:
        return []
    winning = set(_places(tree, tree.leaves[0]))
    columns = defaultdict(list)
    for place, node in enumerate(tree.nodes):
        columns[node.length - 1].append(place)
    height = max(map(len, columns.values()))
    rows = {-1: 0}
    for _, places in sorted(columns.items()):
        # Siblings: what wins first, then the more probable.
        places.sort(key=lambda p: (rows[tree.nodes[p].parent], p not in winning, -tree.nodes[p].log_probability))
        last = -1
        for index, place in enumerate(places):
            left = len(places) - index  # nodes that need a row from here on
            last = rows[place] = min(max(last + 1, rows[tree.nodes[place].parent]), height - left)
    return [(node.length - 1, rows[place]) for place, node in enumerate(tree.nodes)]


def _places(tree: Tree, place: int) -> list[int]:
    """The places of the nodes from `place` back to the first word."""
    found = []
    while place >= 0:
        found.append(place)
        place = tree.nodes[place].parent
    return found
