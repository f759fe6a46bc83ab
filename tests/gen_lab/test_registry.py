"""Which checkpoints can do what, by their cards and families; and that nothing else knows families by name."""

import ast
from pathlib import Path

import pytest

from gen_lab import checkpoint, models, registry
from gen_lab.checkpoint import CheckpointError, family_module
from tests.apptest import rewrite_card
from tests.tiny import make_adversarial, make_checkpoints, make_planes

ROOT = Path(__file__).parents[2]
FAMILIES = {path.stem for path in Path(models.__file__).parent.glob("*.py")} - {"__init__"}


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints")
    return make_adversarial(make_planes(make_checkpoints(folder)))


@pytest.fixture
def folder(everything, monkeypatch) -> Path:
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(everything))
    return everything


@pytest.mark.parametrize("abilities, without, names", [
    (("encode", "decode", "sliders"), (), ["vae-avatars", "vae-faces"]),
    (("encode", "plane"), (), ["ae-digits", "vae-digits", "vae-digits-beta0", "vae-digits-beta0.5", "vae-digits-beta4",
                               "vae-fashion"]),
    (("score",), ("classes",), ["dcgan-bricks", "gan-digits", "wgan_gp-faces", "gan-digits-collapse"]),  # a lesson last
    (("decode", "classes"), (), ["cgan-digits", "cgan-faces"]),
    (("decode", "score"), ("classes", "lesson"), ["dcgan-bricks", "gan-digits", "wgan_gp-faces"]),
    (("probabilities",), (), ["judge-avatars", "judge-digits", "judge-faces"]),
    (("encode", "score"), (), []),
    (("juggle",), (), []),
])  # fmt: skip
def test_what_can_do_this_without_that(folder, abilities, without, names):
    assert list(registry.having(*abilities, without=without)) == names


def test_having_nothing_in_particular_is_every_card(folder):
    assert sorted(registry.having()) == registry.names()
    assert registry.having()["vae-faces"] == registry.cards()["vae-faces"]


@pytest.mark.parametrize("card", [
    {"family": "layers", "config": {}}, {"family": "../vae", "config": {}}, {"family": None, "config": {}},
    {"family": ["vae"], "config": {}},
])  # fmt: skip
def test_a_card_of_no_family_offers_nothing(card):
    assert not registry.offers(card, "decode") and not registry.offers(card, "classes")


def test_an_odd_config_offers_what_its_family_does():
    assert registry.offers({"family": "vae", "config": [2]}, "decode")
    assert not registry.offers({"family": "vae", "config": [2]}, "plane")


def test_what_a_checkpoint_lacks_is_said_with_the_remedy(folder):
    with pytest.raises(CheckpointError, match="'judge-faces' lacks an encoder, a decoder: choose another one") as error:
        registry.require(registry.load("judge-faces"), "encode", "probabilities", "decode")
    assert "python -m train judge_faces" in error.value.commands
    with pytest.raises(CheckpointError, match="'cgan-faces' has classes to choose from.*: choose another one"):
        registry.require(registry.load("cgan-faces"), "decode", without=("classes",))
    registry.require(registry.load("vae-faces"), "encode", "decode", "sliders", "data", without=("classes", "lesson"))


@pytest.mark.parametrize("change, ability", [
    ({"data": {"name": "os.path"}}, "data"), ({"data": "celeba"}, "data"), ({"data": ...}, "data"),
    ({"sliders": ["Nose"]}, "sliders"), ({"sliders": 3}, "sliders"), ({"sliders": [["Smiling"]]}, "sliders"),
    ({"sliders": ["Smiling"] * 10_000}, "sliders"),
    ({"sliders": ...}, "sliders"),
])  # fmt: skip
def test_what_a_card_says_has_to_be_in_order(tmp_path, monkeypatch, change, ability):
    make_checkpoints(tmp_path)
    rewrite_card(tmp_path / "vae-faces", **change)
    with pytest.raises(CheckpointError, match="'vae-faces' lacks "):
        registry.require(checkpoint.load(tmp_path / "vae-faces"), "decode", ability)


def strings(path: Path) -> set[str]:
    """Every text in a source file."""
    tree = ast.parse(path.read_text("utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def sources() -> list[Path]:
    """Everything but the families, what trains them, and what reads and writes cards."""
    own = {ROOT / "gen_lab/models", ROOT / "gen_lab/checkpoint", ROOT / "train/recipes"}
    files = [path for part in ("gen_lab", "pages", "train", "bench") for path in (ROOT / part).rglob("*.py")]
    return [path for path in [*files, ROOT / "app.py"] if own.isdisjoint(path.parents)]


def test_no_source_names_a_family():
    abilities = {name for family in FAMILIES for name in dir(family_module(family).Model)}  # one captions, "caption"
    pages = {path.parent.name for path in (ROOT / "pages").glob("*/page.py")}  # one is called "gan"
    names = FAMILIES - abilities - pages - {"judge"}  # that is an entry of cards too
    assert {"ae", "vae", "cgan", "dcgan", "wgan_gp"} <= names
    assert {path: named for path in sources() if (named := strings(path) & names)} == {}


def test_no_source_asks_a_card_for_its_family():
    asking = {str(path.relative_to(ROOT)) for path in sources() if "family" in strings(path)}
    assert asking == {
        "gen_lab/registry.py",
        "gen_lab/ui/cards.py",  # shows it
        "train/loop.py",  # writes it
    }
