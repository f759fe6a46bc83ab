"""Faces in its states, without a browser: nothing that is missing, broken or hostile makes a traceback."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from gen_lab import data, registry
from gen_lab.checkpoint import learned_sliders, read_card
from gen_lab.latent.learned import LearnedSliders
from gen_lab.sources import opening, pack
from gen_lab.ui import jobs
from tests.apptest import (
    ROOT,
    choose,
    commands,
    control,
    errors,
    grid,
    home,
    link,
    open_page,
    pick,
    picture,
    press,
    rewrite_card,
    run,
)
from tests.sources import write_celeba
from tests.tiny import LATENT, SLIDERS, make_avatars, make_generator_with_sliders

pytestmark = pytest.mark.usefixtures("checkpoints")


def faces(**query) -> AppTest:
    return open_page("faces", **query)


def meter(app) -> str:
    return next((html.proto.body for html in app.get("html") if 'class="meter"' in html.proto.body), "")


# As it should be


def test_faces_shows_a_picture_sliders_meter_strip_and_card():
    app = faces()
    assert [slider["name"] for slider in control(app)["sliders"]] == list(SLIDERS["faces"])
    assert picture(app).shape == (64, 64, 3) and picture(app).std() > 10
    assert "None of these moved unasked" in meter(app)
    assert any('class="strip"' in html.proto.body for html in app.get("html")) and app.get("plotly_chart")
    assert "The same in code" in [expander.label for expander in app.expander] and not app.error
    assert link(app) == {"model": "vae-faces"}


@pytest.mark.parametrize("name", ["vae-faces", "vae-avatars", "wgan_gp-faces"])
def test_every_shipped_face_model_has_eight_sliders_and_a_meter(name, monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS")
    app = faces(model=name, Smiling="2")
    assert len(control(app)["sliders"]) >= 8 and "asked" in meter(app) and not app.error


@pytest.mark.parametrize("name", ["vae-faces", "vae-avatars", "wgan_gp-faces"])
def test_every_shipped_face_model_has_its_opening(name):
    card = read_card(ROOT / "checkpoints" / name)
    assert opening(card, "seed", "keys").keys() == {"seed", "keys"}, f"run python -m train.opening {name}"


def test_only_without_a_query_the_page_takes_the_opening_seed(checkpoints):
    rewrite_card(checkpoints / "vae-faces", opening={"seed": 12})
    assert link(faces()) == {"model": "vae-faces", "seed": "12"}
    assert "seed" not in link(faces(model="vae-faces"))  # a link without a seed means what it meant


def test_another_model_begins_with_its_own_seed(checkpoints):
    rewrite_card(checkpoints / "vae-avatars", opening={"seed": 34})
    assert link(choose(faces(seed="5"), "Model", "vae-avatars"))["seed"] == "34"


def test_the_network_has_the_numbers_and_what_moves_them():
    network = control(faces())["network"]
    assert len(network["latent"]) == LATENT["faces"] and network["mean"] is None
    assert [[len(row) for row in known] for known in network["directions"]] == [[LATENT["faces"]]] * len(
        SLIDERS["faces"]
    )


def test_a_photo_has_a_mean_and_a_spread_and_z_is_drawn_from_them():
    app = faces(start="photo", photo=pack(torch.ones(LATENT["faces"])), compare="1")
    before = control(app)["network"]
    assert before["latent"] == before["mean"] and min(before["spread"]) > 0
    assert [text for text, *_ in control(app)["labels"]] == ["Reconstruction", "Edited"]
    app = press(app, "Draw z")
    assert control(app)["network"]["latent"] != before["mean"] and "noise" in link(app)
    assert "noise" not in link(press(app, "Back to μ"))


def test_a_face_of_the_data_set_is_compared_with_itself():
    make_avatars()
    app = faces(model="vae-avatars", start="data", index="3", compare="1")
    assert [text for text, *_ in control(app)["labels"]] == ["Original", "Reconstruction", "Edited"]
    assert np.array_equal(picture(app)[:, :64], data.load("avatars", "test").images[3])
    assert control(app)["network"]["picture"]


# A generator that reads no pictures


@pytest.fixture
def generator(checkpoints) -> str:
    make_generator_with_sliders(checkpoints)
    return "wgan_gp-faces"


def starts(app) -> list[str]:
    return next(group.options for group in app.get("button_group") if group.label == "Start from")


def test_a_generator_with_sliders_is_edited_like_a_vae(generator):
    before, after = faces(model=generator), faces(model=generator, Smiling="2")
    assert [slider["name"] for slider in control(before)["sliders"]] == list(SLIDERS["faces"])
    assert not np.array_equal(picture(before), picture(after)) and meter(after) and not after.error


def test_a_generator_without_an_encoder_offers_no_pictures_to_start_from_and_says_why(generator):
    app = faces(model=generator)
    assert starts(app) == ["Random", "Mean face"] and any("no encoder" in text.value for text in app.caption)
    app = faces(model="vae-faces")
    assert len(starts(app)) == 4 and not any("no encoder" in text.value for text in app.caption)


def test_a_generator_is_named_beside_the_vae_of_the_same_pictures(generator):
    models = next(group.options for group in faces().get("button_group") if group.label == "Model")
    assert models == ["Avatars", "Faces", "Faces (GAN)"]


def test_another_page_s_result_is_edited_with_a_generator(generator):
    latent = torch.ones(LATENT["faces"])
    app = faces(model=generator, start="photo", photo=pack(latent), compare="1")
    assert control(app)["network"]["latent"] == latent.tolist() and control(app)["network"]["mean"] is None
    assert [text for text, *_ in control(app)["labels"]] == ["Start", "Edited"] and not app.error


def test_a_link_to_a_picture_of_the_data_is_explained_for_a_generator(generator):
    app = faces(model=generator, start="data", index="3")
    assert "has no encoder" in errors(app) and starts(app) == ["Random", "Mean face"]


# Learned sliders


def bend(checkpoints, name: str = "vae-faces") -> None:
    """Gives a model learned sliders that are far from its lines."""
    loaded = registry.load(name, "cpu")
    networks = LearnedSliders(tuple(SLIDERS[name[4:]]), torch.zeros(len(SLIDERS[name[4:]]), LATENT[name[4:]]), width=4)
    networks.shift.data += 1
    networks.out.data += torch.randn(networks.out.shape, generator=torch.Generator().manual_seed(0))
    learned_sliders.save(checkpoints / name, networks)
    curve = {"flipped": [0.5, 1.0], "others": [0.05, 0.1], "at": {"others": 0.095}}
    by_method = {"mean difference": {"Smiling": {**curve, "at": None}}, "learned": {"Smiling": curve}, "odd": 3}
    figures = {"units": [1, 2], "curves": by_method}
    rewrite_card(
        checkpoints / name, metrics={**loaded.card.get("metrics", {}), "side_effects": figures}, learned={"seconds": 1}
    )


def texts(app) -> str:
    return " ".join(element.value for element in [*app.caption, *app.subheader])


def test_without_learned_sliders_there_is_no_choice():
    app = faces(Smiling="2")
    assert "Sliders" not in [group.label for group in app.button_group] and "what else moves" not in texts(app)


def test_learned_sliders_come_first_and_the_line_is_one_click_away(checkpoints):
    by_line = picture(faces(Smiling="2"))
    home()
    bend(checkpoints)
    assert link(faces())["way"] == "learned"
    home()
    app = faces(Smiling="2", way="learned")
    assert not np.array_equal(picture(app), by_line) and len(control(app)["network"]["units"]) == 4
    app = choose(app, "Sliders", "line")
    assert np.array_equal(picture(app), by_line) and "way" not in link(app)
    assert control(app)["network"]["units"] == [1]


def test_a_link_from_before_there_were_learned_sliders_shows_the_line(checkpoints):
    bend(checkpoints)
    assert control(faces(Smiling="2"))["network"]["units"] == [1]


def test_what_else_moves_is_read_from_the_card(checkpoints):
    bend(checkpoints)
    text = texts(faces(Smiling="2"))
    assert "Smiling: what else moves" in text and "Learned 0.095; Line: mean difference not reached" in text


def test_another_method_of_the_lines_shows_the_line(checkpoints):
    bend(checkpoints)
    assert "way" not in link(choose(faces(way="learned"), "Directions from", "classifier"))


def test_damaged_sliders_are_explained_and_the_lines_remain(checkpoints):
    (checkpoints / "vae-faces" / learned_sliders.FILE).write_bytes(b"junk")
    app = faces(Smiling="2")
    assert "sliders.safetensors" in errors(app) and "python -m train.sliders vae-faces" in commands(app)
    assert control(app)["values"] == [2, 0, 0] and picture(app).std() > 10


# Links


QUERY = {
    "model": "vae-avatars", "seed": "77", "method": "classifier", "compare": "1", "locked": "Bald", "Smiling": "1.5",
}  # fmt: skip


def test_a_link_restores_exactly_the_picture():
    first, second = faces(**QUERY), faces(**QUERY)
    assert np.array_equal(picture(first), picture(second)) and picture(first).shape == (64, 130, 3)
    assert control(first)["values"] == [1.5, 0, 0, 0] and control(first)["locked"] == ["Bald"]
    assert link(first) == QUERY


HOSTILE = [
    {"Smiling": "nan"},
    {"Smiling": "1e999"},
    {"Smiling": "-1e999", "Male": "0x10", "Blond_Hair": ""},
    {"Nose": "2", "locked": "Nose..Ghost.Male"},
    {"start": "root", "method": "magic", "compare": "yes", "seed": "-5"},
    {"start": "../../etc/passwd", "seed": "9" * 5000, "index": "٣"},
    {"locked": "x" * 100_000, "junk": "y" * 100_000},
    {"values": "1", "locked": "", "": "1", "model": ""},
    {"__class__": "1", "to_query": "2", "from_query": "x"},
]


@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: ",".join(query)[:40])
def test_a_hostile_link_is_read_as_far_as_it_makes_sense(query):
    app = faces(**({"model": "vae-faces"} | query))
    if query.get("model") != "":
        assert all(abs(value) <= 3 for value in control(app)["values"]) and not app.error


NAMES = [
    "../vae-faces", "vae-ghost", "/etc", "..", ".hidden", "a/b", "judge-faces", "x" * 99, "a\0b", "ü",
    "![spy](http://example.com/x.png)", "x; rm -rf ~",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_model_that_is_none_is_explained_and_another_can_be_chosen(name):
    app = faces(model=name)
    assert errors(app) and "rm -rf" not in commands(app)
    assert "](" not in app.error[0].value  # nothing of the link acts as markdown
    choose(app, "Model", "vae-avatars")
    assert not app.error and len(control(app)["values"]) == len(SLIDERS["avatars"])


@pytest.mark.parametrize("group", ["Ghost", "../x", "*" * 99, "[click](http://example.com)"])
def test_an_unknown_group_is_explained_and_another_can_be_chosen(group):
    app = faces(start="group", group=group)
    assert "knows no group" in errors(app) and "](" not in app.error[0].value
    app.selectbox[0].set_value("Smiling")
    run(app)
    assert not app.error and link(app)["group"] == "Smiling"


OF_ANOTHER_MODEL, NOT_A_NUMBER = pack(torch.zeros(LATENT["avatars"])), pack(torch.full((LATENT["faces"],), torch.nan))
PHOTOS = ["", "A", "AAAA", "!!!!", "ä", "A" * 1999, OF_ANOTHER_MODEL, NOT_A_NUMBER]


@pytest.mark.parametrize("photo", PHOTOS, ids=range(len(PHOTOS)))
def test_a_photo_that_is_none_is_explained(photo):
    app = faces(start="photo", photo=photo)
    assert "photo" in errors(app) and not app.get("bidi_component")
    choose(app, "Start from", "sample")
    assert not app.error and control(app)


def test_a_photo_of_this_model_is_restored():
    app = faces(start="photo", photo=pack(torch.ones(LATENT["faces"])))
    assert not app.error and picture(app).std() > 10


# Undo, redo, switching


def test_undo_and_redo_walk_through_the_states():
    app = faces(seed="1")
    pictures = [picture(app)]
    for seed in (2, 3):
        app.number_input[0].set_value(seed)
        pictures.append(picture(run(app)))
    assert [button.disabled for button in app.button if button.label in ("Undo", "Redo")] == [False, True]
    for expected in (1, 0):
        assert np.array_equal(picture(press(app, "Undo")), pictures[expected])
    assert "seed" not in link(app) and app.number_input[0].value == 1
    assert np.array_equal(picture(press(app, "Redo")), pictures[1]) and link(app)["seed"] == "2"
    press(app, "Another")
    assert next(button for button in app.button if button.label == "Redo").disabled  # a new way forward


def test_another_model_keeps_the_sliders_that_it_has():
    app = faces(Smiling="1", Male="2", start="group", group="Male")
    choose(app, "Model", "vae-avatars")
    assert control(app)["values"] == [1, 0, 0, 0] and not app.error
    assert "group" not in link(app)  # its groups are others
    press(app, "Undo")
    assert control(app)["values"] == [1, 2, 0]


def test_methods_and_comparison_change_the_picture():
    app = faces(Smiling="3")
    by_means = picture(app)
    assert not np.array_equal(picture(choose(app, "Directions from", "classifier")), by_means)
    app.toggle[0].set_value(True)
    assert picture(run(app)).shape == (64, 130, 3)


def test_the_meter_says_what_moved_and_whether_it_was_asked():
    text = meter(faces(Smiling="-3"))
    assert 'class="asked"' in text or 'class="unasked"' in text
    assert text.count("unasked</td>") == text.count('class="unasked"')  # in words, not by colour alone


# Missing and broken


def test_without_any_checkpoint(checkpoints):
    shutil.rmtree(checkpoints)
    app = faces()
    assert "no checkpoint 'vae-faces'" in errors(app) and "python -m train vae_faces" in commands(app)
    assert "python -m train" in commands(home())


def test_without_the_faces_the_avatars_come_first(checkpoints):
    shutil.rmtree(checkpoints / "vae-faces")
    assert link(faces())["model"] == "vae-avatars"


def test_without_a_judge_everything_else_works(checkpoints):
    shutil.rmtree(checkpoints / "judge-faces")
    app = faces(Smiling="1")
    assert "no checkpoint 'judge-faces'" in errors(app) and "python -m train judge_faces" in commands(app)
    assert control(app) and app.get("plotly_chart") and not meter(app)


def truncate(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


def flip_a_bit(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1]))


BROKEN = {
    "truncated weights": truncate,
    "altered weights": flip_a_bit,
    "altered hash": lambda folder: rewrite_card(folder, sha256="0" * 64),
    "no weights": lambda folder: (folder / "model.safetensors").unlink(),
    "no directions": lambda folder: (folder / "directions.safetensors").unlink(),
    "broken directions": lambda folder: (folder / "directions.safetensors").write_bytes(b"no"),
    "card is garbage": lambda folder: (folder / "card.json").write_text("{"),
    "card is a list": lambda folder: (folder / "card.json").write_text("[]"),
    "other family": lambda folder: rewrite_card(folder, family="judge"),
    "sliders of another model": lambda folder: rewrite_card(folder, sliders=["Smiling", "Nose"]),
    "sliders are no list": lambda folder: rewrite_card(folder, sliders=3),
    "sliders hold a list": lambda folder: rewrite_card(folder, sliders=[["Smiling"]]),
    "no sliders": lambda folder: rewrite_card(folder, sliders=...),
    "no data": lambda folder: rewrite_card(folder, data=...),
    "unknown data": lambda folder: rewrite_card(folder, data={"name": "os.path"}),
    "data is text": lambda folder: rewrite_card(folder, data="celeba"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_checkpoint_names_the_command_that_repairs_it(checkpoints, what):
    BROKEN[what](checkpoints / "vae-faces")
    app = faces(model="vae-faces")
    assert errors(app) and "vae_faces" in commands(app) + errors(app) and not app.get("bidi_component")
    choose(app, "Model", "vae-avatars")
    assert not app.error and control(app)
    home()


ODD = {"steps": "many", "seconds": None, "metrics": [1], "data": {"name": "celeba"}}


@pytest.mark.parametrize("field", ODD)
def test_an_odd_card_costs_nothing_but_the_card(checkpoints, field):
    rewrite_card(checkpoints / "vae-faces", **{field: ODD[field]})
    app = faces(model="vae-faces")
    assert control(app) and app.warning and not app.error
    home()


@pytest.mark.parametrize("judge", [..., None, 7, "", "../judge-faces", "judge-avatars", "vae-avatars"])
def test_a_judge_that_does_not_fit_is_explained(checkpoints, judge):
    rewrite_card(checkpoints / "vae-faces", judge=judge)
    app = faces(model="vae-faces")
    assert errors(app) and control(app) and not meter(app)


# Data sets


def test_without_the_data_set_a_link_to_a_face_of_it_is_explained():
    app = faces(start="data", index="3")
    assert "not ready on this machine" in errors(app) and "python -m train.data celeba" in commands(app)


def test_browsing_a_data_set_that_does_not_ship_says_who_has_to_fetch_it():
    app = choose(faces(), "Start from", "data")
    assert "start" not in link(app) and control(app)  # the picture stays until there is another
    assert any("not on this machine" in info.value for info in app.info)
    assert "python -m train.data celeba" in commands(app)


def test_browsing_a_data_set_of_which_a_file_is_missing_says_which():
    (write_celeba(data.data_root()) / "list_eval_partition.txt").unlink()
    app = choose(faces(), "Start from", "data")
    assert any("has img_align_celeba.zip, list_attr_celeba.txt, but not list_eval" in info.value for info in app.info)


class Rendering:
    """Stands for `jobs.Job`: at work until the test says otherwise."""

    share, answer, error, is_running = 0.5, None, "", True

    def __init__(self, arguments):
        assert arguments == ["train.data", "avatars"]

    def stop(self):
        raise AssertionError("nobody stopped it")


def offering():
    import streamlit as st

    from gen_lab import data
    from gen_lab.ui import jobs

    if data.is_ready("avatars"):
        st.text("ready")
    else:
        jobs.offer("avatars", done=lambda: None)


def test_avatars_that_are_not_rendered_can_be_rendered_from_the_page(monkeypatch):
    monkeypatch.setattr(jobs, "Job", Rendering)
    app = choose(faces(model="vae-avatars"), "Start from", "data")
    assert "python -m train.data avatars" in commands(app) and "start" not in link(app)
    app = run(AppTest.from_function(offering, default_timeout=30))  # a dialog closes at the next run of a whole page
    press(app, "Make them now (a minute or two)")
    assert [button.label for button in app.button] == ["Stop"]
    make_avatars()
    jobs.latest(("data set", "avatars")).is_running = False
    assert run(app).text[0].value == "ready"


def test_a_face_of_the_data_set_is_browsed_filtered_and_chosen():
    make_avatars()
    test = data.load("avatars", "test")
    app = choose(faces(model="vae-avatars"), "Start from", "data")
    assert link(app)["start"] == "data" and not app.error
    app.session_state["faces browse with"] = ["Smiling"]
    press(app, "Browse …")
    smiling = np.flatnonzero(test.attribute("Smiling"))
    assert grid(app) == smiling.tolist()
    before = picture(app)
    pick(app, smiling[-1])
    assert link(app)["index"] == str(smiling[-1]) and not np.array_equal(picture(app), before)


def test_your_photo_opens_a_dialog_and_leaves_the_picture():
    app = faces()
    before = picture(app)
    choose(app, "Start from", "photo")
    assert any("not stored" in caption.value for caption in app.caption)
    assert np.array_equal(picture(app), before) and "start" not in link(app)
