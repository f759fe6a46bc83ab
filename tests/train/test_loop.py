"""Training runs: resumed after a kill, spread over processes, stopped, out of disk."""

import itertools
import json
import os
import signal
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from PIL import Image
from torch.optim.optimizer import register_optimizer_step_post_hook

from gen_lab import checkpoint, data, files
from gen_lab.data import fake
from gen_lab.values import plain
from train import loop
from train.__main__ import main, recipes
from train.recipes import vae_faces

ROOT = Path(__file__).parents[2]
SMALL = vae_faces.Settings(
    name="small", data="fake", steps=20, batch_size=16, widths=(8, 16), latent_dim=8, perceptual=0.0, kl_warm_up=5,
    log_every=1, snapshot_every=10, sliders=fake.ATTRIBUTE_NAMES,
)  # fmt: skip


def losses(folder: Path) -> list[dict]:
    """The history without its clock."""
    lines = map(json.loads, (folder / "history.jsonl").read_text().splitlines())
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]


def command(settings: vae_faces.Settings, folder: Path, *launcher: str) -> list[str]:
    flags = [
        "--name", settings.name, "--data", "fake", "--steps", settings.steps, "--batch-size", settings.batch_size,
        "--widths", *settings.widths, "--latent-dim", settings.latent_dim, "--perceptual", 0, "--kl-warm-up", 5,
        "--log-every", 1, "--snapshot-every", 10, "--sliders", *settings.sliders,
        "--runs", folder / "runs", "--checkpoints", folder / "checkpoints",
    ]  # fmt: skip
    return [*(launcher or (sys.executable, "-m", "train")), "vae_faces", *map(str, flags)]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("uninterrupted")
    loop.train(vae_faces, SMALL, runs=folder / "runs", checkpoints=folder / "checkpoints")
    return folder


def test_a_run_tells_what_was_left_out_of_its_data(tmp_path, monkeypatch, capsys):
    part = replace(data.load("fake", "train"), left_out="left out 3 in no list, such as 5.jpg")
    monkeypatch.setattr(data, "load", lambda *_: part)
    loop.Run(loop.make_fabric(), SMALL, tmp_path)
    assert "fake: 64 pictures to train on; left out 3 in no list, such as 5.jpg\n" in capsys.readouterr().err


@pytest.mark.slow
def test_ten_steps_and_a_kill_and_the_rest_are_twenty_steps(uninterrupted, tmp_path):
    process = subprocess.Popen(command(SMALL, tmp_path), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if json.loads(line)["step"] >= 13:  # past the snapshot of step 10: three steps will be done again
            process.send_signal(signal.SIGKILL)
            break
    process.wait(30)
    assert not (tmp_path / "checkpoints").exists()
    subprocess.run(command(SMALL, tmp_path), cwd=ROOT, check=True, capture_output=True)
    # Not to the last bit: threads of another process add up in another order.
    for one, two in zip(losses(uninterrupted / "runs/small"), losses(tmp_path / "runs/small"), strict=True):
        assert two == pytest.approx(one, rel=1e-4)
    one, other = (checkpoint.load(folder / "checkpoints" / "small").model for folder in (uninterrupted, tmp_path))
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-3)  # stored with half precision


