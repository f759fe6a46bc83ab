"""The pages Paths and Arithmetic in their states, without a browser."""

import shutil

import numpy as np
import pytest
import torch

from gen_lab import checkpoint, data, registry
from gen_lab.models import cgan
from gen_lab.sources import from_token, opening, pack
from pages.paths import state
from tests.apptest import (
    choose,
    commands,
    control,
    errors,
    grid,
    link,
    open_page,
    pick,
    picture,
    press,
    rewrite_card,
    run,
)
from tests.pages.faces.test_page import BROKEN, HOSTILE, NAMES
from tests.tiny import LATENT, make_avatars

OF_ANOTHER_MODEL = "p" + pack(torch.zeros(LATENT["avatars"]))
OWN = "p" + pack(torch.ones(LATENT["faces"]))
PAGES = ("paths", "arithmetic")

pytestmark = pytest.mark.usefixtures("checkpoints")


def heights(app) -> np.ndarray:
    """How high the lines of the chart are, (3, N)."""
    return np.array([line["heights"] for line in control(app)["lines"]])


def example(app):
    """The choice among examples on the page of sums."""
    return next(box for box in app.selectbox if box.label == "Example")


def html(app, name: str) -> str:
    return next((element.proto.body for element in app.get("html") if f'class="{name}"' in element.proto.body), "")


# Paths


def test_paths_shows_three_ways_a_chart_and_downloads():
    app = open_page("paths")
    assert picture(app).shape == (5 * 64 + 4, 6 * 64 + 4, 3) and picture(app).std() > 10
    assert control(app)["values"] == [0.25] and control(app)["seconds"] > 0
    assert [line["name"] for line in control(app)["lines"]] == ["Linear", "Spherical", "Cross-fade"]
    assert "judge" in " ".join(caption.value for caption in app.caption)
    assert len(app.get("image")) == 3 and len(app.get("download_button")) == 2
    assert link(app) == {"model": "vae-faces", "keys": "s1.s2.s3"} and not app.error


def test_a_link_restores_exactly_the_path():
    query = {"model": "vae-avatars", "keys": "s4.s5.s6.s7", "t": "0.7", "speed": "1"}
    first, second = open_page("paths", **query), open_page("paths", **query)
    assert np.array_equal(picture(first), picture(second)) and link(first) == query
    assert first.toggle[0].value is True and control(first)["values"] == [0.7]


def test_only_without_a_query_the_page_takes_the_opening_path(checkpoints):
    rewrite_card(checkpoints / "vae-faces", opening={"keys": ["s7", "s8"]})
    assert link(open_page("paths"))["keys"] == "s7.s8"
    assert link(open_page("paths", model="vae-faces"))["keys"] == "s1.s2.s3"


def test_another_model_begins_with_its_own_path(checkpoints):
    rewrite_card(checkpoints / "vae-avatars", opening={"keys": ["s4", "s5"]})
    assert link(choose(open_page("paths"), "Model", "vae-avatars"))["keys"] == "s4.s5"


