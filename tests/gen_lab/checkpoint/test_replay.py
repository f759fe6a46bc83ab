"""The mathematics of a replay: diversity, signs of trouble found where they are and only there, and reading."""

import io
import json
import shutil
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from gen_lab import checkpoint
from gen_lab.checkpoint import CheckpointError, replay
from tests.tiny import make_replays


@given(arrays(np.uint8, array_shapes(min_dims=5, max_dims=5, max_side=4).filter(lambda shape: shape[1] > 1)))
def test_diversity_is_the_root_mean_square_difference_of_two_pictures(pictures):
    for row, value in zip(pictures.astype(float) / 255, replay.diversity(pictures), strict=True):
        squares = [((one - other) ** 2).mean() for one, other in combinations(row, 2)]
        assert value == pytest.approx(np.sqrt(np.mean(squares)), abs=1e-6)


def test_a_single_picture_has_no_diversity():
    with pytest.raises(ValueError, match="give two or more"):
        replay.diversity(np.zeros((1, 1, 2, 2, 1), np.uint8))


@given(arrays(bool, st.integers(0, 30)))
def test_stretches_are_the_runs_of_true(mask):
    covered = np.zeros(len(mask), bool)
    for first, last in replay.stretches(mask):
        assert first == 0 or not mask[first - 1]
        assert last == len(mask) - 1 or not mask[last + 1]
        covered[first : last + 1] = True
    assert (covered == mask).all()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_the_running_median_is_the_median_of_the_neighbours(values):
    found = replay.running_median(np.array(values), 5)
    for index, value in enumerate(found):
        assert value == np.median(values[max(index - 2, 0) : index + 3])


ROWS = np.arange(0, 2000, 100)


def test_alike_is_found_where_it_begins_and_ends():
    shares = np.full(20, 0.9)
    shares[8:12] = 0.2
    (note,) = replay.alike(ROWS, shares)
    assert (note.step, note.until) == (800, 1100) and "20%" in note.text and "until step 1,100" in note.text
    shares[8:] = 0.1
    (note,) = replay.alike(ROWS, shares)
    assert (note.step, note.until) == (800, 1900) and "to the end" in note.text


def test_a_beginning_is_no_collapse_unless_it_does_not_end():
    shares = np.full(20, 0.9)
    shares[:5] = 0.01
    assert replay.alike(ROWS, shares) == []
    shares[:] = 0.01
    (note,) = replay.alike(ROWS, shares)
    assert "It began so" in note.text


@given(arrays(float, 20, elements=st.floats(replay.ALIKE, 2)))
def test_diverse_rows_are_never_alike(shares):
    assert replay.alike(ROWS, shares) == []


STEPS = np.arange(50, 5001, 50)  # 100 lines


def sure(first: int, last: int) -> dict:
    real, fake = np.full(100, 0.7), np.full(100, 0.3)
    real[first : last + 1], fake[first : last + 1] = 0.99, 0.01
    return {"discriminator": np.full(100, 0.5), "real": real, "fake": fake}


def test_a_certain_discriminator_is_found_and_its_figures_said():
    losses = sure(60, 99)
    losses["fake"][70] = 0.5  # one line of doubt
    (note,) = replay.certain(STEPS, losses)
    assert STEPS[59] <= note.step <= STEPS[61] and note.until == 5000 and "99.0%" in note.text


def test_a_short_certainty_and_a_critic_are_left_alone():
    assert replay.certain(STEPS, sure(60, 65)) == []
    losses = sure(60, 99)
    assert replay.certain(STEPS, {"critic": losses.pop("discriminator"), **losses}) == []


def test_a_leap_is_found_at_its_top():
    loss = 1 + 0.05 * np.sin(np.arange(100.0))
    loss[70:73] = 3, 8, 4
    (note,) = replay.spikes(STEPS, {"generator": loss, "real": loss})
    assert note.step == STEPS[71] and "generator" in note.title and " 8" in note.text


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.05))
def test_noise_and_a_steady_fall_are_no_leaps(seed, fall):
    noise = np.random.default_rng(seed).normal(0, 0.05, 100)
    assert replay.spikes(STEPS, {"total": 2 * np.exp(-fall * np.arange(100)) + 1 + noise}) == []


def test_gaps_are_no_leaps():
    loss = np.ones(100)
    loss[::2] = np.nan
    assert replay.spikes(STEPS, {"generator": loss}) == []


# -- reading -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return make_replays(tmp_path_factory.mktemp("replays"))


@pytest.fixture
def folder(made, tmp_path) -> Path:
    return shutil.copytree(made / "gan-digits", tmp_path / "gan-digits")


