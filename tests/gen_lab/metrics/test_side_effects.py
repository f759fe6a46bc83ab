"""What sliders move besides, on a model and a judge of which everything is known."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from gen_lab.checkpoint import Checkpoint
from gen_lab.data import celeba, fake
from gen_lab.latent import ESTIMATORS, Directions
from gen_lab.latent.learned import LearnedSliders
from gen_lab.metrics import side_effects

LINES = torch.tensor([[0.2, 0.1], [0.0, 0.2]])  # the first moves the other half, too
LOGIT = 5.0  # per unit of brightness


class Halves(nn.Module):
    """Two numbers are the brightness of a picture's left and right half."""

    def __init__(self):
        super().__init__()
        self.nothing = nn.Parameter(torch.zeros(1))

    def decode(self, latents):
        return latents.repeat_interleave(4, 1)[:, None, None].expand(-1, 3, 8, -1)


class Eye(nn.Module):
    """Sees the brightness of either half."""

    config = SimpleNamespace(attribute_names=("Left", "Right"))

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(2, 2, bias=False)
        self.head.weight.data = LOGIT * torch.eye(2)

    def features(self, images):
        return images.unflatten(3, (2, 4)).mean((1, 2, 4))


@pytest.fixture
def measure(monkeypatch):
    left = np.arange(8) < 4
    monkeypatch.setattr(fake, "region", lambda name, size: np.tile(left == (name == "Left"), (8, 1)), raising=False)
    lengths = LINES.norm(dim=1)
    directions = Directions(
        ("Left", "Right"), dict.fromkeys(ESTIMATORS, LINES / lengths[:, None]), dict.fromkeys(ESTIMATORS, lengths),
        torch.zeros(2), torch.eye(2), torch.zeros(2, 2),
    )  # fmt: skip
    card = {"sliders": ["Left", "Right"], "data": {"name": "fake"}}
    encoded = torch.tensor([[-0.4, 0.0], [0.4, 0.0]]).repeat(5, 1) + torch.tensor([0, 0.1])

    def run(learned: LearnedSliders | None = None) -> dict:
        return side_effects.measure(
            Checkpoint(Halves(), card, directions), Eye().eval(), learned, encoded, lambda _: None
        )

    return run


def test_a_line_that_drags_something_along_is_measured_where_the_pictures_have_flipped(measure):
    figures = measure()["curves"]["mean difference"]["Left"]
    assert figures["flipped"] == [0, 0, 0, pytest.approx(0, abs=1), 1, 1]  # at 2 units all are on the edge
    where = figures["at"]
    other = torch.sigmoid(LOGIT * (0.1 + torch.tensor([1.0, -1]) * 0.1 * where["units"])) - torch.sigmoid(
        torch.tensor(LOGIT * 0.1)
    )
    assert where["others"] == pytest.approx(float(other.abs().mean()), abs=0.02)
    assert where["most"] == ["Right", where["others"]]
    assert where["pixels"] == pytest.approx(0.1 * where["units"], abs=0.01)
    assert 1.9 < where["units"] < 2.5


def test_a_slider_that_is_turned_around_never_flips_and_falls_at_every_step(measure):
    backwards = LearnedSliders(("Left", "Right"), -LINES, width=4)
    figures = measure(backwards)["curves"]["learned"]["Left"]
    assert figures["at"] is None and set(figures["flipped"]) == {0.0} and figures["falls"] == 1.0


def test_a_learned_slider_that_moves_one_thing_has_no_side_effects(measure):
    alone = LearnedSliders(("Left", "Right"), LINES * torch.eye(2), width=4)
    where = measure(alone)["curves"]["learned"]["Left"]["at"]
    assert where["others"] == 0 and where["pixels"] == 0 and where["identity"] > 0


def test_an_attribute_that_all_pictures_have_is_left_out(measure):
    assert set(measure()["curves"]["mean difference"]) == {"Left"}  # the right half is bright in all


def test_the_place_of_a_curve_lies_between_two_of_its_points():
    series = {"flipped": np.array([0.0, 0.9, 1.0, 1, 1, 1]), "others": np.array([0.0, 0.1, 0.3, 0, 0, 0])}
    place = side_effects.where_flipped(series, np.stack([series["others"], 2 * series["others"]], 1), ["A", "B"])
    assert place == {"units": 1.25, "others": 0.2, "most": ["B", 0.4]}


def test_what_belongs_to_a_concept_is_not_watched():
    card = {"data": {"name": "celeba"}, "settings": {"exclusive": ["Black_Hair+Blond_Hair"]}}
    names = ("Smiling", "Mouth_Slightly_Open", "Blond_Hair", "Black_Hair")
    rows = side_effects.watched(card, names[:3], names).tolist()
    assert rows == [[False, False, True, True], [True, False, True, True], [True, True, False, False]]


@pytest.mark.parametrize("names", [("Smiling", "Blond_Hair"), ("Smiling", "Eyeglasses"), ("No_Beard", "Eyeglasses")])
def test_regions_of_faces_do_not_meet(names):
    one, other = (celeba.region(name) for name in names)
    assert one.any() and other.any() and not (one & other).any()


def test_an_attribute_without_a_place_is_everywhere():
    assert celeba.region("Male").all()
