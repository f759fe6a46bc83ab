"""Paths against closed forms and properties."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_lab.latent import along, constant_speed, lerp, slerp


def vectors(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


seeds = st.integers(0, 10_000)
settings.register_profile("quick", deadline=None, max_examples=50)
settings.load_profile("quick")


def test_lerp_by_hand():
    assert lerp(torch.tensor([0.0, 2.0]), torch.tensor([4.0, 0.0]), 0.25).tolist() == [1.0, 1.5]


def test_lerp_takes_many_steps_at_once():
    a, b = vectors(0, 8), vectors(1, 8)
    path = lerp(a, b, torch.tensor([0.0, 0.5, 1.0]))
    assert torch.allclose(path, torch.stack([a, (a + b) / 2, b]))


def test_slerp_halfway_between_axes():
    half = slerp(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), 0.5)
    assert torch.allclose(half, torch.tensor([math.sqrt(0.5), math.sqrt(0.5)]))


@given(seeds, st.floats(0, 1))
def test_slerp_on_the_sphere_stays_there_at_constant_speed(seed, t):
    a, b = torch.nn.functional.normalize(vectors(seed, 2, 16).double(), dim=1)
    point = slerp(a, b, t)
    assert point.norm().item() == pytest.approx(1, abs=1e-6)
    assert torch.acos((a @ point).clamp(-1, 1)).item() == pytest.approx(t * torch.acos(a @ b).item(), abs=1e-4)


@given(seeds)
def test_slerp_begins_at_a_and_ends_at_b(seed):
    a, b = vectors(seed, 2, 16)
    assert torch.allclose(slerp(a, b, 0), a, atol=1e-5) and torch.allclose(slerp(a, b, 1), b, atol=1e-5)


@pytest.mark.parametrize("a, b", [([1.0, 0.0], [2.0, 0.0]), ([1.0, 0.0], [-1.0, 0.0]), ([0.0, 0.0], [1.0, 1.0])])
def test_slerp_without_a_unique_arc_is_lerp(a, b):
    a, b = torch.tensor(a), torch.tensor(b)
    assert torch.allclose(slerp(a, b, 0.3), lerp(a, b, 0.3))


@given(seeds, st.integers(2, 8), st.sampled_from([lerp, slerp]))
def test_a_path_passes_through_its_keyframes_and_is_continuous(seed, count, between):
    keyframes = vectors(seed, count, 16)
    assert torch.allclose(along(keyframes, torch.linspace(0, 1, count), between), keyframes, atol=1e-4)
    path = along(keyframes, torch.linspace(0, 1, 400), between)
    longest = math.pi * keyframes.norm(dim=1).max().item() * (count - 1)  # the way of the longest arcs
    assert path.diff(dim=0).norm(dim=1).max().item() <= longest / 399 * 1.5


@given(seeds, st.floats(0, 1))
def test_a_path_of_two_is_what_leads_from_one_to_the_other(seed, t):
    keyframes = vectors(seed, 2, 16)
    for between in (lerp, slerp):
        assert torch.allclose(along(keyframes, t, between), between(*keyframes, t), atol=1e-5)


@given(seeds, st.floats(0, 1))
def test_lerp_and_slerp_run_backwards_too(seed, t):
    a, b = vectors(seed, 2, 16).double()
    for between in (lerp, slerp):
        assert torch.allclose(between(a, b, t), between(b, a, 1 - t), atol=1e-5)


@given(seeds, st.floats(0, 1))
def test_the_arcs_length_goes_evenly_and_the_lines_does_not(seed, t):
    a, b = vectors(seed, 2, 16)
    b = b - b @ a / (a @ a) * a  # a right angle, where the two differ most
    assert slerp(a, b, t).norm().item() == pytest.approx(((1 - t) * a.norm() + t * b.norm()).item(), rel=1e-3)
    b = b / b.norm() * a.norm()
    assert lerp(a, b, 0.5).norm().item() == pytest.approx(a.norm().item() / math.sqrt(2), rel=1e-4)


lengths = st.lists(st.floats(0, 100, width=32), min_size=1, max_size=40)


@given(lengths, st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_constant_speed_is_monotone_and_keeps_the_ends(steps, t):
    places = constant_speed(torch.tensor(steps), torch.tensor(sorted(t)))
    assert (places.diff() >= -1e-6).all() and (places >= 0).all() and (places <= 1).all()
    ends = constant_speed(torch.tensor([1.0, *steps, 1.0]), torch.tensor([0.0, 1.0]))
    assert ends.tolist() == [0, 1]


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=40), st.floats(0, 1))
def test_constant_speed_leads_to_that_share_of_the_way(steps, t):
    travelled = np.concatenate([[0], np.cumsum(steps)])
    place = constant_speed(torch.tensor(steps), t).item()
    way = np.interp(place, np.linspace(0, 1, len(travelled)), travelled)
    assert way / travelled[-1] == pytest.approx(t, abs=1e-3)


def test_constant_speed_by_hand():
    t = torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0])
    assert torch.allclose(constant_speed(torch.tensor([3.0, 1.0]), t), torch.tensor([0, 1 / 6, 1 / 3, 0.5, 1]))
    assert torch.equal(constant_speed(torch.zeros(4), t), t)