@pytest.mark.slow
def test_two_processes_train_as_one_with_the_doubled_batch(uninterrupted, tmp_path):
    fabric = Path(sys.executable).with_name("fabric")
    flags = ("run", "--accelerator=cpu", "--devices=2", "--strategy=ddp", "--precision=32-true", "train/__main__.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    launched = command(SMALL, tmp_path, str(fabric), *flags)
    finished = subprocess.run(launched, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert finished.returncode == 0, finished.stderr
    for one, two in zip(losses(uninterrupted / "runs/small"), losses(tmp_path / "runs/small"), strict=True):
        assert two == pytest.approx(one, rel=1e-3)
    one, two = (checkpoint.load(folder / "checkpoints" / "small").model for folder in (uninterrupted, tmp_path))
    for a, b in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.allclose(a, b, atol=2e-3)


def test_the_checkpoint_says_where_it_comes_from(uninterrupted):
    card = checkpoint.read_card(uninterrupted / "checkpoints" / "small")
    assert (card["recipe"], card["family"], card["steps"], card["seed"]) == ("vae_faces", "vae", 20, 0)
    assert card["data"]["images"] == 64 and card["data"]["licence"] and card["limits"] and card["intended_use"]
    assert card["settings"]["widths"] == [8, 16]
    files = {path.name for path in (uninterrupted / "checkpoints" / "small").iterdir()}
    assert {"samples.webp", "replay.webp", "history.jsonl", "directions.safetensors"} <= files


def test_what_was_tried_stays_on_the_card(tmp_path):
    folder = tmp_path / "checkpoints" / "small"
    folder.mkdir(parents=True)
    before = {"name": "small", "family": "vae", "config": {}, "sha256": "", "tried": ["A wider net: no gain."]}
    (folder / "card.json").write_text(json.dumps(before))
    loop.train(vae_faces, replace(SMALL, steps=1), runs=tmp_path / "runs", checkpoints=tmp_path / "checkpoints")
    assert checkpoint.read_card(folder)["tried"] == ["A wider net: no gain."]


def test_the_replay_shows_the_beginning_and_every_snapshot(uninterrupted):
    folder = uninterrupted / "checkpoints" / "small"
    card = checkpoint.read_card(folder)
    assert card["replay"]["steps"] == [0, 1, 2, 4, 8, 10, 20] and card["replay"]["columns"] == 8
    assert 0.05 < card["replay"]["diversity"] < 1
    with Image.open(folder / "replay.webp") as sheet, Image.open(folder / "samples.webp") as samples:
        assert sheet.size == (8 * 64, 7 * 64)
        first, last = np.asarray(sheet, int)[-64:, :64], np.asarray(samples, int)[:, :64]
        assert np.abs(first - last).mean() < 6  # the last row is the finished model's


def test_a_long_replay_is_thinned_and_fits(tmp_path, monkeypatch):
    noise = np.random.default_rng(0)
    for step in range(0, 20_000, 100):
        row = noise.integers(0, 256, (8, 3 * 10 - 2, 3), dtype=np.uint8)
        (tmp_path / f"preview-{step:08d}.png").write_bytes(loop.images.encode(row))
    entry, files = loop._replay(tmp_path, (3, 8, 8))
    steps = entry["steps"]
    assert entry["columns"] == 3 and 50 <= len(steps) <= 60 and (steps[0], steps[-1]) == (0, 19_900)
    assert np.diff(steps)[:5].max() < np.diff(steps)[-5:].min()
    monkeypatch.setattr(loop, "REPLAY_BYTES", len(files["replay.webp"]) - 1)
    assert len(loop._replay(tmp_path, (3, 8, 8))[1]["replay.webp"]) < len(files["replay.webp"])


def test_a_loss_of_every_other_step_is_the_mean_over_its_own_steps(tmp_path):
    history = loop.History(tmp_path / "history.jsonl", 0)
    for step in range(1, 7):
        history.add(step, 0.0, {"critic": torch.tensor(3.0)} | ({"generator": step} if step % 2 == 0 else {}))
    line = json.loads(history.write(6.0))
    assert (line["critic"], line["generator"]) == (3.0, 4.0)
    history.add(7, 0.0, {"critic": 1.0})
    assert "generator" not in json.loads(history.write(6.0))


def test_ctrl_c_amid_a_step_does_not_do_it_twice(uninterrupted, tmp_path):
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)

    def after_the_weights_changed(optimizer, arguments, keywords):
        if next(counted) == 13:
            signal.raise_signal(signal.SIGINT)

    counted = itertools.count(1)
    hook = register_optimizer_step_post_hook(after_the_weights_changed)
    with pytest.raises(KeyboardInterrupt):
        loop.train(vae_faces, SMALL, runs=tmp_path / "runs", checkpoints=tmp_path)
    hook.remove()
    signal.signal(signal.SIGINT, handler)
    loop.train(vae_faces, SMALL, runs=tmp_path / "runs", checkpoints=tmp_path)
    for one, two in zip(losses(uninterrupted / "runs/small"), losses(tmp_path / "runs/small"), strict=True):
        assert two == pytest.approx(one, rel=1e-4)


@pytest.mark.slow
def test_ctrl_c_saves(tmp_path):
    endless = command(replace(SMALL, steps=100_000), tmp_path)
    process = subprocess.Popen(endless, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "stopped at step" in output
    snapshot = torch.load(tmp_path / "runs" / "small" / "snapshot.pt", weights_only=True)
    assert f"stopped at step {snapshot['step']};" in output


def test_other_settings_do_not_continue_a_run(uninterrupted):
    with pytest.raises(RuntimeError, match="another variance: use the same settings, another --name"):
        loop.train(vae_faces, replace(SMALL, variance=0.5), runs=uninterrupted / "runs")


def test_a_broken_snapshot_says_what_to_do(tmp_path):
    loop.train(vae_faces, SMALL, runs=tmp_path, until=10)
    path = tmp_path / "small" / "snapshot.pt"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(RuntimeError, match="delete .*small to start the run again"):
        loop.train(vae_faces, SMALL, runs=tmp_path)


def test_a_run_that_went_further_says_so(tmp_path):
    loop.train(vae_faces, SMALL, runs=tmp_path, until=3)
    with pytest.raises(RuntimeError, match="small is at step 3 already: use --steps 3 or more"):
        loop.train(vae_faces, replace(SMALL, steps=2), runs=tmp_path)


@pytest.mark.parametrize("content", [b"\xff}\n", b'{"step": }\n', b"{}\n", b'{"step": "one"}\n'])
def test_a_broken_history_says_what_to_do(tmp_path, content):
    (tmp_path / "history.jsonl").write_bytes(content)
    with pytest.raises(RuntimeError, match=r"history.jsonl is broken .*: delete .* to start the run again"):
        loop.History(tmp_path / "history.jsonl", 10)


def test_a_snapshot_of_something_else_says_what_to_do(tmp_path):
    (tmp_path / "small").mkdir()
    torch.save({"weights": torch.zeros(1)}, tmp_path / "small" / "snapshot.pt")
    with pytest.raises(RuntimeError, match="delete .*small to start the run again"):
        loop.train(vae_faces, SMALL, runs=tmp_path)


def test_a_full_disk_keeps_the_last_snapshot(tmp_path, monkeypatch):
    loop.train(vae_faces, SMALL, runs=tmp_path, until=10)
    before = (tmp_path / "small" / "snapshot.pt").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="free some space"):
        loop.train(vae_faces, SMALL, runs=tmp_path, checkpoints=tmp_path / "checkpoints")
    assert (tmp_path / "small" / "snapshot.pt").read_bytes() == before
    assert not list((tmp_path / "small").glob(".*"))


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path):
    with pytest.raises(FloatingPointError, match="lower the learning rate"):
        loop.train(vae_faces, replace(SMALL, variance=1e-45), runs=tmp_path)