def test_on_the_shipped_opening_line_and_arc_differ_halfway(monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS")
    for model in ("vae-faces", "vae-avatars"):
        loaded = registry.load(model)
        keyframes = torch.stack([from_token(loaded, key) for key in opening(loaded.card, "keys")["keys"]])
        course = state.course(loaded, keyframes)
        for t in (0.25, 0.75):  # halfway between two
            line, arc, fade = (pictures[0].astype(int) for pictures in course.pictures(torch.tensor([t])))
            assert min(abs(line - arc).mean(), abs(line - fade).mean(), abs(arc - fade).mean()) > 5


def test_constant_speed_flattens_the_chart():
    def unevenness(app):
        rows = heights(app)
        return rows[:2].std(1) / rows[:2].mean(1)

    app = open_page("paths", keys="s1.s2.s2.s3")  # it stands still in its middle third
    before, still = unevenness(app), picture(app)
    app.toggle[0].set_value(True)
    assert (unevenness(run(app)) < before).all() and link(app)["speed"] == "1"
    assert not np.array_equal(picture(app), still)


def test_pictures_are_added_moved_and_removed_and_it_can_be_undone():
    app = press(open_page("paths", keys="s1.s2"), "Random")
    keys = link(app)["keys"].split(".")
    assert keys[:2] == ["s1", "s2"] and len(keys) == 3
    next(button for button in app.button if button.key == "paths earlier 2").click()
    assert link(run(app))["keys"].split(".") == [keys[0], keys[2], keys[1]]
    next(button for button in app.button if button.key == "paths remove 0").click()
    assert link(run(app))["keys"].split(".") == [keys[2], keys[1]]
    assert all(button.disabled for button in app.button if (button.key or "").startswith("paths remove"))
    for _ in range(3):
        press(app, "Undo")
    assert link(app)["keys"] == "s1.s2" and not app.error


def test_eight_pictures_are_the_most():
    app = open_page("paths", keys=".".join(f"s{n}" for n in range(12)))
    assert link(app)["keys"].count("s") == 8
    assert next(button for button in app.button if button.label == "Random").disabled


def test_a_picture_of_the_data_set_is_added():
    make_avatars()
    app = press(open_page("paths", model="vae-avatars", keys="s1.s2"), "Data set …")
    assert len(grid(app)) == len(data.load("avatars", "test"))
    pick(app, 3)
    assert link(app)["keys"] == "s1.s2.d3" and not app.error


def test_a_photo_can_be_added():
    app = press(open_page("paths"), "Your photo …")
    assert any("not stored" in caption.value for caption in app.caption) and control(app)


def test_another_model_begins_anew():
    app = choose(open_page("paths", keys=f"s1.{OWN}"), "Model", "vae-avatars")
    assert link(app) == {"model": "vae-avatars", "keys": "s1.s2.s3"} and not app.error


@pytest.mark.parametrize("name", PAGES)
def test_many_models_are_a_list_by_what_they_show(name, checkpoints):  # noqa: F811
    for family in ("vae-digits", "gan-digits"):
        shutil.copytree(checkpoints / "vae-avatars", checkpoints / family)
        rewrite_card(checkpoints / family, name=family, data={"name": "mnist"})
    for copy in "ab":
        shutil.copytree(checkpoints / "vae-faces", checkpoints / f"vae-faces-{copy}")
    rewrite_card(checkpoints / "vae-faces-a", data={"name": ["celeba"]})
    app = open_page(name, model="vae-avatars")
    (choice,) = [box for box in app.selectbox if box.label == "Model"]
    assert choice.options == [
        "Avatars: vae-avatars", "Digits: gan-digits", "Digits: vae-digits", "Faces: vae-faces", "Faces: vae-faces-b",
        "Other: vae-faces-a",
    ]  # fmt: skip
    assert choice.value == "vae-avatars"
    choice.set_value("vae-faces")
    assert link(run(app))["model"] == "vae-faces" and control(app)
    press(app, "Undo")
    assert link(app)["model"] == "vae-avatars"


@pytest.mark.parametrize("name", PAGES)
def test_conditional_models_and_lessons_are_not_offered(name, checkpoints):  # noqa: F811
    small = {"latent_dim": 4, "widths": (8, 8), "critic": "pixels", "critic_widths": (8,)}
    card = {"name": "cgan-x", "family": "cgan", "data": {"name": "celeba"}, "recipe": "cgan_x"}
    checkpoint.save(checkpoints / "cgan-x", cgan.Model(cgan.Config(classes=("a", "b"), **small)), card)
    shutil.copytree(checkpoints / "vae-faces", checkpoints / "failed")
    rewrite_card(checkpoints / "failed", name="failed", lesson="mode collapse")
    app = open_page(name, model="cgan-x")
    assert "has classes to choose from" in errors(app) and not app.get("bidi_component")
    (offered,) = [group.options for group in app.get("button_group") if group.label == "Model"]
    assert offered == ["vae-avatars", "vae-faces"]
    assert control(choose(app, "Model", "vae-faces")) and not app.error


@pytest.mark.parametrize("keys", [f"s1.s2.{OF_ANOTHER_MODEL}", "s1.s2.pAAAA", "s1.s2.d3"])
def test_a_picture_that_cannot_be_had_is_explained_and_left_out(keys):
    app = open_page("paths", keys=keys)
    assert errors(app) and control(app)["seconds"] == 2
    next(button for button in app.button if button.key == "paths remove 2").click()
    assert not run(app).error and link(app)["keys"] == "s1.s2"


def test_too_few_pictures_are_explained():
    app = open_page("paths", keys="d1.d2")
    assert "python -m train.data celeba" in commands(app) and not app.get("bidi_component")
    press(press(app, "Random"), "Random")
    assert control(app)


def test_without_a_judge_pixels_are_compared_and_the_page_says_so(checkpoints):  # noqa: F811
    shutil.rmtree(checkpoints / "judge-faces")
    app = open_page("paths")
    assert "pixels" in " ".join(caption.value for caption in app.caption)
    assert heights(app).shape[1] >= 120 and not app.error


@pytest.mark.parametrize("kind, begins", [("GIF", b"GIF89a"), ("MP4", b"ftyp")])
def test_a_film_is_made_and_offered(kind, begins):
    app = open_page("paths", keys="s1.s2")
    app.number_input(key="paths seconds").set_value(1.0)
    press(run(app), f"Make {kind}")
    assert any(button.label == f"Save {kind}" for button in app.get("download_button")) and not app.error
    assert not any(button.label == "Stop" for button in app.button)


# Arithmetic


def test_arithmetic_shows_terms_result_and_readings(monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS")
    app = open_page("arithmetic", model="vae-avatars")
    assert picture(app).shape == (3 * 66 - 2, 3 * 66 - 2, 3) and not app.error
    assert [slider["name"] for slider in control(app)["sliders"]] == ["strength", "spread"]
    assert html(app, "equation").count("<figure>") == 3 and html(app, "equation").count("<b ") == 3
    assert example(app).value == "glasses and hat" and app.get("table")
    query = link(app)
    assert query["a"] == "Eyeglasses.-Wearing_Hat" and query["a_keys"].startswith("s")
    assert np.array_equal(picture(open_page("arithmetic", **query)), picture(app))


def test_arithmetic_opens_on_a_sum_that_works_and_shows_those_that_fail_second(monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS")
    app = open_page("arithmetic")
    assert example(app).value == "smiling man"
    outcomes = [element.proto.body for element in app.get("html") if 'class="outcome"' in element.proto.body]
    opening, *others = ["It worked" in outcome for outcome in outcomes]
    assert opening and others == sorted(others, reverse=True) and len(set(others)) == 2
    button = next(button for button in app.button if button.key == "arithmetic example woman with glasses")
    button.click()
    assert example(run(app)).value == "woman with glasses" and "It did not work" in html(app, "outcome")


def test_presets_change_the_terms_and_can_be_undone(monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS")
    app = open_page("arithmetic", model="vae-avatars")
    before = picture(app)
    example(app).set_value("beard and long hair")
    assert link(run(app))["a"] == "Facial_Hair.-Long_Hair" and not np.array_equal(picture(app), before)
    press(app, "Undo")
    assert np.array_equal(picture(app), before) and example(app).value == "glasses and hat"


def test_a_terms_exemplars_are_ticked_in_its_dialog():
    make_avatars()
    app = press(open_page("arithmetic", model="vae-avatars", a_keys="s1", b_keys="d2.s4", c_keys="s3"), "Change B")
    assert grid(app) == list(range(len(data.load("avatars", "test")))) and grid(app, picked=True) == [2]
    assert any(button.label == "Use 1 for B" for button in app.button)


def test_a_term_without_pictures_is_explained():
    app = open_page("arithmetic", a_keys="s1", c_keys="s2")
    assert "no picture was found for b" in errors(app)
    assert any(button.label == "Change B" for button in app.button)


@pytest.mark.parametrize("key", ["d3", OF_ANOTHER_MODEL, "pAAAA"])
def test_an_exemplar_that_cannot_be_had_is_explained(key):
    app = open_page("arithmetic", a_keys=key, b_keys="s1", c_keys="s2")
    assert errors(app) and not app.get("bidi_component")
    choose(app, "Model", "vae-avatars")
    assert not app.error and control(app)


def test_without_data_and_judge_random_pictures_are_added(checkpoints):  # noqa: F811
    shutil.rmtree(checkpoints / "judge-faces")
    app = open_page("arithmetic")
    assert not app.error and link(app)["a_keys"] == "s1" and not html(app, "outcome")


# Both


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: ",".join(query)[:40])
def test_a_hostile_link_is_read_as_far_as_it_makes_sense(name, query):
    query = query | {"t": "nan", "keys": "s1..%00.d", "speed": "2", "a": "<b>", "a_keys": "../x", "pick": "99"}
    app = open_page(name, **({"model": "vae-faces"} | query))
    if query.get("model") != "":
        assert control(app) and not app.error


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("model", NAMES, ids=range(len(NAMES)))
def test_a_model_that_is_none_is_explained_and_another_can_be_chosen(name, model):
    app = open_page(name, model=model)
    assert errors(app) and "](" not in app.error[0].value and not app.get("bidi_component")
    choose(app, "Model", "vae-avatars")
    assert not app.error and control(app)


@pytest.mark.parametrize("name", PAGES)
def test_without_any_checkpoint(name, checkpoints):  # noqa: F811
    shutil.rmtree(checkpoints)
    app = open_page(name)
    assert "no checkpoint 'vae-faces'" in errors(app) and "python -m train vae_faces" in commands(app)


WITHOUT_PICTURES = [what for what in BROKEN if "directions" in what or what in ("no data", "unknown data")]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("what", ["truncated weights", "altered hash", "card is garbage", *WITHOUT_PICTURES])
def test_a_broken_checkpoint_is_explained_or_not_needed(name, what, checkpoints):  # noqa: F811
    BROKEN[what](checkpoints / "vae-faces")
    app = open_page(name, model="vae-faces")
    if what in ("no directions", "sliders of another model"):
        assert control(app)
    else:
        assert errors(app) and not app.get("bidi_component")
        choose(app, "Model", "vae-avatars")
        assert control(app) and not app.error


@pytest.mark.parametrize("name", PAGES)
def test_a_judge_that_is_none_is_no_judge(name, checkpoints):  # noqa: F811
    rewrite_card(checkpoints / "vae-faces", judge="vae-avatars")
    assert control(open_page(name)) and not open_page(name).error


@pytest.mark.parametrize("name", PAGES)
def test_a_model_without_encoder_has_samples_only(name, checkpoints, monkeypatch):  # noqa: F811
    monkeypatch.delattr("gen_lab.models.vae.VAE.encode")
    app = open_page(name, model="vae-avatars")
    assert control(app) and not app.error and not any("photo" in button.label for button in app.button)


def test_the_tiny_models_are_what_these_tests_take_them_for(checkpoints):  # noqa: F811
    assert checkpoint.load(checkpoints / "vae-faces").model.latent_dim == LATENT["faces"]
