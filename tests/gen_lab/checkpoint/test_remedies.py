"""Remedies: which commands a checkpoint's error names, and that each of them exists."""

import runpy
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gen_lab import checkpoint, data, registry
from gen_lab.checkpoint import atlas, remedies, usual_distances
from gen_lab.errors import MissingPackage
from train.__main__ import parser, recipes

SHIPPED = remedies.ROOT / "checkpoints"
NAMES = sorted(path.parent.name for path in SHIPPED.glob("*/card.json"))
OWN = {"recipe": "vae_faces", "settings": {"name": "x", "widths": [8, 16], "residual": False, "judge": "", "beta": 0.5}}


def all_commands() -> list[str]:
    """Every command that a remedy can name: of the checkpoints that ship, were they there or not, and of data."""
    commands = {command for name in data.NAMES for command in data.MissingData(name).commands}
    for name in NAMES:
        folder = SHIPPED / name
        commands |= {*remedies.checkpoint(folder, checkpoint.read_card(folder)), *remedies.checkpoint(folder)}
        commands |= {*remedies.file(folder / atlas.FILE, atlas.MAKER)}
        commands |= {*remedies.file(folder / usual_distances.FILE, usual_distances.MAKER)}
    commands |= {f"python -m train.evaluate {NAMES[0]}", f"python -m train.novelty --features {NAMES[0]}"}
    return sorted({*commands, *remedies.training("own", OWN), *MissingPackage("").commands})


@pytest.mark.parametrize("command", [command for command in all_commands() if command.startswith("python -m ")])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of runpy, about a module that is imported already
def test_the_command_exists(command, monkeypatch, capsys):
    module, *arguments = shlex.split(command.removeprefix("python -m "))
    monkeypatch.setattr(sys, "argv", [module, *arguments, "--help"])
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # these tests keep theirs
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    assert not ended.value.code


@pytest.mark.parametrize("name", NAMES)
def test_the_training_of_a_checkpoint_that_ships_gives_its_name(name):
    (command,) = remedies.training(name, {})
    recipe, *arguments = shlex.split(command.removeprefix("python -m train "))
    settings = vars(parser(recipe, recipes()[recipe]).parse_args(arguments))
    card = checkpoint.read_card(SHIPPED / name)
    assert (settings["name"], recipe) == (name, card["recipe"])
    assert settings.get("beta") == card["settings"].get("beta")


def test_a_checkpoint_of_ones_own_is_trained_as_its_card_says():
    (command,) = remedies.training("my-faces", OWN)
    assert command == "python -m train vae_faces --name my-faces --widths 8 16 --no-residual --judge '' --beta 0.5"
    settings = parser("vae_faces", recipes()["vae_faces"]).parse_args(shlex.split(command)[4:])
    assert settings.name == "my-faces" and settings.widths == [8, 16] and settings.judge == "" and not settings.residual


@pytest.mark.parametrize("card", [{}, {"recipe": "ghost", "settings": {}}, {"recipe": ["x"]}, {"recipe": "../loop"}])
def test_what_no_recipe_makes_has_no_command(tmp_path, card):
    assert remedies.checkpoint(tmp_path / "my-faces", card) == []


def test_a_hostile_card_cannot_smuggle_a_command():
    settings = {"a; rm -rf ~": "$(rm -rf ~)"}
    (command,) = remedies.training("own", {"recipe": "vae_faces", "settings": settings})
    assert shlex.split(command)[4:] == ["--a; rm -rf ~", "$(rm -rf ~)", "--name", "own"]


# -- git ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Path:
    """A copy of the project with one checkpoint that git has, and one that it has not."""
    shutil.copytree(remedies.ROOT / "train/recipes", tmp_path / "train/recipes")
    for name in ("vae-faces", "vae-own"):
        (tmp_path / "checkpoints" / name).mkdir(parents=True)
        (tmp_path / "checkpoints" / name / "card.json").write_text("{}")
    monkeypatch.setattr(remedies, "ROOT", tmp_path)
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path / "checkpoints"))
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "add", "checkpoints/vae-faces"], check=True)
    return tmp_path


def test_git_restores_what_it_has(repository):
    (repository / "checkpoints/vae-faces/card.json").unlink()
    with pytest.raises(checkpoint.CheckpointError) as caught:
        registry.load("vae-faces")
    assert caught.value.commands == ("git checkout -- checkpoints/vae-faces", "python -m train vae_faces")
    assert str(caught.value).endswith(
        "restore it with git checkout -- checkpoints/vae-faces, or run python -m train vae_faces"
    )
    subprocess.run(shlex.split(caught.value.commands[0]), cwd=repository, check=True)
    assert (repository / "checkpoints/vae-faces/card.json").is_file()


def test_git_is_not_asked_for_what_it_does_not_have(repository):
    assert remedies.restoring(repository / "checkpoints/vae-own") == []
    assert remedies.restoring(repository / "checkpoints/vae-faces/atlas.npz") == []
    assert remedies.restoring(repository.parent / "elsewhere/vae-faces") == []


def test_without_a_repository_there_is_training_alone(repository):
    shutil.rmtree(repository / ".git")
    folder = repository / "checkpoints/vae-faces"
    assert remedies.checkpoint(folder) == ["python -m train vae_faces"]