def test_a_replay_has_its_losses_pictures_and_notes(folder):
    run = replay.read(folder)
    assert run.pictures.shape == (21, 6, 28, 28, 3) and run.steps[-1] == 2000 and run.rows[0] == 0
    assert run.losses["generator"][-1] == 5 and len(run.losses["real"]) == len(run.steps) == 40
    sheet = np.asarray(Image.open(io.BytesIO(run.sheet)).convert("RGB"))
    assert (sheet[28 * 3 : 28 * 4, 28 * 2 : 28 * 3] == run.pictures[3, 2]).all()
    titles = {note.title: note for note in run.notes}
    assert titles["It falls"].written and titles["It falls"].until == 1500
    assert titles["The pictures are alike"].step == 1100 and titles["The discriminator is certain"].step == 1050
    assert run.is_relative and run.diversity[0] > 0.5 > run.diversity[-1]


def change(folder: Path, **changes) -> None:
    checkpoint.write_card(folder, checkpoint.read_card(folder) | changes)


def entry(**changes) -> dict:
    return {"steps": list(range(0, 2001, 100)), "columns": 6, "diversity": 0.1} | changes


def lines(folder: Path, *more: str) -> None:
    with open(folder / "history.jsonl", "a") as file:
        file.write("".join(line + "\n" for line in more))


def webp(size) -> bytes:
    file = io.BytesIO()
    Image.new("L", size).save(file, "WEBP")
    return file.getvalue()


@pytest.mark.parametrize("break_it, said", [
    (lambda folder: (folder / "history.jsonl").unlink(), "history.jsonl .*missing"),
    (lambda folder: (folder / "history.jsonl").write_bytes(b""), "history.jsonl"),
    (lambda folder: (folder / "history.jsonl").write_bytes(b"\xff\xfe"), "history.jsonl"),
    (lambda folder: lines(folder, '{"step": 3'), "history.jsonl"),
    (lambda folder: lines(folder, '{"step": 3, "epoch": 1}'), "not in order"),
    (lambda folder: lines(folder, '{"step": 3000, "epoch": 1, "generator": []}'), "history.jsonl"),
    (lambda folder: lines(folder, "[1]"), "history.jsonl"),
    (lambda folder: lines(folder, " " * 5_000_000), "larger than 5 MB"),
    (lambda folder: (folder / "replay.webp").unlink(), "replay.webp .*missing"),
    (lambda folder: (folder / "replay.webp").write_bytes(b"junk"), "replay.webp"),
    (lambda folder: (folder / "replay.webp").write_bytes(webp((7, 7))), "21 rows of 6 pictures"),
    (lambda folder: change(folder, replay=entry(columns=0)), "21 rows of 0"),
    (lambda folder: change(folder, replay=entry(steps=[3, 2, 1])), "not in order"),
    (lambda folder: change(folder, replay=entry(steps=["a"])), "replay.webp"),
    (lambda folder: change(folder, replay=[]), "replay.webp"),
    (lambda folder: change(folder, replay=entry(diversity="much")), "diversity"),
    (lambda folder: change(folder, annotations=[{"step": 10**9, "title": "", "text": ""}]), "outside the run"),
    (lambda folder: change(folder, annotations=[{}]), "card.json"),
    (lambda folder: change(folder, annotations=[{"step": 1, "title": "", "text": ""}] * 101), "more than 100 annot"),
    (lambda folder: lines(folder, json.dumps({"step": 3000, "epoch": 1} | {f"loss{n}": 1 for n in range(101)})),
     "more than 100 losses"),
])  # fmt: skip
def test_what_is_broken_names_the_file_and_the_remedy(folder, break_it, said):
    break_it(folder)
    with pytest.raises(CheckpointError, match=f"(?s){said}.*python -m train gan_digits"):
        replay.read(folder)


def test_a_checkpoint_without_replay_says_so(folder):
    card = checkpoint.read_card(folder)
    del card["replay"]
    checkpoint.write_card(folder, card)
    with pytest.raises(CheckpointError, match="no replay.*python -m train gan_digits"):
        replay.read(folder)


def test_a_loss_that_is_not_a_number_is_a_gap_and_a_note(folder):
    values = {"generator": float("nan"), "discriminator": 0.1, "real": float("inf")}
    lines(folder, json.dumps({"step": 2050, "epoch": 4.1} | values))
    run = replay.read(folder)
    assert np.isnan(run.losses["generator"][-1]) and np.isnan(run.losses["real"][-1])
    assert [note.step for note in run.notes if "not a number" in note.title] == [2050]


def test_without_real_pictures_diversity_is_absolute_and_nothing_is_called_alike(folder):
    change(folder, replay=entry(diversity=None))
    run = replay.read(folder)
    assert not run.is_relative and all(note.title != "The pictures are alike" for note in run.notes)


@pytest.mark.parametrize("name, title", [
    ("gan-digits-collapse", "The pictures are alike"), ("gan-digits-overwhelmed", "The discriminator is certain"),
])  # fmt: skip
def test_a_shipped_lesson_shows_what_it_is_called(name, title):
    run = replay.read(Path(__file__).parents[3] / "checkpoints" / name)
    assert sum(note.until - note.step for note in run.notes if note.title == title) > run.steps[-1] / 2