def test_the_rate_controller_moves_beta_towards_the_rate(uninterrupted):
    beta = [line["beta"] for line in losses(uninterrupted / "runs" / "small") if "beta" in line]
    assert beta[-1] < beta[6]  # an untrained encoder says less than the asked rate: information becomes cheaper


def test_the_average_follows_the_weights(tmp_path):
    fabric = loop.make_fabric()
    settings = replace(SMALL, ema=0.5)
    (tmp_path / "small").mkdir()
    run = loop.Run(fabric, settings, tmp_path / "small")
    module = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(module.weight)
    run.setup("model", module, lambda parameters: torch.optim.SGD(parameters, 0.1))
    torch.nn.init.ones_(module.weight)
    run.step = 100
    run.after_step()
    assert run.averaged["model"].weight.item() == 0.5
    run.after_step()
    assert run.averaged["model"].weight.item() == 0.75


def test_an_epoch_shows_every_picture_once_and_mirrors_half(tmp_path):
    run = loop.Run(loop.make_fabric(), replace(SMALL, batch_size=64), tmp_path)
    images, _ = next(run.batches())
    originals = loop.images.to_float(run._pixels)
    seen, mirrored = set(), 0
    for image in images:
        plain = [i for i, original in enumerate(originals) if torch.equal(image, original)]
        flipped = [i for i, original in enumerate(originals) if torch.equal(image, original.flip(2))]
        seen.update(plain or flipped)
        mirrored += bool(flipped) and not plain
    assert len(seen) == 64 and 16 <= mirrored <= 48


