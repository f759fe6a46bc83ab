"""How new a picture is: states and links, the spaces, the three-sample test against its authors' code."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, mannwhitneyu

from gen_lab import checkpoint, data, registry
from gen_lab.checkpoint import CheckpointError
from gen_lab.data import MissingData
from gen_lab.metrics.novelty import closer, copying_test, global_test, others, z_score
from gen_lab.models import cgan, judge
from pages.faces.state import pack
from pages.novelty import state as novelty
from pages.novelty.state import SOURCES, Novelty, Space, memorised, picture, shifted, texture
from tests.tiny import make_memorable
from train import novelty as command


@pytest.fixture(autouse=True)
def checkpoints(tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("GEN_LAB_CACHE", raising=False)
    return make_memorable(tmp_path / "checkpoints")


# A picture as a link


@given(
    st.builds(
        Novelty, model=st.sampled_from(["vae-faces", "gan-digits"]), source=st.sampled_from(list(SOURCES)),
        seed=st.integers(0, 999_999), label=st.sampled_from(["", "7", "Blond_Hair"]), shift=st.integers(0, 8),
        latent=st.sampled_from(["", pack(torch.ones(3))]), index=st.integers(0, 999_999), photo=st.just("a"),
    )
)  # fmt: skip
def test_a_link_restores_the_state(made):
    assert Novelty.from_query(made.to_query()) == made


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(["model", "source", "seed", "shift", "index", "label", "x"]), st.text()))
def test_a_strangers_link_never_raises(query):
    made = Novelty.from_query(query, "m")
    assert made.source in SOURCES and 0 <= made.seed <= 999_999 and 0 <= made.shift <= novelty.MOST_SHIFT


def test_a_link_with_a_latent_alone_shows_the_latent():
    assert Novelty.from_query({"model": "m", "latent": "abc"}).source == "latent"


def test_the_pictures_of_each_source():
    loaded = registry.load("vae-shapes")
    train, test = data.load("fake_digits", "train"), data.load("fake_digits", "test")
    sampled = picture(loaded, Novelty("vae-shapes", seed=5))
    latent = loaded.model.sample(1, torch.Generator().manual_seed(5))[0]
    handed = picture(loaded, Novelty("vae-shapes", source="latent", latent=pack(latent)))
    assert np.abs(sampled.astype(int) - handed).max() <= 1  # half precision
    assert np.array_equal(picture(loaded, Novelty("", "data", index=len(test) + 3)), test.images[3])
    remembered = picture(loaded, Novelty("", "memoriser", seed=2, shift=0))
    assert any(np.array_equal(remembered, each) for each in train.images)
    taken = picture(loaded, Novelty("", "photo", photo=novelty.pack(test.images[0])))
    assert taken.shape == sampled.shape and np.abs(taken.astype(int) - test.images[0]).mean() < 12


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (Novelty("", "latent", latent=pack(torch.ones(4))), "another model"),
        (Novelty("", "latent", latent="AAAA"), "picture is damaged"),
        (Novelty("", "photo"), "upload"),
        (Novelty("", "photo", photo="AAAA"), "damaged"),
        (Novelty("", "photo", photo=novelty.pack(np.zeros((5, 5, 3), np.uint8))), "another model"),
        (Novelty("", label="Seven"), "no class"),
    ],
)
def test_what_a_link_cannot_mean_is_explained(made, says):
    with pytest.raises(ValueError, match=says):
        picture(registry.load("vae-shapes"), made)


def test_a_conditional_model_is_asked_for_uniform_labels_or_for_one():
    classes = ("a", "b", "c")
    drawn = novelty.draw_labels(classes, 3000, torch.Generator().manual_seed(0))
    assert drawn.sum(1).eq(1).all() and (drawn.mean(0) - 1 / 3).abs().max() < 0.03
    assert novelty.draw_labels(classes, 2, torch.Generator(), "b").tolist() == [[0, 1, 0]] * 2
    config = cgan.Config(
        image_size=28, channels=1, latent_dim=4, classes=classes, network="dense", widths=(8, 8), critic_widths=(8, 8)
    )
    model = cgan.CGAN(config).eval()
    assert novelty.sample(model, 5).shape == (5, 28, 28, 1)
    assert np.array_equal(novelty.sample(model, 5), novelty.sample(model, 5))


def test_data_of_another_shape_are_refused(checkpoints):
    card = json.loads((checkpoints / "vae-shapes" / "card.json").read_text())
    (checkpoints / "vae-shapes" / "card.json").write_text(json.dumps(card | {"data": card["data"] | {"name": "fake"}}))
    with pytest.raises(ValueError, match="choose another model"):
        novelty.pictures_of(registry.load("vae-shapes"), "train")


# Spaces


def test_a_shift_moves_to_the_right_and_down_and_repeats_the_edge():
    pictures = np.arange(16, dtype=np.uint8).reshape(1, 4, 4, 1)
    moved = shifted(pictures, 1)[0, :, :, 0]
    assert np.array_equal(moved[1:, 1:], pictures[0, :3, :3, 0]) and np.array_equal(moved[0, 1:], [0, 1, 2])
    assert np.array_equal(shifted(pictures, 0), pictures)


def test_pixel_distances_are_mean_absolute_differences():
    images = np.random.default_rng(0).integers(0, 256, (20, 6, 6, 3), dtype=np.uint8)
    distances, indices = Space.of_pixels(images).nearest(images[3:4], 2)
    assert distances[0, 0] == 0 and indices[0, 0] == 3
    assert distances[0, 1] == np.abs(images[3].astype(int) - images[indices[0, 1]]).mean()


def test_texture_forgets_where_things_are_and_knows_what_they_are():
    torch.manual_seed(0)
    eye = judge.Judge(judge.Config(("a",), image_size=28, channels=1, widths=(8, 8))).eval()
    blank = np.zeros((3, 28, 28, 1), np.uint8)
    blank[0, 8:14, 8:14] = blank[1, 12:18, 12:18] = blank[2, 8:20, 10:12] = 255  # a square, moved, and a line
    square, moved, line = texture(eye, blank)
    assert texture(eye, blank).shape == (3, 16)
    assert np.linalg.norm(square - moved) < 0.1 * np.linalg.norm(square - line)


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


def test_features_are_kept_per_judge_and_pictures_and_damage_is_noticed():
    train, test = data.load("fake_digits", "train"), data.load("fake_digits", "test")
    path = novelty.features_path({"sha256": "one"}, train)
    assert path == novelty.features_path({"sha256": "one"}, data.load("fake_digits", "train"))
    others = novelty.features_path({"sha256": "two"}, train), novelty.features_path({"sha256": "one"}, test)
    assert len({path, *others}) == 3
    assert novelty.read_features(path, 64) is None
    features = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)
    novelty.write_features(path, features)
    assert np.array_equal(novelty.read_features(path, 64), features) and novelty.read_features(path, 63) is None
    path.write_bytes(path.read_bytes()[:500])
    assert novelty.read_features(path, 64) is None


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
    of_samples, of_held_out = (novelty.nearest(each, train, 1)[0][:, 0] for each in (samples, held_out))
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


# The command, its file and its card


def test_the_command_finds_the_planted_memoriser_and_writes_the_card(checkpoints, capsys):
    assert command.main(["vae-shapes"]) == 0
    entry = checkpoint.read_card(checkpoints / "vae-shapes")["novelty"]
    usual = novelty.load(checkpoints / "vae-shapes")
    assert entry["samples"] == 1000 and entry["held_out"] == entry["train"] == 64
    for space in ("pixels", "features"):
        assert [len(usual[space][name]) for name in ("held_out", "train", "samples")] == [64, 64, 1000]
        limit = np.percentile(usual[space]["held_out"], 1)
        assert entry[space]["model"]["closer"] == round(float((usual[space]["samples"] < limit).mean()), 4)
    assert entry["features"]["memoriser"]["c_t"] < entry["pixels"]["memoriser"]["c_t"]
    assert len(list((data.cache_root() / "features").glob("fake_digits-*.npy"))) == 1
    assert command.main(["--features", "vae-shapes"]) == 0 and "features" in capsys.readouterr().out


def test_without_a_judge_there_are_pixels_alone(checkpoints):
    card = json.loads((checkpoints / "vae-shapes" / "card.json").read_text())
    (checkpoints / "vae-shapes" / "card.json").write_text(json.dumps(card | {"judge": ""}))
    assert command.main(["vae-shapes"]) == 0 and set(novelty.load(checkpoints / "vae-shapes")) == {"pixels"}


@pytest.mark.parametrize("name", ["judge-shapes", "ghost", "../x"])
def test_what_cannot_be_checked_is_explained(name, capsys):
    assert command.main([name]) == 1 and capsys.readouterr().err.strip()


def test_missing_data_are_explained(checkpoints, capsys):
    card = json.loads((checkpoints / "vae-shapes" / "card.json").read_text())
    (checkpoints / "vae-shapes" / "card.json").write_text(json.dumps(card | {"data": card["data"] | {"name": "mnist"}}))
    assert command.main(["vae-shapes"]) == 1 and "python -m train.data mnist" in capsys.readouterr().err
    with pytest.raises(MissingData):
        picture(registry.load("vae-shapes"), Novelty("", "data"))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"not a zip", {"pixels_held_out": np.ones(3)}, {"x": np.ones(3)},
        {f"pixels_{name}": np.ones((3, 2)) for name in novelty.SETS},
        {f"pixels_{name}": np.full(3, np.nan) for name in novelty.SETS},
        {f"pixels_{name}": np.ones(0) for name in novelty.SETS},
        {f"pixels_{name}": np.ones(2_000_000) for name in novelty.SETS},
        {f"pixels_{name}": np.array([{}]) for name in novelty.SETS},
    ],
)  # fmt: skip
def test_a_damaged_file_is_explained(checkpoints, content):
    path = checkpoints / "vae-shapes" / novelty.FILE
    path.write_bytes(content) if isinstance(content, bytes) else np.savez_compressed(path, **content)
    with pytest.raises(CheckpointError, match=r"train.novelty vae-shapes"):
        novelty.load(path.parent)


# The verdict

NEAR, USUAL, FAR = 0.0, 0.5, 1.0


@pytest.mark.parametrize(
    ("ranks", "says"),
    [
        ({"pixels": NEAR, "features": NEAR}, "looks like a copy."),
        ({"pixels": USUAL, "features": NEAR}, "copy that was moved"),
        ({"pixels": FAR, "features": NEAR}, "copy that was moved"),
        ({"pixels": NEAR, "features": USUAL}, "pixels alone"),
        ({"pixels": NEAR}, "Nearer by pixels"),
        ({"pixels": USUAL, "features": FAR}, "strange"),
        ({"pixels": USUAL, "features": USUAL}, "No sign of copying"),
    ],
)
def test_the_verdict_follows_from_the_ranks(ranks, says):
    assert says in novelty.verdict(dict.fromkeys(ranks, 3.0), ranks)


def test_a_training_picture_is_called_one():
    assert "is a training picture" in novelty.verdict({"pixels": 0.0}, {"pixels": 0.0})


def test_a_rank_is_the_share_that_is_nearer():
    assert novelty.rank(2.0, np.array([1.0, 2.0, 3.0, 4.0])) == 0.25
