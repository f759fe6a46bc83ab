"""The contract over all recipes and families: each builds, samples, trains two finite steps, saves and loads."""

import re
from pathlib import Path

import pytest
import torch

from gen_lab import checkpoint, images, models
from train import loop
from train.__main__ import recipes

RECIPES = recipes()


def test_every_family_has_a_recipe():
    folder = Path(models.__file__).parent
    families = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    sources = [Path(recipe.__file__).read_text("utf-8") for recipe in RECIPES.values()]
    assert {family for source in sources for family in re.findall(r'Export\("(\w+)"', source)} == families


@pytest.fixture(scope="module", params=RECIPES)
def trained(request, tmp_path_factory):
    """(recipe, folder of the checkpoint) after two steps on fake data."""
    recipe, folder = RECIPES[request.param], tmp_path_factory.mktemp(request.param)
    settings = loop.dry_run(recipe.Settings())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEN_LAB_CACHE", str(folder / "cache"))
        return recipe, loop.train(recipe, settings, runs=folder / "runs", checkpoints=folder)


def labels_for(model, count: int):
    """One-hot labels (count, L) of a conditional model, None of another."""
    classes = getattr(model, "classes", ())
    return torch.eye(len(classes))[torch.arange(count) % len(classes)] if classes else None


def test_two_steps_are_finite_and_the_checkpoint_loads_to_identical_output(trained, tmp_path):
    _, folder = trained
    loaded = checkpoint.load(folder)
    model = loaded.model
    pictures = torch.rand(2, *model.image_shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    checkpoint.save(tmp_path / "again", model, loaded.card)
    again = checkpoint.load(tmp_path / "again").model
    labels = labels_for(model, 2)
    for method in ("encode", "probabilities", "features", "score"):
        if hasattr(model, method):
            asked = (pictures,) if labels is None else (pictures, labels)
            one, two = (getattr(each, method)(*asked) for each in (model, again))
            one, two = ((each,) if isinstance(each, torch.Tensor) else each for each in (one, two))
            assert all(torch.equal(a, b) and a.isfinite().all() for a, b in zip(one, two, strict=True))
    if hasattr(model, "caption"):
        for one, two in zip(model.caption(pictures, beam=2), again.caption(pictures, beam=2), strict=True):
            assert one.words == two.words and one.log_probability == two.log_probability
            assert torch.equal(one.attention, two.attention) and one.attention.isfinite().all()


def test_what_decodes_also_samples(trained):
    model = checkpoint.load(trained[1]).model
    if not hasattr(model, "decode"):
        return
    latents = model.sample(3, torch.Generator().manual_seed(0))
    assert latents.shape == (3, model.latent_dim)
    labels = labels_for(model, 3)
    pictures = images.to_uint8(model.decode(latents) if labels is None else model.decode(latents, labels))
    assert pictures.shape == (3, *model.image_shape[1:], model.image_shape[0])


def test_the_card_is_complete(trained):
    card = checkpoint.read_card(trained[1])
    for entry in ("name", "family", "config", "data", "recipe", "settings", "steps", "seed", "seconds", "device",
                  "commit", "sha256", "metrics", "limits", "intended_use"):  # fmt: skip
        assert entry in card, entry
    assert card["data"]["licence"] and card["data"]["split"] == "train"


def test_shipped_checkpoints_stay_small():
    root = Path(__file__).parents[2] / "checkpoints"
    sizes = {path: path.stat().st_size for path in root.rglob("*") if path.is_file()}
    assert max(sizes.values()) < 15e6 and sum(sizes.values()) < 100e6  # with all the rest, less than 120 MB
