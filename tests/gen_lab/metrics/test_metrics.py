"""Metrics against closed forms, and on models whose answer is known."""

import numpy as np
import pytest
import torch
from torch import nn

from gen_lab import data
from gen_lab.checkpoint import Checkpoint
from gen_lab.data import celeba
from gen_lab.latent import Directions
from gen_lab.metrics import judge as judge_metrics
from gen_lab.metrics.frechet import frechet_distance
from gen_lab.metrics.perceptual import PerceptualDistance
from gen_lab.metrics.vae import active_units, change_elsewhere, slider_efficacy, squared_error
from gen_lab.models import judge


def exact_gaussian(mean, factor, count: int = 60) -> np.ndarray:
    """Features whose sample mean and covariance are exactly mean and factor factor^T."""
    raw = np.random.default_rng(0).normal(size=(count, len(mean)))
    raw -= raw.mean(0)
    whitened = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T))).T
    return whitened @ np.asarray(factor).T + mean


def test_frechet_of_two_gaussians_is_the_closed_form():
    """Diagonal covariances: |m1 - m2|^2 + sum (s1 - s2)^2."""
    a = exact_gaussian(np.array([0.0, 1, 2]), np.diag([1.0, 2, 3]))
    b = exact_gaussian(np.array([1.0, 1, 0]), np.diag([2.0, 2, 1]))
    assert frechet_distance(a, b) == pytest.approx(5 + 5, abs=1e-8)


def test_frechet_is_the_matrix_root_formula():
    from scipy.linalg import sqrtm

    random = np.random.default_rng(1)
    a, b = random.normal(size=(200, 8)) @ random.normal(size=(8, 8)), random.normal(size=(300, 8)) + 0.5
    root = np.real(sqrtm(np.cov(a.T) @ np.cov(b.T)))
    formula = np.square(a.mean(0) - b.mean(0)).sum() + np.trace(np.cov(a.T) + np.cov(b.T) - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(formula, rel=1e-8)


def test_frechet_with_fewer_pictures_than_features():
    few = np.random.default_rng(2).normal(size=(20, 50))
    assert frechet_distance(few, few) == pytest.approx(0, abs=1e-8)
    assert frechet_distance(few, few + 1) == pytest.approx(50, abs=1e-8)


def test_active_units_counts_what_varies():
    means = torch.randn(500, 4) * torch.tensor([1.0, 0.2, 0.05, 0.0])
    assert active_units(means) == 2  # variances 1, 0.04, 0.0025, 0


def test_squared_error_is_in_units_of_the_library():
    black, white = np.zeros((2, 4, 4, 3), np.uint8), np.full((2, 4, 4, 3), 255, np.uint8)
    assert squared_error(black, white) == pytest.approx(4)  # -1 to 1


@pytest.mark.slow
def test_perceptual_distance_is_zero_for_the_same_picture_and_grows_with_blur():
    distance = PerceptualDistance()
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    soft, softer = (nn.functional.avg_pool2d(images, k, 1, k // 2) for k in (3, 7))
    assert distance(images, images).abs().max() < 1e-6
    assert (distance(images, soft) < distance(images, softer)).all()
    images.requires_grad_()
    distance(images, soft).sum().backward()
    assert images.grad.abs().sum() > 0


def test_a_judge_that_knows_nothing_scores_like_guessing():
    config = judge.Config(data.load("fake", "test").attribute_names)
    model = judge.Judge(config).eval()
    with torch.no_grad():
        model.head.weight.zero_()
        model.head.bias.fill_(-1)
    metrics = judge_metrics.measure(Checkpoint(model, {"data": {"name": "fake"}}, None))
    assert metrics["mean_accuracy"] == metrics["mean_guessing"] == 0.5
    assert metrics["attributes"]["Disc"]["roc_auc"] == 0.5


class Painter(nn.Module):
    """Latent (B, 2) to the brightness of the upper and the lower half of a picture."""

    def __init__(self):
        super().__init__()
        self.anchor = nn.Parameter(torch.zeros(1))

    def decode(self, latents):
        return latents.clamp(-1, 1)[:, None, :, None].expand(-1, 1, 2, 4)


class Reader(nn.Module):
    """Sees "Top" in a bright upper half, "Bottom" in a bright lower half."""

    config = judge.Config(("Top", "Bottom"))

    def __init__(self):
        super().__init__()
        self.anchor = nn.Parameter(torch.zeros(1))

    def probabilities(self, images):
        return (images[:, 0, [0, 1], 0] > 0).float()


def test_efficacy_of_sliders_that_work_and_of_one_that_drags_another_along():
    latents = torch.randn(400, 2, generator=torch.Generator().manual_seed(0)) * 0.3
    directions = Directions.fit(latents, latents > 0, ("Top", "Bottom"))
    card = {"sliders": ["Top", "Bottom"]}

    def measured(directions):
        painter = Checkpoint(Painter(), card, directions)
        return slider_efficacy(painter, Reader(), latents * 0.5, latents, log=lambda _: None)

    found = measured(directions)
    clean = found["mean difference, others locked"]["encoded"]
    assert clean["Top"]["success"] == clean["Bottom"]["success"] == 1
    assert clean["Top"]["moves"]["Bottom"] < 0.15 < clean["Top"]["moves"]["Top"]

    entangled = torch.stack([latents[:, 0] > 0, latents[:, 0] + latents[:, 1] > 0], 1)
    found = measured(Directions.fit(latents, entangled, ("Top", "Bottom")))
    assert found["mean difference"]["encoded"]["Bottom"]["worst_side_effect"][0] == "Top"
    assert found["mean difference"]["encoded"]["Bottom"]["worst_side_effect"][1] > 0.3


class Spot(nn.Module):
    """Latent (B, 2): the first number brightens the mouth, the second everything."""

    def __init__(self):
        super().__init__()
        self.anchor = nn.Parameter(torch.zeros(1))

    def decode(self, latents):
        mouth = torch.from_numpy(celeba.region("Smiling")).float()
        brightness = latents[:, :1, None] * mouth + latents[:, 1:, None]
        return brightness.clamp(-1, 1)[:, None].expand(-1, 3, 64, 64)


def test_change_elsewhere_is_of_what_the_name_does_not_speak_of():
    latents = torch.randn(200, 2, generator=torch.Generator().manual_seed(0)) * 0.1
    directions = Directions.fit(latents, latents > 0, ("Smiling", "Blond_Hair"))
    found = change_elsewhere(Checkpoint(Spot(), {}, directions), torch.zeros(5, 2))
    assert found["Smiling"] < 0.03  # the mean difference of the sample is not exactly along its axis
    assert found["Blond_Hair"] == pytest.approx(2 * directions["Blond_Hair"][1].item(), rel=0.1)
