"""The VAE's mathematics against torch.distributions and hand computation."""

import math
from dataclasses import replace

import pytest
import torch
from torch.distributions import Independent, Normal, kl_divergence

from gen_lab.models import vae
from gen_lab.models.parts.flow import FlowPrior
from gen_lab.models.vae import MixturePrior
from tests.tiny import count_parameters

SMALL = vae.Config(image_size=16, latent_dim=6, widths=(8, 16), components=2)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_kl_is_torch_distributions_kl():
    mean, log_var = noise(5, 7), noise(5, 7, seed=1)
    reference = kl_divergence(Normal(mean, torch.exp(0.5 * log_var)), Normal(0.0, 1.0))
    assert torch.allclose(vae.kl_divergence(mean, log_var), reference, atol=1e-6)


def test_kl_of_the_prior_is_zero_and_by_hand():
    assert vae.kl_divergence(torch.zeros(1, 3), torch.zeros(1, 3)).sum() == 0
    # mean 1, variance e: (1 + e - 1 - 1) / 2
    by_hand = (math.e - 1) / 2
    assert vae.kl_divergence(torch.ones(1, 1), torch.ones(1, 1)).item() == pytest.approx(by_hand, abs=1e-6)


def test_reparameterisation_carries_gradients():
    mean, log_var = torch.zeros(1, requires_grad=True), torch.full((1,), 2.0, requires_grad=True)
    epsilon = torch.tensor([3.0])
    vae.reparameterise(mean, log_var, epsilon).backward()
    assert mean.grad.item() == 1  # dz / dmean
    assert log_var.grad.item() == pytest.approx(0.5 * 3 * math.exp(1))  # dz / dlog_var = eps sigma / 2


def test_elbo_sums_over_pixels_and_averages_over_the_batch():
    images, reconstruction = noise(4, 3, 8, 8), noise(4, 3, 8, 8, seed=1)
    mean, log_var = noise(4, 6, seed=2), noise(4, 6, seed=3)
    losses = vae.elbo(images, reconstruction, mean, log_var, variance=0.1, beta=2.0)
    likelihood = Independent(Normal(reconstruction, math.sqrt(0.1)), 3).log_prob(images)  # (4,), nats
    posterior = Independent(Normal(mean, torch.exp(0.5 * log_var)), 1)
    kl = kl_divergence(posterior, Independent(Normal(torch.zeros(6), torch.ones(6)), 1))
    assert losses["reconstruction"].item() == pytest.approx(-likelihood.mean().item(), rel=1e-5)
    assert losses["kl"].item() == pytest.approx(kl.mean().item(), rel=1e-5)
    assert losses["total"].item() == pytest.approx((2 * kl - likelihood).mean().item(), rel=1e-5)


def test_posterior_is_exposed_and_decoding_has_the_pictures_shape():
    model = vae.VAE(SMALL).eval()
    mean, log_var = model.encode(noise(3, 3, 16, 16).clamp(-1, 1))
    assert mean.shape == log_var.shape == (3, model.latent_dim)
    assert model.decode(mean).shape == (3, *model.image_shape)


def test_the_textbook_has_three_million_parameters():
    textbook = vae.VAE(vae.Config(widths=(32, 64, 128, 256), residual=False))
    assert 2.8e6 < count_parameters(textbook) < 3.2e6


def test_forward_with_no_noise_decodes_the_mean():
    model = vae.VAE(SMALL).eval()
    images = noise(2, 3, 16, 16)
    reconstruction, mean, _ = model(images, torch.zeros(2, 6))
    assert torch.allclose(reconstruction, model.decode(mean), atol=1e-5)


def test_an_unfitted_prior_is_standard_normal():
    draws = MixturePrior(3, 4).sample(20_000, torch.Generator().manual_seed(0))
    assert torch.allclose(draws.mean(0), torch.zeros(4), atol=0.05)
    assert torch.allclose(torch.cov(draws.T), torch.eye(4), atol=0.05)


def test_a_fitted_prior_has_the_moments_of_the_aggregate_posterior():
    means = torch.cat([noise(1500, 3) * 0.3 + 2, noise(1500, 3, seed=1) * 0.3 - 2])
    log_vars = torch.full_like(means, math.log(0.04))
    prior = MixturePrior(2, 3)
    prior.fit(means, log_vars)
    draws = prior.sample(20_000, torch.Generator().manual_seed(0))
    # the covariance of q(z) is that of the means plus the mean of the posteriors' variances
    assert torch.allclose(torch.cov(draws.T), torch.cov(means.T) + 0.04 * torch.eye(3), atol=0.1)
    assert (draws.mean(1).abs() > 0.5).all()  # two islands, and nothing between them


def test_a_seed_is_a_sample():
    prior = MixturePrior(3, 4)
    one, two = (prior.sample(2, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(one, two)
    assert not torch.equal(one, prior.sample(2, torch.Generator().manual_seed(6)))


def test_a_config_without_a_prior_has_a_mixture():
    assert isinstance(vae.VAE(vae.Config(latent_dim=6, widths=(8, 16))).prior, MixturePrior)


def test_a_flow_is_of_the_size_that_the_config_says():
    model = vae.VAE(replace(SMALL, prior="flow", flow_width=16, flow_blocks=3))
    assert isinstance(model.prior, FlowPrior) and len(model.prior.blocks) == 3
    assert model.sample(2).shape == (2, 6)


def test_another_prior_changes_the_config():
    model = vae.VAE(SMALL)
    model.use(FlowPrior(6, 16, 3))
    assert model.config == replace(SMALL, prior="flow", flow_width=16, flow_blocks=3)
    model.use(MixturePrior(2, 6))
    assert replace(model.config, flow_width=SMALL.flow_width, flow_blocks=SMALL.flow_blocks) == SMALL
