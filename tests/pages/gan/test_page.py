"""The pages of the adversarial originals in their states."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from gen_lab import checkpoint
from gen_lab.checkpoint import held_out
from tests.apptest import control, fresh_copy, open_page, press
from tests.tiny import make_adversarial


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> Path:
    return make_adversarial(tmp_path_factory.mktemp("adversarial"))


@pytest.fixture
def folder(originals, tmp_path, monkeypatch) -> Path:
    return fresh_copy(originals, tmp_path, monkeypatch)


def text(app) -> str:
    kinds = ("markdown", "caption", "error", "warning", "code")
    return " ".join(each.value for kind in kinds for each in app.get(kind))


def test_failed_runs_come_last_and_are_named_so(folder):
    app = open_page("gan", model="gan-digits-collapse")
    (choice,) = [each for each in app.selectbox if each.label == "Model"]
    assert choice.options == ["dcgan-bricks", "gan-digits", "wgan_gp-faces", "gan-digits-collapse: a failure"]
    assert "mode collapse" in app.warning[0].value


@pytest.mark.parametrize("model, word", [("gan-digits", "discriminator"), ("wgan_gp-faces", "critic")])
def test_a_grid_with_its_sliders_and_what_the_critic_says(folder, model, word):
    app = open_page("gan", model=model)
    message = control(app)
    assert [slider["name"] for slider in message["sliders"]] == ["truncation", *"012345"]
    assert message["values"] == [4, 0, 0, 0, 0, 0, 0] and message["drag"]["x"] == 1
    assert f"What the {word} says" in [each.value for each in app.subheader]
    assert "python -m train.data" in text(app)  # there are no real pictures to compare with


def test_the_state_of_a_link_is_shown(folder):
    app = open_page("gan", model="gan-digits", seed="7", plane="1", rows="5", pair="2", method="pca", scores="0",
                 truncation="0.5", moves="1,0,0,0,0,-2")  # fmt: skip
    message = control(app)
    assert message["values"] == [0.5, 1, 0, 0, 0, 0, -2]
    assert (message["drag"]["x"], message["drag"]["y"]) == (5, 6) and message["drag"]["across"] == -9
    assert "5 rows of 9 pictures that gan-digits makes, from seed 7" in message["alt"]


@pytest.mark.parametrize("data, compared", [("fake_digits", True), ("fake", False)])  # the latter in another shape
def test_real_test_pictures_are_compared_with_where_they_are(folder, data, compared):
    card = checkpoint.read_card(folder / "gan-digits")
    checkpoint.write_card(folder / "gan-digits", card | {"data": card["data"] | {"name": data}})
    app = open_page("gan", model="gan-digits")
    assert ("and real test pictures" in text(app)) == compared != ("train.data" in text(app))


def test_the_other_arrangement_and_back_by_undo(folder):
    app = open_page("gan", model="gan-digits")
    first = control(app)["picture"]
    next(group for group in app.get("button_group") if group.label == "Grid").set_value(True).run()
    assert app.query_params["plane"] == "1" and control(app)["picture"] != first
    app.button(key="gan history Undo").click().run()
    assert "plane" not in app.query_params and control(app)["picture"] == first


@pytest.mark.parametrize("page, query", [
    ("gan", {"seed": "-1", "rows": "99999999"}), ("gan", {"moves": "nan,nan", "truncation": "1e999"}),
    ("gan", {"junk": "![](http://example.org)"}), ("conditional", {"rows": "x", "a": "99", "b": "-1"}),
    ("conditional", {"mix": "nan", "moves": ","}),
])  # fmt: skip
def test_a_hostile_link_shows_the_page(folder, page, query):
    app = open_page(page, **query)
    assert not app.error and control(app)["picture"].startswith("data:image/png")


@pytest.mark.parametrize("page, model", [
    ("gan", "../../etc/passwd"), ("gan", "![](http://example.org)"), ("gan", "judge-digits"), ("gan", "cgan-digits"),
    ("conditional", "gan-digits"), ("conditional", "nothing"),
])  # fmt: skip
def test_a_model_that_is_none_of_the_family_is_refused_in_words(folder, page, model):
    app = open_page(page, model=model)
    assert len(app.error) == 1 and not app.get("bidi_component")


@pytest.mark.parametrize("page, name", [("gan", "gan-digits"), ("conditional", "cgan-digits")])
@pytest.mark.parametrize("break_it, remedy", [
    (shutil.rmtree, "python -m train"),
    (lambda folder: (folder / "model.safetensors").write_bytes(b"junk"), "python -m train"),
    (lambda folder: (folder / "card.json").write_text("{}"), "python -m train"),
])  # fmt: skip
def test_what_is_missing_or_broken_names_its_remedy(folder, page, name, break_it, remedy):
    break_it(folder / name)
    app = open_page(page, model=name)
    assert app.error and remedy in text(app)


def test_without_any_model_the_page_says_how_to_train_one(folder):
    shutil.rmtree(folder)
    for page, command in (("gan", "python -m train gan_digits"), ("conditional", "python -m train cgan_digits")):
        assert command in text(open_page(page))


def test_only_a_page_without_a_link_opens_on_the_favourite(folder):
    card = checkpoint.read_card(folder / "wgan_gp-faces")
    checkpoint.write_card(folder / "wgan_gp-faces", card | {"truncation": {"start": 0.75}})
    app = open_page("gan")
    assert app.query_params["model"] == "wgan_gp-faces" and control(app)["values"][0] == 0.75
    assert control(open_page("gan", seed="1"))["values"][0] == 4
    assert "from seed 1" in control(open_page("gan", model="wgan_gp-faces"))["alt"]


def test_another_model_starts_at_its_own_truncation(folder):
    card = checkpoint.read_card(folder / "wgan_gp-faces")
    checkpoint.write_card(folder / "wgan_gp-faces", card | {"truncation": {"start": 0.75}})
    app = open_page("gan", model="gan-digits", moves="1,0,0,0,0,0")
    (choice,) = [each for each in app.selectbox if each.label == "Model"]
    choice.set_value("wgan_gp-faces").run()
    assert control(app)["values"] == [0.75, 0, 0, 0, 0, 0, 0] and "from seed 1" in control(app)["alt"]
    choice.set_value("gan-digits").run()
    assert control(app)["values"][0] == 4


def test_another_grid_is_one_step_that_undo_takes_back(folder):
    app = press(open_page("gan", model="gan-digits"), "Another")
    assert app.query_params["seed"]
    press(app, "Undo")
    assert "seed" not in app.query_params


def test_the_game_is_played_with_a_model_whose_real_pictures_came_along(folder):
    app = open_page("gan", model="wgan_gp-faces")
    assert "python -m train.data celeba" in text(app) and "Play ten rounds" not in [each.label for each in app.button]
    side = checkpoint.read_card(folder / "dcgan-bricks")["config"]["image_size"]
    held_out.save(folder / "dcgan-bricks", np.zeros((12, side, side, 1), np.uint8))
    app = press(open_page("gan", model="wgan_gp-faces"), "Play ten rounds")
    assert "you play against dcgan-bricks" in text(app)
    played = json.loads(app.get("bidi_component")[1].proto.json)
    assert len(played["sides"]) == 10 and played["words"]["rival"] == "The discriminator"
    assert {"%" in verdict for pair in played["values"] for verdict in pair} == {True}
