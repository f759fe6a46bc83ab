"""Layouts: PCA, what cannot be laid out, the way to map coordinates and back, places between points, lassos,
progress."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gen_lab.latent.layouts import Degenerate, Plane, at_place, check, inside, pca, share, some

layouts_of_points = st.integers(2, 20).flatmap(
    lambda n: st.lists(st.tuples(*[st.floats(-1e3, 1e3, width=32)] * 2), min_size=n, max_size=n)
)


@given(layouts_of_points)
def test_a_plane_is_the_unit_square_and_leads_back(points):
    layout = np.array(points, np.float32)
    plane = Plane.of(layout)
    assert plane.positions.min() >= -1e-6 and plane.positions.max() <= 1 + 1e-6
    back = np.stack([plane.back(torch.from_numpy(place)) for place in plane.positions])
    assert np.allclose(back, layout, atol=1e-2)


def test_upwards_stays_upwards():
    assert Plane.of(np.array([[0.0, 0.0], [0.0, 2.0]])).positions.tolist() == [[0.5, 1.0], [0.5, 0.0]]


def test_what_lies_at_a_place():
    positions = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    latents = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert torch.allclose(at_place(torch.tensor([0.5, 0.3]), positions, latents), torch.tensor([0.5, 0.5]))
    # a quarter of the way: the weights are 1 / 0.25 ** 2 = 16 and 1 / 0.75 ** 2 = 16 / 9
    assert torch.allclose(at_place(torch.tensor([0.25, 0.0]), positions, latents), torch.tensor([0.9, 0.1]))
    assert torch.allclose(at_place(positions[1], positions, latents), latents[1], atol=1e-5)


@given(st.integers(0, 99))
def test_a_place_is_a_blend_of_its_neighbours(seed):
    generator = torch.Generator().manual_seed(seed)
    positions, latents = torch.rand(30, 2, generator=generator), torch.randn(30, 3, generator=generator)
    found = at_place(torch.rand(2, generator=generator), positions, latents)
    assert (found >= latents.min(0).values - 1e-5).all() and (found <= latents.max(0).values + 1e-5).all()


def test_who_is_inside_a_lasso():
    positions = np.array([[0.5, 0.5], [0.05, 0.5], [0.5, 0.95], [2.0, 0.5]], np.float32)
    assert inside(positions, [0.1, 0.1, 0.9, 0.1, 0.9, 0.9, 0.1, 0.9]).tolist() == [True, False, False, False]
    hollow = [0, 0, 1, 0, 1, 1, 0.9, 1, 0.9, 0.1, 0.1, 0.1, 0.1, 1, 0, 1]  # a U turned over
    assert inside(positions, hollow).tolist() == [False, True, False, False]
    assert not inside(positions, []).any()


@given(st.integers(0, 99), st.floats(0.05, 0.45))
def test_a_round_lasso_holds_what_is_near_its_centre(seed, radius):
    positions, corners = np.random.default_rng(seed).random((200, 2)).astype(np.float32), 24
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    lasso = np.stack([0.5 + radius * np.cos(angles), 0.5 + radius * np.sin(angles)], 1).ravel().tolist()
    away = np.hypot(*(positions - 0.5).T)
    is_inside, inner = inside(positions, lasso), radius * np.cos(np.pi / corners)
    assert is_inside[away < inner - 1e-6].all() and not is_inside[away > radius + 1e-6].any()


def test_some_are_the_same_every_time():
    rows = some(100, 10)
    assert len(set(rows.tolist())) == 10 and np.array_equal(rows, some(100, 10)) and (np.diff(rows) > 0).all()
    assert some(5, 10).tolist() == [0, 1, 2, 3, 4]


def test_pca_is_the_projection_on_the_widest_directions():
    latents = np.random.default_rng(0).normal(size=(200, 6)).astype(np.float32) * [1, 5, 1, 3, 1, 1]
    found = pca(latents, 1, 2)
    _, singular, directions = np.linalg.svd(latents - latents.mean(0), full_matrices=False)
    expected = (latents - latents.mean(0)) @ directions[:2].T
    assert np.allclose(np.abs(found), np.abs(expected), atol=1e-3)
    assert np.allclose(pca(latents, 2, 1), found[:, ::-1], atol=1e-4)
    with pytest.raises(ValueError, match="no component 7"):
        pca(latents, 1, 7)


def test_pca_of_equal_points_is_one_place():
    assert pca(np.ones((500, 8), np.float32)).tolist() == [[0.0, 0.0]] * 500


def run(latents: np.ndarray, **settings) -> subprocess.CompletedProcess:
    """The command, in a process of its own, which t-SNE can end."""
    request = io.BytesIO()
    np.save(request, latents)
    command = [sys.executable, "-m", "gen_lab.latent.layouts", json.dumps(settings)]
    return subprocess.run(command, input=request.getvalue(), capture_output=True)


@pytest.mark.parametrize("method", ["tsne", "umap"])
@pytest.mark.parametrize("different", [1, 2, 3, "nearly equal"])
def test_points_that_hardly_differ_are_refused_with_the_way_out(method, different):
    rows = np.random.default_rng(0).normal(size=(500, 8)).astype(np.float32)
    rows = rows * np.float32(1e-30) if different == "nearly equal" else rows[np.arange(500) % different]
    number = 1 if different == "nearly equal" else different
    with pytest.raises(Degenerate, match=f"at least 4 different points, and these 500 make only {number}: use PCA"):
        check(rows, method)


def test_the_command_says_why_in_one_line():
    process = run(np.zeros((500, 8), np.float32), method="tsne", perplexity=30)
    sentence = "t-SNE needs at least 4 different points, and these 500 make only 1: use PCA"
    assert (process.returncode, process.stdout, process.stderr.decode().strip()) == (1, b"", sentence)


def test_four_different_points_among_many_equal_ones_are_laid_out():
    corners = np.eye(4, dtype=np.float32)[np.arange(60) % 4]
    process = run(corners, method="tsne", perplexity=30)
    layout = np.load(io.BytesIO(process.stdout))
    assert process.returncode == 0 and layout.shape == (60, 2) and np.isfinite(layout).all()
    assert all(np.linalg.norm(layout[0] - layout[i]) > 100 * np.linalg.norm(layout[0] - layout[4]) for i in (1, 2, 3))


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
def test_latents_that_are_not_finite_are_refused(method):
    for value in (np.nan, np.inf):
        with pytest.raises(ValueError, match="the latents are not all finite numbers: train the model again"):
            check(np.array([[0.0, 1.0], [value, 2.0]], np.float32), method)


def test_points_too_far_apart_for_float32_are_refused():
    with pytest.raises(Degenerate, match=r"t-SNE cannot lay out points as far apart as .e\+18: use PCA"):
        check(np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32) * np.float32(1e18), "tsne")


LINES = {
    "Epochs completed:  57%| █████▋     283/500 [00:01]": 0.57,
    "[t-SNE] Iteration 250: error = 1.2, gradient norm = 0.1 (50 iterations in 0.1s)": 0.25,
    "[t-SNE] Computing 91 nearest neighbors...": None,
    "": None,
}


@pytest.mark.parametrize("line", LINES)
def test_progress_is_read_from_what_the_libraries_write(line):
    assert share(line) == LINES[line]
