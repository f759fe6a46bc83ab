"""Makes a checkpoint's atlas: encodes the test and validation pictures and lays them out with UMAP.

    python -m train.atlas NAME [NAME ...]

Pictures that the model was trained on would flatter it: the atlas shows pictures that it has not seen. Of codes that
hardly differ there is no UMAP; then the map shows their principal components.
"""

import sys

import numpy as np

from gen_lab import data, registry
from gen_lab.checkpoint import atlas
from gen_lab.checkpoint.atlas import Atlas
from gen_lab.latent import layouts
from gen_lab.metrics.vae import encode_all
from train.commands import for_each

SPLITS = ("test", "valid")  # what the model was not trained on
COUNT = 10_000  # pictures at most
BYTES = 1_200_000  # of latents at most: all checkpoints together stay small


def make(name: str) -> Atlas:
    """Encodes the data that the card names, and writes the atlas and the card's entry. Returns the atlas."""
    checkpoint = registry.load(name)
    registry.require(checkpoint, "encode", "data")
    model, card = checkpoint.model, checkpoint.card
    room = min(COUNT, BYTES // (2 * model.latent_dim))
    latents, attributes, splits = [], [], []
    for split in SPLITS:
        part = data.load(card["data"]["name"], split)
        count = min(len(part), room - sum(map(len, latents)))
        if count > 0:
            latents.append(encode_all(model, part.images[:count])[0].numpy())
            attributes.append(part.attributes[:count])
            splits.append(split)
    codes = np.concatenate(latents).astype(np.float16).astype(np.float32)  # as they will be read
    umap = None
    if model.latent_dim > 2:  # a plane needs no layout
        try:
            umap = layouts.umap(codes, **layouts.UMAP)
        except layouts.Degenerate as error:
            print(f"{name}: the atlas has no UMAP, and maps show PCA: {error}", file=sys.stderr)
    parameters = layouts.UMAP if umap is not None else {}
    result = Atlas(codes, np.concatenate(attributes), part.attribute_names, " and ".join(splits), umap, parameters)
    atlas.save(registry.folder(name), result)
    return result


def described(name: str) -> str:
    """Makes an atlas; what it holds."""
    result = make(name)
    size = (registry.folder(name) / atlas.FILE).stat().st_size
    return f"{len(result):,} pictures ({result.split}), {size / 1e6:.2f} MB"


def main() -> int:
    return for_each("train.atlas", __doc__, "checkpoint with an encoder", described)


if __name__ == "__main__":
    sys.exit(main())
