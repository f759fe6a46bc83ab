"""`python -m train.atlas`, on codes that make no map."""

import numpy as np
import pytest

from gen_lab import data, registry
from gen_lab.checkpoint import atlas
from train import atlas as command


@pytest.mark.usefixtures("checkpoints")
def test_of_equal_codes_the_atlas_has_no_umap_and_says_why(monkeypatch, capsys):
    pictures = data.load("fake", "test")
    same = np.repeat(pictures.images[:1], len(pictures), 0)
    part = data.Dataset("fake", same, pictures.attributes, pictures.attribute_names, "", "test")
    monkeypatch.setattr(data, "load", lambda name, split: part)
    assert command.make("vae-faces").umap is None
    assert "vae-faces: the atlas has no UMAP, and maps show PCA: UMAP needs at least 4" in capsys.readouterr().err
    checkpoint = registry.load("vae-faces")
    assert atlas.load(registry.folder("vae-faces"), checkpoint.card).umap is None
