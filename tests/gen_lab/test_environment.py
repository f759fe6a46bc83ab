"""The variables `GEN_LAB_*`: all are read in one way, and a file where a folder is needed is refused in a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gen_lab import data, device, registry
from train.data import main as data_command

ROOT = Path(__file__).parents[2]


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    places = (registry.root, data.data_root, data.cache_root, device.best_device)
    for name in ("CHECKPOINTS", "DATA", "CACHE", "DEVICE"):
        monkeypatch.delenv(f"GEN_LAB_{name}", raising=False)
    defaults = [place() for place in places]
    for name in ("CHECKPOINTS", "DATA", "CACHE", "DEVICE"):
        monkeypatch.setenv(f"GEN_LAB_{name}", "")
    assert [place() for place in places] == defaults


@pytest.mark.parametrize("below", ["", "/folder"])
@pytest.mark.parametrize(
    ("name", "place"), [("CHECKPOINTS", registry.root), ("DATA", data.data_root), ("CACHE", data.cache_root)]
)
def test_a_file_is_no_folder(tmp_path, monkeypatch, name, place, below):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv(f"GEN_LAB_{name}", f"{file}{below}")
    with pytest.raises(NotADirectoryError) as caught:
        place()
    assert str(caught.value) == f"{file} is a file, where a folder is needed: set GEN_LAB_{name} to a folder"


@pytest.mark.parametrize("arguments", [[], ["avatars"]])
def test_a_command_says_so_and_gives_up(tmp_path, monkeypatch, capsys, arguments):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GEN_LAB_CACHE", str(tmp_path / "file"))
    assert data_command(arguments) == 1
    assert capsys.readouterr().err.endswith("set GEN_LAB_CACHE to a folder\n")


def test_a_name_that_the_terminal_cannot_show_is_printed_all_the_same(tmp_path):
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii:strict"}
    folder = os.fsencode(tmp_path) + b"/\xe8\xc3\xa9"
    program = "import sys, train; print(sys.argv[1], chr(233))"
    done = subprocess.run(
        [sys.executable, "-c", program, folder], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert done.stdout.decode("ascii").strip().endswith("\\xe9")
