"""The contract over all recipes and families: each builds, samples, trains two finite steps, saves and loads."""

from pathlib import Path

import pytest
import torch

from gen_lab import checkpoint, images
from train import loop
from train.__main__ import recipes

RECIPES = recipes()


def test_every_family_has_a_recipe():
    folder = Path(checkpoint.__file__).parent / "models"
    families = {path.stem for path in folder.glob("*.py")} - {"__init__", "layers", "adversarial"}
    names = " ".join(RECIPES)
    assert all(family in names for family in families)


@pytest.fixture(scope="module", params=RECIPES)
def trained(request, tmp_path_factory):
    """(recipe, folder of the checkpoint) after two steps on fake data."""
    recipe, folder = RECIPES[request.param], tmp_path_factory.mktemp(request.param)
    settings = loop.dry_run(recipe.Settings())
    return recipe, loop.train(recipe, settings, runs=folder / "runs", checkpoints=folder)


def test_two_steps_are_finite_and_the_checkpoint_loads_to_identical_output(trained, tmp_path):
    _, folder = trained
    loaded = checkpoint.load(folder)
    model = loaded.model
    pictures = torch.rand(2, *model.image_shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    checkpoint.save(tmp_path / "again", model, loaded.card)
    again = checkpoint.load(tmp_path / "again").model
    for method in ("encode", "forward", "features"):
        if method == "forward" and hasattr(model, "encode"):
            continue  # a model with an encoder is asked through it
        if hasattr(model, method):
            one, two = (getattr(each, method)(pictures) for each in (model, again))
            one, two = ((each,) if isinstance(each, torch.Tensor) else each for each in (one, two))
            assert all(torch.equal(a, b) and a.isfinite().all() for a, b in zip(one, two, strict=True))


def test_what_decodes_also_samples(trained):
    model = checkpoint.load(trained[1]).model
    if not hasattr(model, "decode"):
        return
    latents = model.sample(3, torch.Generator().manual_seed(0))
    assert latents.shape == (3, model.latent_dim)
    pictures = images.to_uint8(model.decode(latents))
    assert pictures.shape == (3, *model.image_shape[1:], model.image_shape[0])


def test_the_card_is_complete(trained):
    card = checkpoint.read_card(trained[1])
    for entry in ("name", "family", "config", "data", "recipe", "settings", "steps", "seed", "seconds", "device",
                  "commit", "sha256", "metrics", "limits", "intended_use"):  # fmt: skip
        assert entry in card, entry
    assert card["data"]["licence"] and card["data"]["split"] == "train"


def test_shipped_checkpoints_stay_small():
    root = Path(checkpoint.__file__).parents[1] / "checkpoints"
    sizes = {path: path.stat().st_size for path in root.rglob("*") if path.is_file()}
    assert max(sizes.values()) < 15e6 and sum(sizes.values()) < 40e6