def refusal(capsys, *arguments) -> str:
    """The sentence with which a command is refused."""
    assert main([*map(str, arguments)]) == 1
    output = capsys.readouterr()
    assert output.out == "" and output.err.count("\n") == 1
    return output.err


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/tmp/x", "my run", "-x", ".hid", "modèle"])
def test_a_name_that_is_no_folder_of_its_own_is_refused_before_anything_is_written(tmp_path, capsys, name):
    places = ("--runs", tmp_path / "runs", "--checkpoints", tmp_path / "checkpoints")
    sentence = refusal(capsys, "vae_digits", f"--name={name}", "--data", "fake_digits", *places)
    assert sentence.startswith("--name is ") and "use letters from a to z" in sentence
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_checkpoint_is_not_replaced(tmp_path, capsys):
    thesis = tmp_path / "thesis" / "chapter.txt"
    thesis.parent.mkdir()
    thesis.touch()
    places = ("--runs", tmp_path / "runs", "--checkpoints", tmp_path)
    assert "is no checkpoint" in refusal(capsys, "vae_digits", "--name", "thesis", "--data", "fake_digits", *places)
    assert "use another folder for --runs" in refusal(capsys, "vae_digits", *places[2:], "--runs", tmp_path)
    assert thesis.is_file() and not (tmp_path / "runs").exists()


@pytest.mark.parametrize("option", ["--runs", "--checkpoints"])
def test_a_file_in_the_place_of_a_folder_is_refused_at_once(tmp_path, capsys, option):
    (tmp_path / "file").touch()
    place = ("--runs", tmp_path, "--checkpoints", tmp_path / "checkpoints", option, tmp_path / "file" / "folder")
    assert f"choose another place by {option}" in refusal(capsys, "vae_digits", "--data", "fake_digits", *place)


def test_a_file_in_the_place_of_the_run_is_refused(tmp_path, capsys):
    (tmp_path / "mine").touch()
    places = ("--runs", tmp_path, "--checkpoints", tmp_path / "checkpoints", "--name", "mine")
    sentence = refusal(capsys, "vae_digits", "--data", "fake_digits", *places)
    assert sentence == f"{tmp_path / 'mine'} is a file, where a folder is needed: use another --name\n"


SETTINGS = [
    ("--steps", 0), ("--steps", -5), ("--batch-size", 0), ("--batch-size", -1), ("--snapshot-every", 0),
    ("--log-every", 0), ("--learning-rate", 0), ("--learning-rate", "nan"), ("--learning-rate", "inf"),
    ("--learning-rate", -1), ("--ema", 1), ("--ema", "nan"), ("--seed", -1), ("--seed", 10**30),
    ("--beta", -1), ("--beta", "nan"), ("--data", "nope"), ("--network", "nope"),
    ("--hidden", 0), ("--judge", "my judge"),
]  # fmt: skip


@pytest.mark.parametrize(("option", "value"), SETTINGS)
def test_a_setting_out_of_its_range_is_refused_before_anything_is_written(tmp_path, capsys, option, value):
    places = ("--runs", tmp_path / "runs", "--checkpoints", tmp_path / "checkpoints")
    sentence = refusal(capsys, "vae_digits", "--data", "fake_digits", *places, f"{option}={value}")
    assert sentence.startswith(f"{option} is ") and ": use " in sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("recipe", "value"), [("vae_faces", "fake_captions"), ("caption_photos", "fake")])
def test_data_of_another_kind_are_refused_with_the_names_of_those_that_fit(tmp_path, capsys, recipe, value):
    assert f"--data is '{value}': use one of" in refusal(capsys, recipe, "--data", value, "--runs", tmp_path)


@pytest.mark.parametrize("recipe, widths, words", [
    ("vae_faces", (8,) * 7, "pictures of 64 pixels a side cannot be halved 7 times: use fewer widths"),
    ("dcgan_bricks", (8,) * 7, "pictures of 64 pixels a side cannot be halved 7 times: use fewer widths"),
    ("judge_digits", (10,), "10 channels cannot be split into 8 groups: use widths that are multiples of 8"),
])  # fmt: skip
def test_widths_that_fit_no_network_are_refused(tmp_path, capsys, recipe, widths, words):
    fitting = {"vae_faces": ("--data", "fake", "--sliders", "Disc"), "dcgan_bricks": ("--data", "fake_bricks"),
               "judge_digits": ("--data", "fake_digits")}[recipe]  # fmt: skip
    arguments = (*fitting, "--batch-size", 8, "--runs", tmp_path, "--checkpoints", tmp_path / "c")
    assert refusal(capsys, recipe, *arguments, "--widths", *widths) == words + "\n"


def test_words_that_are_too_rare_are_refused(tmp_path, capsys):
    arguments = ("--data", "fake_captions", "--batch-size", 8, "--minimum-count", 1000, "--runs", tmp_path)
    assert "use a lower --minimum-count" in refusal(capsys, "caption_photos", *arguments)


