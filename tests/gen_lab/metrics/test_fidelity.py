"""Precision, recall and diversity against brute force and cases that are known; labels as a judge sees them."""

import numpy as np
import pytest
import torch
from torch import nn

from gen_lab import checkpoint, data, registry
from gen_lab.checkpoint import Checkpoint
from gen_lab.metrics import adversarial as measures
from gen_lab.metrics import fidelity
from gen_lab.metrics.fidelity import halves, precision_recall, spread
from gen_lab.metrics.frechet import Lite0Features
from gen_lab.models import cgan, gan, judge
from train import evaluate


def cloud(count, centre=0.0, size=6, seed=0):
    return np.random.default_rng(seed).normal(size=(count, size)) + centre


def brute_force(real, samples, k):
    """Equations 1 and 2 of Kynkäänniemi et al. 2019, word for word."""

    def distance(a, b):
        return np.sqrt(((a - b) ** 2).sum())

    def within(point, manifold):
        for index, centre in enumerate(manifold):
            others = sorted(distance(centre, other) for i, other in enumerate(manifold) if i != index)
            if distance(point, centre) <= others[k - 1]:
                return True
        return False

    precision = np.mean([within(sample, real) for sample in samples])
    return precision, np.mean([within(picture, samples) for picture in real])


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("shift", [0.0, 0.7, 2.0])
def test_precision_and_recall_are_the_papers(shift, k, monkeypatch):
    monkeypatch.setattr(fidelity, "ROWS", 7)  # so that a matrix of distances is made in several pieces
    real, samples = cloud(30), cloud(25, shift, seed=1)
    assert precision_recall(real, samples, k) == pytest.approx(brute_force(real, samples, k))


def test_precision_and_recall_of_known_cases():
    here, there = cloud(100), cloud(100, 100.0, seed=1)
    assert precision_recall(here, here) == (1, 1)
    assert precision_recall(here, there) == (0, 0)
    both = np.concatenate([here, there])
    assert precision_recall(both, here) == (1, 0.5)  # what is drawn is good, but half of the world is missing
    assert precision_recall(here, both) == (0.5, 1)
    collapsed = np.repeat(here[:1], 100, 0)
    assert precision_recall(here, collapsed) == (1, 0.01)  # always the same picture, and a good one


def test_too_few_pictures_are_refused():
    with pytest.raises(ValueError, match="3 neighbours need more than 3 pictures: there are 10 and 3"):
        precision_recall(cloud(10), cloud(3))


def test_spread_is_the_mean_distance_of_pairs(monkeypatch):
    monkeypatch.setattr(fidelity, "ROWS", 2)
    assert spread(np.array([[0.0, 0], [3, 4], [0, 0]])) == pytest.approx((5 + 0 + 5) / 3)
    assert spread(np.ones((5, 8))) == 0


def test_a_card_compares_samples_with_real_pictures():
    reference, others = cloud(200), cloud(200, seed=1)
    found = fidelity.fidelity(0.5 * cloud(200, seed=2), reference, others)
    assert found["diversity"] == pytest.approx(0.5, abs=0.05)
    assert found["real"]["diversity"] == pytest.approx(1, abs=0.05)
    assert found["precision"] > found["real"]["precision"] - 0.05 and found["recall"] < 0.5 * found["real"]["recall"]
    assert found["fd_lite0"]["real_floor"] < found["fd_lite0"]["samples"]


def test_halves_have_no_picture_in_common():
    pictures = np.arange(31).reshape(31, 1, 1, 1).astype(np.uint8)
    one, other = halves(pictures)
    assert len(one) == len(other) == 15 and not set(one.flat) & set(other.flat)


def test_grey_pictures_are_seen_as_colour_pictures():
    features, grey = Lite0Features(), torch.rand(2, 1, 28, 28) * 2 - 1
    assert np.array_equal(features([grey]), features([grey.expand(-1, 3, -1, -1)]))


# A whole measurement, with few features


@pytest.fixture(autouse=True)
def no_features_from_other_tests():
    fidelity.features_of_halves.cache_clear()
    yield
    fidelity.features_of_halves.cache_clear()


class Corners:
    """In place of an ImageNet network: a picture as 4 x 4 pixels."""

    def __init__(self, device="cpu"):
        pass

    def __call__(self, batches):
        return np.concatenate([nn.functional.adaptive_avg_pool2d(batch, 4).flatten(1).numpy() for batch in batches])


