"""How Streamlit's caches tell our arguments apart: `@st.cache_resource(max_entries=8, hash_funcs=HASHES)`."""

import torch

from gen_lab.checkpoint import Checkpoint
from gen_lab.checkpoint.atlas import Atlas
from gen_lab.data import Dataset

HASHES = {
    Checkpoint: lambda checkpoint: (checkpoint.card["name"], checkpoint.card["sha256"]),
    Atlas: lambda atlas: (atlas.latents, atlas.attributes, atlas.umap),
    Dataset: lambda pictures: (pictures.name, pictures.split, len(pictures)),
    torch.Tensor: lambda tensor: tensor.cpu().numpy(),
}