def test_a_batch_is_no_larger_than_the_data(tmp_path, capsys):
    sentence = refusal(capsys, "vae_digits", "--data", "fake_digits", "--batch-size", 65, "--runs", tmp_path)
    assert sentence == "data set fake_digits has 64 training images: use --batch-size 64 or less\n"


@pytest.mark.parametrize("recipe, arguments", [
    ("cgan_faces", ("--data", "fake")),
    ("cgan_faces", ("--data", "fake", "--attribute", "Disk")),
    ("vae_faces", ("--data", "fake")),
    ("vae_faces", ("--data", "fake", "--sliders", "Disc", "Rad", "Large")),
])  # fmt: skip
def test_an_attribute_that_the_data_do_not_know_is_refused_with_the_ones_they_know(tmp_path, capsys, recipe, arguments):
    sentence = refusal(capsys, recipe, *arguments, "--batch-size", 8, "--runs", tmp_path)
    assert sentence.endswith(" is unknown: use Disc, Red, Large, Bright_Background, or other data\n")


def test_a_slider_is_asked_for_once(tmp_path, capsys):
    sentence = refusal(capsys, "vae_faces", "--data", "fake", "--sliders", "Disc", "Disc", "--runs", tmp_path)
    assert sentence == "--sliders is ('Disc', 'Disc'): use the names of one attribute or more, each once\n"


@pytest.mark.parametrize("name", ["cgan_digits", "judge_digits"])
def test_data_of_one_class_are_refused(tmp_path, monkeypatch, capsys, name):
    whole = data.load("fake_digits", "train")
    rows = whole.attribute("Small_Disc")
    part = replace(whole, images=whole.images[rows], attributes=whole.attributes[rows])
    monkeypatch.setattr(data, "load", lambda *_: part)
    sentence = refusal(capsys, name, "--data", "fake_digits", "--batch-size", 8, "--runs", tmp_path)
    assert sentence.endswith(" is the same in all pictures: use other data, for none varies\n")


@pytest.mark.parametrize("recipe", recipes().values(), ids=recipes())
def test_every_setting_says_what_is_allowed(recipe):
    for field in fields(recipe.Settings):
        assert not {int, float} & {field.type, *get_args(plain(field.type))}, field.name


@pytest.mark.slow
def test_a_run_keeps_a_second_one_out_until_it_ends_even_if_it_is_killed(tmp_path, capsys):
    endless = replace(SMALL, steps=100_000)
    process = subprocess.Popen(command(endless, tmp_path), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    with pytest.raises(BlockingIOError, match="another process is at work on .*small: wait for it, or use another"):
        loop.train(vae_faces, endless, runs=tmp_path / "runs", checkpoints=tmp_path / "checkpoints")
    process.kill()
    process.wait(30)
    loop.train(vae_faces, SMALL, runs=tmp_path / "runs", checkpoints=tmp_path / "checkpoints", until=1)


def test_a_setting_that_was_trained_to_nothing_does_not_replace_a_checkpoint(tmp_path, monkeypatch):
    places = {"runs": tmp_path / "runs", "checkpoints": tmp_path / "checkpoints"}
    folder = loop.train(vae_faces, replace(SMALL, steps=1), **places)
    before = checkpoint.read_card(folder)["sha256"]
    export = vae_faces.export

    def broken(run, settings):
        result = export(run, settings)
        torch.nn.init.constant_(result.model.to_posterior.bias, float("nan"))
        return result

    monkeypatch.setattr(vae_faces, "export", broken)
    with pytest.raises(FloatingPointError, match="to_posterior.bias holds infinity.*: lower the learning rate"):
        loop.train(vae_faces, replace(SMALL, steps=2), **places)
    assert checkpoint.read_card(folder)["sha256"] == before


def test_recipes_are_listed_and_explained(capsys):
    assert main([]) == 0
    assert "vae_faces" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["vae_faces", "--help"])
    text = capsys.readouterr().out
    for field in vae_faces.Settings.__dataclass_fields__.values():
        assert "--" + field.name.replace("_", "-") in text and field.metadata["help"].split()[0] in text
    assert main(["no_such_recipe"]) == 2


def test_missing_data_names_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path))
    assert main(["vae_faces", "--runs", str(tmp_path)]) == 1
    assert "python -m train.data celeba" in capsys.readouterr().err
