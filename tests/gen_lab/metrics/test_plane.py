"""Autoencoder and VAE of digits on a plane: sizes, losses against torch.distributions, coverage by a toy judge."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from gen_lab import data, registry
from gen_lab.checkpoint import Checkpoint
from gen_lab.images import to_float
from gen_lab.metrics import judge as judge_metrics
from gen_lab.metrics import plane
from gen_lab.models import ae, judge, vae
from tests.tiny import count_parameters
from train import judging, loop
from train.recipes import ae_digits, vae_digits

SHIPPED = Path(__file__).parents[3] / "checkpoints"
DIGITS = {"image_size": 28, "channels": 1, "latent_dim": 2}
SMALL = {"widths": (), "hidden": (16,), "components": 2}


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def grey(*shape: int, seed: int = 0) -> torch.Tensor:
    """Images in [-1, 1]."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def setup_of(recipe, settings, tmp_path):
    run = loop.Run(loop.make_fabric(), loop.dry_run(settings), tmp_path)
    recipe.setup(run, settings)
    return run.averaged["model"].requires_grad_(True)


def test_the_textbooks_sizes(tmp_path):
    model = setup_of(vae_digits, vae_digits.TEXTBOOK, tmp_path)
    assert count_parameters(model.encoder) + count_parameters(model.to_posterior) == 69_076
    assert count_parameters(model.from_latent) + count_parameters(model.decoder) == 65_089


@pytest.mark.parametrize("preset", ["TEXTBOOK", "Settings"])
def test_ae_and_vae_differ_in_the_encoders_last_outputs_only(tmp_path, preset):
    one, other = (getattr(recipe, preset) for recipe in (ae_digits, vae_digits))
    if preset == "Settings":
        one, other = one(), other()
    plain, variational = (setup_of(r, s, tmp_path) for r, s in ((ae_digits, one), (vae_digits, other)))
    shapes, others = ([tuple(p.shape) for p in model.parameters()] for model in (plain, variational))
    different = [pair for pair in zip(shapes, others, strict=True) if pair[0] != pair[1]]
    assert len(different) == 2 and all(b[0] == 2 * a[0] == 4 for a, b in different)  # weight and bias


def test_the_bernoulli_elbo_is_torch_distributions():
    logits, mean, log_var = noise(4, 1, 28, 28, seed=1), noise(4, 2, seed=2), noise(4, 2, seed=3)
    images = (grey(4, 1, 28, 28) > 0).float() * 2 - 1
    losses = vae.bernoulli_elbo(images, logits, mean, log_var, beta=3.0)
    likelihood = Independent(Bernoulli(logits=logits), 3).log_prob((images + 1) / 2)  # (4,), nats
    posterior = Independent(Normal(mean, torch.exp(0.5 * log_var)), 1)
    kl = kl_divergence(posterior, Independent(Normal(torch.zeros(2), torch.ones(2)), 1))
    assert losses["reconstruction"].item() == pytest.approx(-likelihood.mean().item(), rel=1e-5)
    assert losses["kl"].item() == pytest.approx(kl.mean().item(), rel=1e-5)
    assert losses["total"].item() == pytest.approx((3 * kl - likelihood).mean().item(), rel=1e-5)


def test_grey_values_are_the_expectation_over_binary_images():
    images, logits = grey(1, 1, 4, 4), noise(1, 1, 4, 4, seed=1)
    chance = Bernoulli(probs=(images + 1) / 2)
    torch.manual_seed(0)
    drawn = chance.sample((40_000,))[:, 0]  # (40000, 1, 4, 4)
    by_chance = -Independent(Bernoulli(logits=logits[0]), 3).log_prob(drawn).mean()
    assert vae.bernoulli_cross_entropy(images, logits).item() == pytest.approx(by_chance.item(), rel=2e-3)


def test_the_bernoulli_mean_is_the_picture():
    logits = noise(2, 1, 3, 3)
    assert torch.allclose(vae.mean_picture(logits, "bernoulli"), 2 * Bernoulli(logits=logits).mean - 1, atol=1e-6)
    assert vae.mean_picture(logits, "gaussian") is logits


def test_the_aes_loss_is_the_vaes_reconstruction():
    images, logits = grey(3, 1, 28, 28), noise(3, 1, 28, 28)
    of_vae = vae.bernoulli_elbo(images, logits, noise(3, 2), noise(3, 2))
    losses = ae.loss(images, logits)
    assert losses["total"] == losses["reconstruction"] == of_vae["reconstruction"]


