"""Precision, recall and diversity against brute force and cases that are known; labels as a judge sees them."""

import numpy as np
import pytest
import torch
from torch import nn

from gen_lab import checkpoint, data, registry
from gen_lab.checkpoint import Checkpoint
from gen_lab.metrics import adversarial as measures
from gen_lab.metrics import fidelity
from gen_lab.metrics import vae as vae_measures
from gen_lab.metrics.fidelity import density_coverage, halves, precision_recall, spread
from gen_lab.metrics.frechet import CPU_ROWS, JudgeFeatures, Lite0Features
from gen_lab.models import cgan, gan, judge, vae
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


def brute_force_density_coverage(real, samples, k):
    """Equations 3 and 4 of Naeem et al. 2020, word for word."""
    between = np.sqrt(((real[:, None] - samples) ** 2).sum(-1))
    among = np.sqrt(((real[:, None] - real) ** 2).sum(-1))
    within = between <= np.sort(among, 1)[:, k : k + 1]  # the nearest is the picture itself
    return within.sum() / (k * len(samples)), within.any(1).mean()


@pytest.mark.parametrize("shift", [0.0, 0.7, 2.0])
def test_density_and_coverage_are_the_papers(shift, monkeypatch):
    monkeypatch.setattr(fidelity, "ROWS", 7)
    real, samples = cloud(30), cloud(25, shift, seed=1)
    assert density_coverage(real, samples, 5) == pytest.approx(brute_force_density_coverage(real, samples, 5))


def test_density_and_coverage_of_known_cases():
    here, there = cloud(100), cloud(100, 100.0, seed=1)
    assert density_coverage(here, there) == (0, 0)
    assert density_coverage(np.concatenate([here, there]), here)[1] == 0.5  # half of the world is missing
    density, coverage = density_coverage(here, np.zeros((100, 6)))  # always the same, in the midst of the real ones
    assert density > 1 and coverage < 0.5


def test_too_few_pictures_are_refused():
    for figure, k in ((precision_recall, 3), (density_coverage, 5)):
        with pytest.raises(ValueError, match=f"{k} neighbours need more than {k} pictures: there are 10 and {k}"):
            figure(cloud(10), cloud(k))


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


def exact(mean: float, scale: float) -> np.ndarray:
    """Four hundred features (N, 6) whose mean and covariance are exactly `mean` and `scale` squared."""
    raw = cloud(400) - cloud(400).mean(0)
    return scale * raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T))).T + mean


@pytest.mark.parametrize(("mean", "scale", "distance"), [(1, 1, 6), (0, 3, 24), (0.5, 2, 7.5)])
def test_fd_judge_is_the_closed_form_for_shifted_and_stretched_features(mean, scale, distance, meter_card):
    found = fidelity.fidelity_by_judge(exact(mean, scale), exact(0, 1), exact(0, 1), "meter")
    assert found["fd_judge"]["samples"] == pytest.approx(distance)  # 6 (mean^2 + (scale - 1)^2)
    assert found["fd_judge"]["real_floor"] == pytest.approx(0, abs=1e-8)
    assert found["judge_features"]["judge_sha256"] == "f00"


@pytest.fixture
def meter_card(monkeypatch):
    monkeypatch.setattr(checkpoint, "read_card", lambda folder: {"sha256": "f00"})


def test_halves_have_no_picture_in_common():
    pictures = np.arange(31).reshape(31, 1, 1, 1).astype(np.uint8)
    one, other = halves(pictures)
    assert len(one) == len(other) == 15 and not set(one.flat) & set(other.flat)


def test_grey_pictures_are_seen_as_colour_pictures():
    features, grey = Lite0Features(), torch.rand(2, 1, 28, 28) * 2 - 1
    assert np.array_equal(features([grey]), features([grey.expand(-1, 3, -1, -1)]))


def test_a_large_batch_has_the_features_of_its_parts():
    features, images = Lite0Features(), torch.rand(CPU_ROWS + 3, 3, 32, 32) * 2 - 1
    assert np.allclose(features([images]), np.concatenate([features([image]) for image in images.split(1)]), atol=1e-3)


def test_a_judges_features_are_the_input_of_its_last_layer():
    judging = judge.Judge(judge.Config(("a", "b"), widths=(8, 16))).eval()
    images = torch.rand(3, 3, 64, 64) * 2 - 1
    features = JudgeFeatures(judging)([images[:2], images[2:]])
    assert features.shape == (3, 16)
    assert np.allclose(judging.head(torch.from_numpy(features)).detach(), judging(images).detach(), atol=1e-5)


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

    def features(self, images):
        return torch.nn.functional.adaptive_avg_pool2d(images, 2).flatten(1)

    def probabilities(self, images):
        bright = (images.mean((1, 2, 3)) > 0).float()
        return torch.stack([1 - bright, bright], 1) if self.config.exclusive else bright[:, None]


@pytest.fixture
def two_shades(monkeypatch, meter_card):
    """A data set of 1,000 pictures, a quarter of them bright; a judge that sees it."""
    monkeypatch.setattr(fidelity, "Lite0Features", Corners)
    bright = np.arange(1000) % 4 == 0
    shade = np.where(bright, 191, 64) + np.random.default_rng(0).integers(-12, 13, 1000)
    images = np.broadcast_to(shade.astype(np.uint8)[:, None, None, None], (1000, 28, 28, 1))

    def served(attributes, names, exclusive):
        pictures = data.Dataset("shades", images, attributes, names, "none", "train")
        monkeypatch.setattr(data, "load", lambda name, split: pictures)
        monkeypatch.setattr(registry, "load", lambda name, device=None: Checkpoint(Meter(names, exclusive), {}, None))
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
    for distance in ("fd_judge", "fd_lite0"):
        assert found[distance]["counts"].startswith("samples 500 and floor 500 against 500")
    assert 0 <= found["judge_features"]["coverage"] <= found["judge_features"]["real"]["coverage"] <= 1


def test_without_a_judge_there_is_no_fd_judge(two_shades):
    _, served = two_shades
    card = served(np.zeros((1000, 0), bool), (), False) | {"judge": ""}
    model = gan.Model(gan.Config(latent_dim=4, widths=(8,), critic_widths=(8,))).eval()
    found = measures.measure(Checkpoint(model, card, None), log=lambda _: None)
    assert "fd_lite0" in found and not {"fd_judge", "judge_features"} & found.keys()


@pytest.mark.parametrize("judge_name", ["meter", ""])
def test_a_vaes_reconstructions_are_measured_in_the_features_of_both_networks(two_shades, monkeypatch, judge_name):
    bright, served = two_shades
    card = served(bright[:, None], ("bright",), False) | {"judge": judge_name}
    for name, value in {"COUNT": 200, "inception_fid": lambda *_: None}.items():
        monkeypatch.setattr(vae_measures, name, value)
    model = vae.Model(vae.Config(image_size=28, channels=1, latent_dim=3, widths=(), hidden=(8,))).eval()
    found = vae_measures.measure(Checkpoint(model, card, None), log=lambda _: None)
    measured = [found[distance] for distance in ("fd_judge", "fd_lite0") if distance in found]
    assert len(measured) == (2 if judge_name else 1)
    for distance in measured:
        assert distance["reconstructions"] > distance["reconstructions_floor"] >= 0
        assert "reconstructions of 200 test images" in distance["counts"]


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
    assert {"fd_judge", "judge_features", "fd_lite0", "precision", "recall", "diversity", "real"} <= found.keys()
    assert ("label_accuracy" in found) == (family is cgan)
