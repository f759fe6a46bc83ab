"""Principal directions and truncation against closed forms, scikit-learn and SciPy."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gen_lab.latent.principal import FACTORISATIONS, ganspace, principal, sefa, truncated
from tests.tiny import ADVERSARIAL


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def model_of(name: str):
    family, config, _ = ADVERSARIAL[name]
    torch.manual_seed(0)
    return family.Model(config).eval().requires_grad_(False)


@given(st.floats(0.05, 4), st.integers(0, 1000))
def test_truncation_is_the_transport_to_scipys_truncated_normal(threshold, seed):
    z = noise(50, seed=seed).double()
    expected = stats.truncnorm.ppf(stats.norm.cdf(z), -threshold, threshold)
    assert np.allclose(truncated(z, threshold), expected, atol=1e-6)


@given(st.floats(0, 4), st.lists(st.floats(-30, 30), min_size=2, max_size=20))
def test_truncation_keeps_within_its_bounds_and_in_order(threshold, numbers):
    found = truncated(torch.tensor(sorted(numbers)), threshold)
    assert found.isfinite().all() and found.abs().max() <= threshold + 1e-5
    assert (found.diff() >= 0).all()


def test_truncated_samples_have_the_truncated_distribution():
    found = truncated(noise(20_000), 1.0)
    assert stats.kstest(found.numpy(), stats.truncnorm(-1, 1).cdf).pvalue > 0.01


def test_truncation_ends_at_zero_and_at_the_latents_themselves():
    z = noise(3, 100).clamp(-3, 3)
    assert (truncated(z, 0) == 0).all()
    assert torch.allclose(truncated(z, 4), z, atol=0.02)


def test_sefa_finds_the_axes_that_a_matrix_was_made_of():
    axes = torch.linalg.qr(noise(5, 5)).Q.T
    stretch = torch.tensor([5.0, 3.0, 2.0, 1.0, 0.5])
    weight = torch.linalg.qr(noise(9, 5, seed=1)).Q @ torch.diag(stretch) @ axes
    found, shares = sefa(weight, 3)
    assert torch.allclose((found * axes[:3]).sum(1).abs(), torch.ones(3), atol=1e-5)
    assert torch.allclose((weight @ found.T).norm(dim=0), stretch[:3], atol=1e-5)
    assert torch.allclose(shares, stretch[:3] ** 2 / (stretch**2).sum(), atol=1e-5)
    assert (found.gather(1, found.abs().argmax(1, keepdim=True)) > 0).all()


def test_no_direction_makes_the_first_layer_answer_more_than_sefas_first():
    weight = noise(40, 12)
    others = torch.nn.functional.normalize(noise(500, 12, seed=1), dim=1)
    assert (weight @ others.T).norm(dim=0).max() < (weight @ sefa(weight, 1)[0][0]).norm()


def test_of_a_linear_layer_ganspace_finds_what_sefa_finds():
    axes = torch.linalg.qr(noise(6, 6)).Q.T
    weight = torch.linalg.qr(noise(10, 6, seed=1)).Q @ torch.diag(torch.tensor([9.0, 6, 4, 2, 1, 0.5])) @ axes
    z = noise(20_000, 6, seed=2)
    found, shares = ganspace(z, z @ weight.T + 7, 3)
    closed, expected = sefa(weight, 3)
    assert torch.allclose((found * closed).sum(1), torch.ones(3), atol=0.05)
    assert torch.allclose(found.norm(dim=1), torch.ones(3), atol=0.05)
    assert torch.allclose(shares, expected, atol=0.02)


def test_ganspace_is_a_regression_on_scikit_learns_components():
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LinearRegression

    z = noise(3000, 4)
    activations = torch.relu(z @ noise(4, 8, seed=1))
    found, _ = ganspace(z, activations, 2)
    places = PCA(2, svd_solver="full").fit_transform(activations.numpy())
    slopes = LinearRegression().fit(places / places.std(0), z.numpy()).coef_.T
    cosine = (found.numpy() * slopes).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(slopes, axis=1)
    assert np.allclose(np.abs(cosine), 1, atol=1e-3)
    assert np.allclose(np.linalg.norm(found, axis=1), np.linalg.norm(slopes, axis=1), rtol=0.01)


@pytest.mark.parametrize("method", FACTORISATIONS)
def test_the_directions_of_a_model_are_the_same_each_time(method):
    model = model_of("dcgan-bricks")
    first, shares = principal(model, method, 6)
    assert first.shape == (6, 8) and shares.shape == (6,) and first.isfinite().all()
    assert (shares.diff() <= 0).all() and 0 < shares.sum() <= 1 + 1e-6
    assert torch.equal(principal(model, method, 6)[0], first)