def test_the_aes_code_is_a_point():
    model = ae.AE(ae.Config(**DIGITS, **SMALL)).eval()
    latents, log_var = model.encode(grey(3, 1, 28, 28))
    assert latents.shape == log_var.shape == (3, 2) and log_var.exp().max() < 1e-5
    assert torch.allclose(model(grey(3, 1, 28, 28)), model.pixel_parameters(latents), atol=1e-5)
    assert model.decode(latents * 100).abs().max() <= 1


def test_an_unknown_network_is_refused():
    with pytest.raises(ValueError, match="use stages or textbook"):
        ae.AE(ae.Config(network="os.system"))


def test_digits_are_not_mirrored(tmp_path):
    run = loop.Run(loop.make_fabric(), loop.dry_run(ae_digits.Settings()), tmp_path)
    originals = to_float(run.data.images)
    for image in next(run.batches(mirror=False))[0]:
        assert (originals == image).all((1, 2, 3)).any()


# The judge of exclusive classes


def test_exclusive_attributes_are_a_softmax():
    model = judge.Judge(judge.Config(("0", "1", "2"), 28, 1, (8, 8), exclusive=True)).eval()
    images, classes = grey(5, 1, 28, 28), torch.eye(3, dtype=bool)[[0, 2, 1, 1, 0]]
    said = model.probabilities(images)
    assert torch.allclose(said.sum(1), torch.ones(5), atol=1e-6)
    nats = -said[torch.arange(5), [0, 2, 1, 1, 0]].log().mean()
    assert judge.loss(model(images), classes, exclusive=True)["total"].item() == pytest.approx(nats.item(), rel=1e-5)


def test_a_judges_accuracy_over_classes():
    class Bright(nn.Module):
        """Says "Large_Disc" of what is bright in the middle, "Small_Square" of everything else."""

        config = judge.Config(("Small_Square", "Small_Disc", "Large_Square", "Large_Disc"), exclusive=True)

        def __init__(self):
            super().__init__()
            self.anchor = nn.Parameter(torch.zeros(1))

        def probabilities(self, images):
            return torch.eye(4)[[0] * len(images)]

    found = judge_metrics.measure(Checkpoint(Bright(), {"data": {"name": "fake_digits"}}, None))
    assert found["accuracy"] == 0.25 and found["accuracy_by_class"]["Small_Square"] == 1
    assert found["accuracy_by_class"]["Large_Disc"] == 0


def test_blends_keep_their_proportions():
    images, classes = torch.arange(6.0).view(6, 1, 1, 1).expand(6, 1, 2, 2), torch.eye(6, dtype=bool)
    mixed, shares = judging.blend(images, classes, torch.Generator().manual_seed(0))
    assert torch.equal(mixed[:4], images[:4]) and torch.equal(shares[:4], classes[:4].float())
    assert torch.allclose(shares.sum(1), torch.ones(6))
    assert torch.allclose(mixed[:, 0, 0, 0], shares @ torch.arange(6.0))  # a picture's brightness is its class
    assert not torch.allclose(shares[4:], classes[4:].float())


def test_moved_pictures_stay_pictures():
    images = grey(64, 1, 28, 28)
    moved = judging.move(images, torch.Generator().manual_seed(0))
    assert moved.shape == images.shape and moved.min() >= -1 and moved.max() <= 1
    assert not torch.allclose(moved, images, atol=0.1)


# The plane


class Painter(nn.Module):
    """A plane of which one part decodes to white, all else to black."""

    def __init__(self, is_white):
        super().__init__()
        self.anchor, self.is_white = nn.Parameter(torch.zeros(1)), is_white

    def decode(self, latents):
        return self.is_white(latents).float()[:, None, None, None].expand(-1, 1, 2, 2) * 2 - 1


class Sure(nn.Module):
    """Is sure of what is white, and as unsure as can be of what is black."""

    def __init__(self, sure: float):
        super().__init__()
        self.anchor, self.sure = nn.Parameter(torch.zeros(1)), sure

    def probabilities(self, images):
        white = images[:, :1, 0, 0] > 0
        return torch.where(white, torch.tensor([self.sure, 1 - self.sure]), torch.tensor([0.5, 0.5]))


CLOUD = noise(20_000, 2)


def test_coverage_is_the_share_of_area():
    left = Painter(lambda z: z[:, 0] < 0)
    assert plane.coverage(left, Sure(0.95), CLOUD) == pytest.approx({"box": 0.5, "ellipse": 0.5}, abs=0.02)
    assert plane.coverage(left, Sure(0.85), CLOUD) == {"box": 0, "ellipse": 0}
    assert plane.coverage(Painter(lambda z: z[:, 0] < 99), Sure(0.95), CLOUD) == {"box": 1, "ellipse": 1}
    # All corners of the box lie outside of the cloud, and none of the ellipse does.
    radius = math.sqrt(2 * math.log(100))  # 99 % of a standard normal lie within
    disc = plane.coverage(Painter(lambda z: z.norm(dim=1) < radius), Sure(0.95), CLOUD)
    assert disc["ellipse"] > 0.97 and disc["box"] > 0.9
    ring = plane.coverage(Painter(lambda z: z.norm(dim=1) >= radius * 1.03), Sure(0.95), CLOUD)
    assert ring["ellipse"] < 0.01 < ring["box"]


