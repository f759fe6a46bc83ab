"""How new pictures are: the memoriser, labels of samples, the three-sample test against its authors' code."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, mannwhitneyu

from gen_lab import registry
from gen_lab.checkpoint import CheckpointError
from gen_lab.metrics.novelty import (
    MOST_SHIFT,
    SEEDS,
    closer,
    copying_test,
    demonstrate,
    draw_labels,
    global_test,
    handful_spaces,
    memorised,
    others,
    pictures_of,
    rank,
    sample,
    shifted,
    spaces,
    z_score,
)
from gen_lab.metrics.spaces import Space, nearest, texture
from gen_lab.models import cgan, judge
from tests.tiny import make_memorable


def test_a_conditional_model_is_asked_for_uniform_labels_or_for_one():
    classes = ("a", "b", "c")
    drawn = draw_labels(classes, 3000, torch.Generator().manual_seed(0))
    assert drawn.sum(1).eq(1).all() and (drawn.mean(0) - 1 / 3).abs().max() < 0.03
    assert draw_labels(classes, 2, torch.Generator(), "b").tolist() == [[0, 1, 0]] * 2
    config = cgan.Config(
        image_size=28, channels=1, latent_dim=4, classes=classes, network="dense", widths=(8, 8), critic_widths=(8, 8)
    )
    model = cgan.CGAN(config).eval()
    assert sample(model, 5).shape == (5, 28, 28, 1)
    assert np.array_equal(sample(model, 5), sample(model, 5))


def test_data_of_another_shape_are_refused():
    checkpoint = SimpleNamespace(card={"data": {"name": "fake"}}, model=SimpleNamespace(image_shape=(1, 28, 28)))
    with pytest.raises(ValueError, match="choose another model"):
        pictures_of(checkpoint, "train")


def test_a_shift_moves_to_the_right_and_down_and_repeats_the_edge():
    pictures = np.arange(16, dtype=np.uint8).reshape(1, 4, 4, 1)
    moved = shifted(pictures, 1)[0, :, :, 0]
    assert np.array_equal(moved[1:, 1:], pictures[0, :3, :3, 0]) and np.array_equal(moved[0, 1:], [0, 1, 2])
    assert np.array_equal(shifted(pictures, 0), pictures)


def gratings(count: int) -> np.ndarray:
    """Waves of random direction, length, phase, contrast and brightness: uint8 (count, 64, 64, 1)."""
    low, high = np.array([0, 4, 0, 20, 90]), np.array([np.pi, 8, 2 * np.pi, 70, 165])
    angle, length, phase, contrast, mean = np.random.default_rng(0).uniform(low, high, (count, 5)).T[..., None, None]
    y, x = np.mgrid[:64, :64]
    along = x * np.cos(angle) + y * np.sin(angle)
    return (mean + contrast * np.sin(2 * np.pi * along / length + phase)).astype(np.uint8)[..., None]


def test_l1_misses_a_shift_of_two_pixels_and_features_do_not():
    pictures = gratings(400)
    train, held_out = pictures[:300], pictures[300:]
    torch.manual_seed(0)
    eye = judge.Judge(judge.Config(("a",), image_size=64, channels=1, widths=(8, 8))).eval()
    copies = memorised(train, 100, seed=1)
    found = {}
    for space in (Space.of_pixels(train), Space.of_features(eye, texture(eye, train))):
        of_copies, of_held_out = (space.nearest(each, 1)[0][:, 0] for each in (copies, held_out))
        test = copying_test(space.train, space.embed(held_out), space.embed(copies))
        found[space.name] = closer(of_copies, of_held_out), test["p"]
    assert found["pixels"][0] < 0.2
    assert found["features"][0] > 0.9 and found["features"][1] < found["pixels"][1]


def test_a_rank_is_the_share_that_is_nearer():
    assert rank(2.0, np.array([1.0, 2.0, 3.0, 4.0])) == 0.25


# The three-sample test


@given(st.integers(0, 1000), st.integers(2, 40), st.integers(2, 40))
def test_z_is_mann_and_whitneys_u_standardised(seed, m, n):
    random = np.random.default_rng(seed)
    a, b = random.integers(0, 30, m), random.integers(0, 30, n)  # with ties
    u = mannwhitneyu(a, b).statistic
    assert z_score(a, b) == pytest.approx((u - m * n / 2) / np.sqrt(m * n * (m + n + 1) / 12))


def reference(train, held_out, samples, cells) -> float:
    """C_T as its authors' code computes it, without its correction of 0.5 for continuity."""
    from sklearn.cluster import KMeans
    from sklearn.neighbors import NearestNeighbors

    means = KMeans(cells, n_init=3, random_state=0).fit(train)
    total = weight = 0.0
    for cell in range(cells):
        t, p, q = (each[means.predict(each) == cell] for each in (train, held_out, samples))
        nearest = NearestNeighbors(n_neighbors=1).fit(t)
        u = mannwhitneyu(nearest.kneighbors(q)[0], nearest.kneighbors(p)[0], alternative="less").statistic.item()
        m, n = len(q), len(p)
        total += n * (u - m * n / 2) / np.sqrt(n * m * (n + m + 1) / 12)
        weight += n
    return total / weight


