"""A page with the tree of a beam search that needs no checkpoint: each word looks at a corner of its own."""

import streamlit as st
import torch
from PIL import Image

from gen_lab.models.parts.decoding import Node, Tree
from gen_lab.models.parts.text import SPECIAL, Vocabulary
from pages.captions.tree import caption_tree

WORDS = (*SPECIAL, "a", "dog", "cat", "runs", "sits")
BRANCHES = (  # parent, word, log-probability of all words
    (-1, 4, -0.2), (-1, 5, -1.9), (0, 5, -1.0), (0, 6, -1.4), (2, 7, -1.8), (3, 8, -2.2), (4, 2, -1.9), (5, 2, -2.3),
)  # fmt: skip

tree = Tree(0.7)
for place, (parent, word, total) in enumerate(BRANCHES):
    corner = torch.zeros(49)
    corner[[0, 6, 42, 48][place % 4]] = 1
    tree.nodes.append(Node(parent, word, tree.nodes[parent].length + 1 if parent >= 0 else 1, total, corner))
tree.leaves.extend((6, 7))

st.set_page_config(page_title="tree", layout="wide")
st.title("The tree")
strength = st.select_slider("Strength", [0.0, 0.5, 1.0], 0.5)
picture = Image.new("RGB", (64, 48), (90, 120, 150))
caption_tree(tree, Vocabulary(WORDS), picture, (7, 7), strength=strength, colours="inferno", key="tree")