def test_coverage_does_not_depend_on_the_planes_scale():
    stretched = CLOUD * torch.tensor([50.0, 0.1]) + torch.tensor([7.0, -3.0])
    one = plane.coverage(Painter(lambda z: z[:, 0] < 0), Sure(0.95), CLOUD)
    other = plane.coverage(Painter(lambda z: z[:, 0] < 7), Sure(0.95), stretched)
    assert other == pytest.approx(one, abs=0.02)


def test_the_floor_is_the_entropy_of_grey():
    images = np.full((3, 28, 28, 1), 255, np.uint8)
    assert plane.floor(images) == pytest.approx(0, abs=1e-3)
    images[:, 0, 0] = 51  # a probability of 0.2
    assert plane.floor(images) == pytest.approx(-(0.2 * math.log(0.2) + 0.8 * math.log(0.8)), rel=1e-4)


def test_measured_nats_are_the_losses(tmp_path, monkeypatch):
    """On the card stands what the loss says of the whole test split, and more than the floor."""
    model = vae.VAE(vae.Config(**DIGITS, **SMALL, likelihood="bernoulli")).eval().requires_grad_(False)
    card = {"name": "vae-x", "family": "vae", "data": {"name": "fake_digits"}, "judge": ""}
    found = plane.measure(Checkpoint(model, card, None), log=lambda _: None)
    test = to_float(data.load("fake_digits", "test").images)
    mean, log_var = model.encode(test)
    losses = vae.bernoulli_elbo(test, model.pixel_parameters(mean), mean, log_var)
    assert found["reconstruction_nats_at_mean"] == pytest.approx(losses["reconstruction"].item(), rel=1e-4)
    assert found["kl_nats"] == pytest.approx(losses["kl"].item(), abs=0.01)
    assert found["elbo_nats"] == pytest.approx(-found["reconstruction_nats"] - found["kl_nats"], abs=0.02)
    assert found["floor_nats"] < found["reconstruction_nats_at_mean"] and "coverage" not in found


# What is shipped


def card_of(name: str) -> dict:
    return json.loads((SHIPPED / name / "card.json").read_text())


NAMES = [path.parent.name for path in SHIPPED.glob("*/card.json")]
PLANES = sorted(name for name in NAMES if card_of(name)["config"].get("latent_dim") == 2 and "gan" not in name)


def test_all_of_it_is_small():
    assert {"ae-digits", "vae-digits"} <= set(PLANES)
    assert sum(path.stat().st_size for name in (*PLANES, "judge-digits") for path in (SHIPPED / name).iterdir()) < 4e6


def test_the_judge_is_right_of_993_digits_in_a_thousand():
    assert card_of("judge-digits")["metrics"]["accuracy"] >= 0.993


def test_the_vae_is_as_good_as_two_numbers_allow():
    assert card_of("vae-digits")["metrics"]["elbo_nats"] > -140


@pytest.mark.parametrize("name", PLANES)
def test_a_plane_brings_ten_thousand_encoded_test_pictures(name):
    with np.load(SHIPPED / name / "atlas.npz", allow_pickle=False) as atlas:
        latents, attributes = atlas["latents"], atlas["attributes"]
    assert latents.shape == (10_000, 2) and latents.dtype == np.float16 and np.isfinite(latents).all()
    assert attributes.shape == (10_000, 10) and attributes.dtype == bool and (attributes.sum(1) == 1).all()
    assert card_of(name)["atlas"]["split"] == "test" and len(card_of(name)["atlas"]["attribute_names"]) == 10


@pytest.mark.parametrize("name", [name for name in PLANES if "digits" in name])
def test_the_judge_reads_what_the_atlas_says(name, monkeypatch):
    """At random it would be 0.1: latents, labels, decoder and judge belong together."""
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(SHIPPED))
    model, judging = (registry.load(each, device="cpu").model for each in (name, "judge-digits"))
    with np.load(SHIPPED / name / "atlas.npz", allow_pickle=False) as atlas:
        latents, classes = torch.from_numpy(atlas["latents"][:500].astype(np.float32)), atlas["attributes"][:500]
    _, said = plane.certainty(model, judging, latents)
    assert (said.numpy() == classes.argmax(1)).mean() > 0.6
