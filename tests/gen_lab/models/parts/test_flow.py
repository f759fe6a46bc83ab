"""The flow prior: what it is before it is fitted, its loss by hand, its solver against a closed form."""

import math

import pytest
import torch

from gen_lab.models.parts.flow import FlowPrior, embedding, flow_loss
from tests.tiny import count_parameters


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_an_unfitted_flow_is_standard_normal():
    flow = FlowPrior(3, 8, 1)
    assert torch.equal(flow.sample(5, seeded()), torch.randn(5, 3, generator=seeded()))


def test_samples_have_the_units_of_the_data():
    flow = FlowPrior(2, 8, 1)
    flow.mean.fill_(3)
    flow.std.fill_(0.5)
    assert torch.allclose(flow.sample(4, seeded()), 3 + 0.5 * torch.randn(4, 2, generator=seeded()))


def test_a_seed_is_a_sample():
    torch.manual_seed(0)
    flow = FlowPrior(4, 8, 2)
    torch.nn.init.normal_(flow.leave.weight)
    assert torch.equal(flow.sample(2, seeded(5)), flow.sample(2, seeded(5)))
    assert not torch.equal(flow.sample(2, seeded(5)), flow.sample(2, seeded(6)))


def test_the_loss_of_no_velocity_is_the_mean_squared_length_of_the_lines():
    flow, (noise, data) = FlowPrior(3, 8, 1), torch.randn(2, 6, 3, generator=seeded())
    assert flow_loss(flow, noise, data, torch.rand(6)).item() == pytest.approx((data - noise).square().mean().item())


def test_the_velocity_is_asked_for_on_the_line(monkeypatch):
    flow, points = FlowPrior(1, 8, 1), []
    monkeypatch.setattr(flow, "velocity", lambda x, t: points.append(x) or torch.zeros_like(x))
    flow_loss(flow, torch.tensor([[2.0]]), torch.tensor([[6.0]]), torch.tensor([0.25]))
    assert points[0].item() == 3  # 0.75 * 2 + 0.25 * 6


def test_the_solver_follows_the_velocity_that_leads_to_a_gaussian(monkeypatch):
    # From N(0, 1) to N(0, s^2): v(x, t) = x (t s^2 - (1 - t)) / ((1 - t)^2 + t^2 s^2), which takes x to s x.
    flow, s = FlowPrior(2, 8, 1), 0.5

    def velocity(x, t):
        t = t[:, None]
        return x * (t * s**2 - (1 - t)) / ((1 - t) ** 2 + (t * s) ** 2)

    monkeypatch.setattr(flow, "velocity", velocity)
    ends = s * torch.randn(50, 2, generator=seeded())
    assert torch.allclose(flow.sample(50, seeded()), ends, atol=0.02)
    errors = [(flow.sample(50, seeded(), steps) - ends).abs().mean() for steps in (8, 16, 32)]
    assert errors[0] / errors[1] > 3 and errors[1] / errors[2] > 3  # of second order: about 4


def test_times_are_told_apart():
    times = embedding(torch.linspace(0, 1, 200))
    assert times.shape == (200, 64) and times.abs().max() <= 1
    assert torch.cdist(times, times).fill_diagonal_(math.inf).min() > 0.05


def test_beside_vae_faces_it_takes_less_than_three_megabytes():
    assert count_parameters(FlowPrior(128, 512, 4)) * 2 < 3e6  # float16