def test_c_t_is_what_its_authors_compute():
    random = np.random.default_rng(0)
    train, held_out, samples = (random.normal(size=(count, 4)).astype(np.float32) for count in (900, 300, 400))
    found = copying_test(train, held_out, samples, cells=4)
    assert found["c_t"] == pytest.approx(reference(train, held_out, samples, 4), abs=1e-6) and found["cells"] == 4


def test_without_copying_p_is_uniform():
    random = np.random.default_rng(1)
    draws = ((random.normal(size=(count, 2)) for count in (400, 150, 150)) for _ in range(120))
    p = [copying_test(*draw, cells=3)["p"] for draw in draws]
    assert kstest(p, "uniform").pvalue > 0.01


def test_copies_give_a_low_c_t_and_noise_a_high_one():
    random = np.random.default_rng(2)
    train, held_out = random.normal(size=(500, 5)), random.normal(size=(200, 5))
    copies = copying_test(train, held_out, train[:200] + 0.05 * random.normal(size=(200, 5)), cells=2)
    noise = copying_test(train, held_out, 3 * random.normal(size=(200, 5)), cells=2)
    assert copies["c_t"] < -5 and copies["p"] < 1e-6 and noise["c_t"] > 5 and noise["p"] > 0.999


def test_one_cell_is_the_global_test():
    random = np.random.default_rng(3)
    train, held_out, samples = (random.normal(size=(count, 3)) for count in (200, 60, 70))
    of_samples, of_held_out = (nearest(each, train, 1)[0][:, 0] for each in (samples, held_out))
    assert copying_test(train, held_out, samples) == global_test(of_samples, of_held_out)


def test_a_cell_with_few_samples_does_not_count():
    train = np.repeat([[0.0, 0.0], [100.0, 100.0]], 50, axis=0) + np.random.default_rng(0).normal(size=(100, 2))
    held_out, samples = train[::2] + 0.1, train[:40] + 0.1  # the samples lie in one of the two clouds only
    assert copying_test(train, held_out, samples, cells=2)["cells"] == 1
    with pytest.raises(ValueError, match="no cell has"):
        copying_test(train, held_out, samples[:5])


def test_the_nearest_other_training_picture_is_another():
    images = np.random.default_rng(0).integers(0, 256, (30, 4, 4, 1), dtype=np.uint8)
    images[7] = images[3]
    found = others(Space.of_pixels(images), np.arange(30))
    assert found[3] == found[7] == 0 and (np.delete(found, [3, 7]) > 0).all()


# Without the data


@pytest.fixture
def shapes(tmp_path, monkeypatch):
    for name in ("checkpoints", "data"):
        monkeypatch.setenv(f"GEN_LAB_{name.upper()}", str(tmp_path / name))
    monkeypatch.delenv("GEN_LAB_CACHE", raising=False)
    make_memorable(tmp_path / "checkpoints")
    return registry.load("vae-shapes")


def test_a_demonstrations_neighbours_are_those_among_all_training_pictures(shapes):
    train = pictures_of(shapes, "train")
    handful = demonstrate(shapes)
    assert handful.count == len(train) == 64 and handful.seeds == SEEDS
    assert np.array_equal(handful.pictures, train.images[handful.rows])
    whole, few = spaces(shapes, train), handful_spaces(shapes, handful, registry.load("judge-shapes"))
    queries = [sample(shapes.model, 1, seed) for seed in SEEDS["sample"]]
    queries += [memorised(train.images, 1, seed, by) for seed in SEEDS["memoriser"] for by in range(MOST_SHIFT + 1)]
    assert set(few) == set(whole) == {"pixels", "features"}
    for name in few:
        expected, found = (space[name].nearest(np.concatenate(queries), 5) for space in (whole, few))
        assert np.allclose(found[0], expected[0], atol=1e-5)
        assert (handful.rows[found[1][:, 0]] == expected[1][:, 0]).mean() > 0.9  # but for ties


def test_a_demonstration_of_another_judge_is_explained(shapes):
    handful, other = demonstrate(shapes), registry.load("judge-shapes")
    other.card["sha256"] = "another"
    with pytest.raises(CheckpointError, match=r"another judge.*train.novelty vae-shapes"):
        handful_spaces(shapes, handful, other)
    assert set(handful_spaces(shapes, handful, None)) == {"pixels"}
