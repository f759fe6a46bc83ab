"""`python -m train.directions`: a generator gets the sliders that do what their names say."""

import pytest
import torch

from gen_lab import checkpoint, registry
from gen_lab.models import judge
from tests.tiny import SLIDERS, make_adversarial
from train import directions as command

NAMES = ("Smiling", "Male", "Bald")


class Painter(torch.nn.Linear):
    """Paints the first three numbers of a latent as the three colours of a picture."""

    def decode(self, latents):
        return latents[:, :3, None, None].expand(-1, 3, 4, 4) / 8


class Reader(torch.nn.Linear):
    """Sees an attribute in each colour: the last one seldom."""

    config = judge.Config(NAMES)

    def probabilities(self, images):
        return torch.sigmoid(64 * images.mean((2, 3)) - torch.tensor([0.0, 0, 16]))


def latents(count: int = 2000) -> torch.Tensor:
    return torch.randn(count, 6, generator=torch.Generator().manual_seed(0))


def labels() -> torch.Tensor:
    return command.judged(Painter(1, 1), Reader(1, 1), latents(), NAMES) > 0.5


def test_a_direction_is_found_from_what_the_judge_sees():
    smile = command.fit(latents(), labels(), NAMES, fewest=10)["Smiling"]
    assert smile[0] / smile.norm() > 0.99


def test_what_is_too_rare_has_no_direction():
    assert tuple(command.fit(latents(), labels(), NAMES, fewest=200)) == ("Smiling", "Male")


def test_where_everything_is_too_rare_nothing_is_fitted():
    with pytest.raises(ValueError, match="no attribute is seen in 1500 of 2000 samples"):
        command.fit(latents(), labels(), NAMES, fewest=1500)


def test_effects_are_the_share_on_the_asked_side_and_what_else_moves():
    found = command.fit(latents(), labels(), NAMES, fewest=10)
    effects = command.effects(Painter(1, 1), Reader(1, 1), found, latents(400))
    assert min(effects["Smiling"]["up"], effects["Male"]["down"]) > 0.95
    assert effects["Bald"]["down"] > 0.99 > 0.8 > effects["Bald"]["up"]
    assert effects["Smiling"]["others"] < 0.1 and effects["Smiling"]["most"][0] != "Smiling"


@pytest.fixture
def folder(checkpoints):
    """A generator's, with a judge."""
    make_adversarial(checkpoints)
    place = checkpoints / "wgan_gp-faces"
    checkpoint.update_card(place, checkpoint.read_card(place), judge="judge-faces")
    return place


def fitted(*options: str) -> int:
    return command.main(["wgan_gp-faces", "--samples", "60", "--fewest", "1", "--fresh", "8", *options])


def test_a_generator_has_sliders_afterwards(folder, capsys):
    assert "wgan_gp-faces" not in registry.having("decode", "sliders", without=("classes",))
    assert fitted("--success", "0") == 0, capsys.readouterr().err
    loaded = registry.load("wgan_gp-faces", "cpu")
    registry.require(loaded, "sliders")
    assert set(loaded.card["sliders"]) == set(loaded.card["directions"]["effects"]) <= set(SLIDERS["faces"])
    assert "wgan_gp-faces" in registry.having("decode", "sliders", without=("classes",))


def test_what_does_not_flip_is_no_slider(folder):
    assert fitted("--success", "1") == 0
    card = checkpoint.read_card(folder)
    flips = [name for name, effect in card["directions"]["effects"].items() if effect["up"] == effect["down"] == 1]
    assert card["sliders"] == flips


@pytest.mark.parametrize(
    "name, words", [("vae-faces", "an encoder"), ("cgan-faces", "classes"), ("gan-digits", "a judge")]
)
def test_a_model_that_it_is_not_for_is_refused_in_words(folder, capsys, name, words):
    assert command.main([name]) == 1 and words in capsys.readouterr().err


def test_a_hostile_setting_is_refused_in_words(capsys):
    assert command.main(["wgan_gp-faces", "--success", "2"]) == 1
    assert "--success is 2.0: use a number from 0 to 1" in capsys.readouterr().err
