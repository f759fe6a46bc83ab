"""Whatever stands on a card or in the files beside it: the right model, or one sentence with the file and the remedy;
nothing is written, and nothing takes long."""

import json
import time
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gen_lab import checkpoint, registry
from gen_lab.checkpoint import CheckpointError, atlas, replay, usual_distances
from gen_lab.checkpoint.weights import sha256
from gen_lab.latent import Directions
from gen_lab.models import vae

CONFIG = vae.Config(image_size=16, latent_dim=4, widths=(8, 16), components=2)
CARD = {
    "name": "vae-faces", "family": "vae", "recipe": "vae_faces", "settings": {"name": "vae-faces", "steps": 10},
    "data": {"name": "celeba"}, "sliders": ["Smiling", "Male"], "judge": "judge-faces", "atlas": {}, "replay": {},
}  # fmt: skip
FILES = ("model.safetensors", "directions.safetensors")
ENOUGH = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

numbers = st.one_of(st.integers(), st.sampled_from([0, -1, 10**6, 10**30, 1e308]), st.floats())
odd_texts = ["../vae", "vae", "gan", "os", "textbook", "\ud800", "a\nb", "x" * 10_000]
texts = st.one_of(st.text(max_size=8), st.sampled_from(odd_texts))
leaves = st.one_of(st.none(), st.booleans(), numbers, texts, st.sampled_from([[1] * 10_000, ["a"] * 10_000]))
anything = st.recursive(
    leaves, lambda part: st.one_of(st.lists(part, max_size=3), st.dictionaries(texts, part, max_size=3)), max_leaves=6
)
entries = st.sampled_from([*CARD, "config", "sha256", "metrics", "lesson", "limits", "annotations"])
fields = st.sampled_from(list(vae.Config.__dataclass_fields__))


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, bytes]:
    """The files of a small checkpoint."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("whole") / "vae-faces"
    directions = Directions.fit(torch.randn(50, 4), torch.randn(50, 2) > 0, ("Smiling", "Male"))
    checkpoint.save(folder, vae.VAE(CONFIG), CARD, {}, directions)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folder(whole, tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path))
    folder = tmp_path / "vae-faces"
    folder.mkdir()
    return folder


def fill(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def load() -> None:
    model = registry.load("vae-faces", "cpu").model
    assert model.config == CONFIG and all(tensor.isfinite().all() for tensor in model.state_dict().values())


def try_everything(folder: Path) -> None:
    """All that reads a checkpoint, as pages do."""
    before, start = sorted(folder.parent.rglob("*")), time.process_time()
    for read in (
        load,
        lambda: registry.require(registry.load("vae-faces", "cpu"), "encode", "data", "sliders"),
        lambda: replay.read(folder),
        lambda: atlas.load(folder, checkpoint.read_card(folder)),
        lambda: usual_distances.load(folder),
    ):
        try:
            read()
        except CheckpointError as error:
            sentence = str(error)
            assert "\n" not in sentence and len(sentence) < 2000, sentence
            assert "vae-faces" in sentence and "run python -m train" in sentence, sentence
    registry.having("encode", "decode", without=("classes", "lesson"))
    assert sorted(folder.parent.rglob("*")) == before and time.process_time() - start < 5


@ENOUGH
@given(card=anything)
def test_any_json_as_a_card(whole, folder, card):
    fill(folder, whole | {"card.json": json.dumps(card).encode()})
    try_everything(folder)


@ENOUGH
@given(changes=st.dictionaries(entries, anything, max_size=3), config=st.dictionaries(fields, anything, max_size=2))
def test_any_entries_on_a_card(whole, folder, changes, config):
    card = json.loads(whole["card.json"])
    fill(folder, whole | {"card.json": json.dumps(card | {"config": card["config"] | config} | changes).encode()})
    try_everything(folder)


@ENOUGH
@given(content=st.binary(max_size=200))
def test_any_bytes_as_a_card(whole, folder, content):
    fill(folder, whole | {"card.json": content})
    try_everything(folder)


@ENOUGH
@given(data=st.data(), name=st.sampled_from([*FILES, "atlas.npz", "novelty.npz", "history.jsonl", "replay.webp"]))
def test_any_bytes_as_another_file(whole, folder, data, name):
    """Of their own, or with a few bytes changed; the card agrees with the hash, as if somebody had meant it."""
    content = bytearray(whole.get(name, b"PK\x03\x04"))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, min(len(content), 3000) - 1))] = data.draw(st.integers(0, 255))
    content = data.draw(st.one_of(st.just(bytes(content)), st.binary(max_size=200)))
    fill(folder, whole | {name: content})
    card = json.loads(whole["card.json"]) | {"sha256": sha256(folder / "model.safetensors")}
    fill(folder, {"card.json": json.dumps(card).encode()})
    try_everything(folder)