class Obedient(nn.Module):
    """Makes grey pictures as bright as their label says, and disobeys where the latent is large."""

    classes, latent_dim = ("dark", "bright"), 2

    def __init__(self):
        super().__init__()
        self.anchor = nn.Parameter(torch.zeros(1))

    def sample(self, count, generator=None):
        return torch.randn(count, 2, generator=generator)

    def decode(self, latents, labels):
        bright = (labels[:, 1] > 0.5) ^ (latents[:, 0] > 1)
        return (torch.where(bright, 0.5, -0.5) + 0.1 * latents[:, 1])[:, None, None, None].expand(-1, 1, 28, 28)


class Meter(nn.Module):
    """Sees what is bright; `exclusive` as judges of classes are."""

    def __init__(self, names, exclusive):
        super().__init__()
        self.anchor = nn.Parameter(torch.zeros(1))
        self.config = judge.Config(names, exclusive=exclusive)

    def probabilities(self, images):
        bright = (images.mean((1, 2, 3)) > 0).float()
        return torch.stack([1 - bright, bright], 1) if self.config.exclusive else bright[:, None]


@pytest.fixture
def two_shades(monkeypatch):
    """A data set of 1,000 pictures, a quarter of them bright; a judge that sees it."""
    monkeypatch.setattr(fidelity, "Lite0Features", Corners)
    bright = np.arange(1000) % 4 == 0
    shade = np.where(bright, 191, 64) + np.random.default_rng(0).integers(-12, 13, 1000)
    images = np.broadcast_to(shade.astype(np.uint8)[:, None, None, None], (1000, 28, 28, 1))

    def served(attributes, names, exclusive):
        pictures = data.Dataset("shades", images, attributes, names, "none", "train")
        monkeypatch.setattr(data, "load", lambda name, split: pictures)
        monkeypatch.setattr(registry, "load", lambda name: Checkpoint(Meter(names, exclusive), {}, None))
        return {"data": {"name": "shades"}, "judge": "meter"}

    return bright, served


@pytest.mark.parametrize("exclusive", [True, False])
def test_label_accuracy_is_how_often_the_judge_sees_what_was_asked(two_shades, exclusive):
    bright, served = two_shades
    model = Obedient()
    if exclusive:
        card = served(np.stack([~bright, bright], 1), ("dark", "bright"), True)
    else:
        card, model.classes = served(bright[:, None], ("bright",), False), ("not bright", "bright")
    found = measures.measure(Checkpoint(model, card, None), log=lambda _: None)
    assert found["label_accuracy"] == pytest.approx(0.841, abs=0.04)  # one standard deviation, one-sided
    assert found["label_accuracy_by_class"].keys() == set(model.classes)
    assert found["judge_on_real"] == 1 and set(found["judge_on_real_by_class"].values()) == {1}
    assert found["fd_lite0"]["counts"].startswith("samples 500 and floor 500 against 500")


def test_a_judge_of_classes_says_what_a_free_generator_makes(two_shades):
    bright, served = two_shades
    card = served(np.stack([~bright, bright], 1), ("dark", "bright"), True)
    model = gan.Model(gan.Config(latent_dim=4, widths=(8,), critic_widths=(8,))).eval()
    found = measures.measure(Checkpoint(model, card, None), log=lambda _: None)
    assert sum(found["seen_as"].values()) == pytest.approx(1)
    assert found["seen_as_of_real"] == {"dark": 0.75, "bright": 0.25}
    assert "label_accuracy" not in found


@pytest.mark.parametrize("family", [gan, cgan])
def test_the_command_measures_generators_of_any_family(family, tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path))
    monkeypatch.setattr(fidelity, "Lite0Features", Corners)
    names = data.load("fake_digits", "train").attribute_names
    if family is gan:
        model = gan.Model(gan.Config(latent_dim=4, widths=(8,), critic_widths=(8,)))
    else:
        grey = {"image_size": 28, "channels": 1, "latent_dim": 4, "critic": "pixels"}
        model = cgan.Model(cgan.Config(classes=names, network="dense", widths=(8,), critic_widths=(8,), **grey))
    judging = judge.Judge(judge.Config(names, image_size=28, channels=1, widths=(8, 8), exclusive=True))
    card = {"data": {"name": "fake_digits"}, "judge": "judge-digits", "recipe": "none"}
    checkpoint.save(tmp_path / "made", model, card | {"name": "made", "family": family.__name__.rpartition(".")[2]})
    checkpoint.save(tmp_path / "judge-digits", judging, card | {"name": "judge-digits", "family": "judge"})
    evaluate.evaluate("made")
    found = checkpoint.read_card(tmp_path / "made")["metrics"]
    assert found["measured_by"] == "python -m train.evaluate made"
    assert {"fd_lite0", "precision", "recall", "diversity", "real"} <= found.keys()
    assert ("label_accuracy" in found) == (family is cgan)
