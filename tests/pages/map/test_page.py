"""The Map page in its states, without a browser; and what it computes in a process of its own."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from gen_lab import checkpoint
from gen_lab.checkpoint import atlas
from gen_lab.checkpoint.atlas import Atlas
from gen_lab.latent import layouts
from gen_lab.models import vae
from gen_lab.sources import pack
from gen_lab.ui import jobs
from pages.faces.state import OWN
from pages.map import computing, state
from tests.apptest import commands, control, errors, link, open_page, run
from tests.tiny import LATENT, SLIDERS, make_atlas

pytestmark = pytest.mark.usefixtures("checkpoints")


def the_map(**query) -> AppTest:
    return open_page("map", **query)


def button(app, label: str):
    return next((button for button in app.button if button.label == label), None)


def choose(app, label: str, value) -> AppTest:
    widgets = [*app.get("button_group"), *app.selectbox, *app.multiselect, *app.number_input]
    next(widget for widget in widgets if widget.label == label).set_value(value)
    return run(app)


LEFT, RIGHT = "0.0.5000.0.5000.10000.0.10000", "5000.0.10000.0.10000.10000.5000.10000"


def test_the_page_opens_with_the_atlas_and_no_data():
    app = the_map()
    message = control(app)
    assert not app.error and len(app.metric) == 4 and link(app) == {"model": "vae-faces"}
    assert message["legend"]["title"] == "Smiling" and message["place"] == []
    assert message["picture"].startswith("data:image")
    assert any("60 pictures of celeba" in caption.value and "UMAP" in caption.value for caption in app.caption)


QUERY = {"model": "vae-avatars", "method": "pca", "first": "2", "second": "1", "colour": "z3", "having": "Smiling",
         "lacking": "Bald", "place": "2500.7000", "a": LEFT, "b": RIGHT}  # fmt: skip


def test_a_link_restores_exactly_the_map():
    first, second = the_map(**QUERY), the_map(**QUERY)
    assert link(first) == QUERY and control(first)["picture"] == control(second)["picture"]
    assert control(first)["place"] == [0.25, 0.7] and control(first)["legend"]["title"] == "Latent coordinate 3"


@pytest.mark.parametrize(
    "query",
    [
        {"method": "magic", "n_neighbors": "-1", "min_dist": "inf", "metric": "../x", "perplexity": "1e9"},
        {"place": "99999999"}, {"place": "nan.nan"}, {"place": "30000.-30000"}, {"colour": "z999"}, {"colour": "Nose"},
        {"having": "Ghost.Smiling", "lacking": "x" * 9999}, {"a": "1.2", "b": ".".join(["7"] * 4000)},
        {"method": "pca", "first": "3", "second": "3"}, {"method": "umap", "n_neighbors": "200"},
        {"": "1", "RANGES": "x", "to_query": "y", "__class__": "z"},
    ],
    ids=lambda query: ",".join(query)[:40],
)  # fmt: skip
def test_a_hostile_link_is_read_as_far_as_it_makes_sense(query):
    app = the_map(model="vae-faces", **query)
    assert "Model card: vae-faces" in [heading.value for heading in app.subheader]


@pytest.mark.parametrize("name", ["../vae-faces", "vae-ghost", "judge-faces", "", "![spy](http://example.com/x.png)"])
def test_a_model_that_is_none_is_explained_and_another_can_be_chosen(name):
    app = the_map(model=name)
    assert errors(app) and "](" not in app.error[0].value
    choose(app, "Model", "vae-avatars")
    assert not app.error and control(app)


def test_a_model_without_atlas_names_the_command(checkpoints):
    (checkpoints / "vae-faces/atlas.npz").unlink()
    app = the_map()
    assert "no atlas yet" in errors(app) and "python -m train.atlas vae-faces" in commands(app)
    choose(app, "Model", "vae-avatars")
    assert not app.error and control(app)


def test_a_broken_atlas_names_the_command(checkpoints):
    (checkpoints / "vae-faces/atlas.npz").write_bytes(b"no")
    app = the_map()
    assert "cannot be used" in errors(app) and "python -m train.atlas vae-faces" in commands(app)


@pytest.mark.parametrize("method", ["tsne", "umap"])
def test_equal_codes_are_refused_before_the_work_and_pca_remains(checkpoints, method):
    points = make_atlas(checkpoints / "vae-faces", SLIDERS["faces"])
    equal = replace(points, latents=np.zeros_like(points.latents), umap=None, parameters={})
    atlas.save(checkpoints / "vae-faces", equal)
    app = the_map(method=method)
    assert "needs at least 4 different points, and these 60 make only 1: use pca" in errors(app)
    assert not button(app, "Compute this map")
    choose(app, "Layout", "pca")
    assert not app.error and control(app)


def test_without_any_checkpoint(checkpoints):
    shutil.rmtree(checkpoints)
    app = the_map()
    assert "no checkpoint 'vae-faces'" in errors(app) and "python -m train vae_faces" in commands(app)


@pytest.mark.parametrize("field, value", [("data", None), ("sliders", 3), ("sliders", [["x"]]), ("steps", "many")])
def test_an_odd_card_makes_no_traceback(checkpoints, field, value):
    path = checkpoints / "vae-faces/card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    assert control(the_map(model="vae-faces"))


def test_a_latent_space_of_two_dimensions_is_the_map_itself(checkpoints):
    torch.manual_seed(0)
    model = vae.VAE(vae.Config(image_size=32, channels=1, latent_dim=2, widths=(8, 8), components=2))
    checkpoint.save(
        checkpoints / "vae-digits", model, {"name": "vae-digits", "family": "vae", "data": {"name": "mnist"}}
    )
    latents, labels = np.random.default_rng(0).normal(size=(50, 2)), np.eye(10, dtype=bool)[np.arange(50) % 10]
    atlas.save(checkpoints / "vae-digits", Atlas(latents, labels, tuple("0123456789"), "test", None, {}))
    app = the_map(model="vae-digits", place="5000.5000", a=LEFT, b=RIGHT)
    assert not app.error and control(app)["legend"]["title"] == "Label" and len(control(app)["palette"]) == 10
    assert "itself" in control(app)["between"] and any("the space itself" in caption.value for caption in app.caption)
    assert button(app, "Make it a slider") is None  # this model has no sliders
    choose(app, "Show only these", ["3", "4"])
    assert link(app)["having"] == "3.4"


def test_more_points_than_a_browser_holds_are_thinned_and_the_page_says_so(monkeypatch):
    monkeypatch.setattr(state, "MAP_POINTS", 25)
    app = the_map()
    assert any("25 of the 60 pictures" in caption.value for caption in app.caption)


def test_two_lassos_become_a_slider_of_the_faces_page(checkpoints):
    card = checkpoint.read_card(checkpoints / "vae-faces")
    checkpoint.update_card(checkpoints / "vae-faces", card, opening={"seed": 390})
    app = the_map(a=LEFT, b=RIGHT)
    points = atlas.load(checkpoints / "vae-faces", checkpoint.read_card(checkpoints / "vae-faces"))
    inside = [layouts.inside(layouts.Plane.of(points.umap).positions, [int(n) / state.FINE for n in text.split(".")])
              for text in (LEFT, RIGHT)]  # fmt: skip
    assert f"Mean of group A: {inside[0].sum()} pictures" in [image.proto.imgs[0].caption for image in app.get("image")]
    button(app, "Make it a slider").click()
    app.run()  # there is no other page to go to in this test
    direction = pack(state.difference(points.latents, *inside))
    assert app.session_state["faces changes"] == {"model": "vae-faces", "direction": direction, "seed": 390}


def test_a_direction_of_ones_own_is_a_slider_that_locks_undoes_and_goes():
    direction = pack(torch.linspace(-1, 1, LATENT["faces"]))
    app = open_page("faces", model="vae-faces", direction=direction, Your_direction="1.5", locked="Male")
    assert [slider["name"] for slider in control(app)["sliders"]] == [*SLIDERS["faces"], OWN] and not app.error
    assert control(app)["values"] == [0, 0, 0, 1.5] and link(app)["direction"] == direction
    button(app, "Without your direction").click()
    assert len(control(run(app))["sliders"]) == 3 and "direction" not in link(app)
    button(app, "Undo").click()
    assert control(run(app))["values"][-1] == 1.5


@pytest.mark.parametrize("direction", ["A", "!!!!", "ä", "A" * 1999, pack(torch.ones(LATENT["avatars"]))])
def test_a_direction_that_is_none_is_explained_and_can_be_left_out(direction):
    app = open_page("faces", model="vae-faces", direction=direction)
    assert "direction" in errors(app) and not app.get("bidi_component")
    button(app, "Without your direction").click()
    assert not run(app).error and control(app)


def test_undo_walks_through_the_maps():
    app = choose(the_map(), "Layout", "pca")
    choose(app, "Colour by", "Male")
    assert link(app) == {"model": "vae-faces", "method": "pca", "colour": "Male"}
    for expected in ({"model": "vae-faces", "method": "pca"}, {"model": "vae-faces"}):
        button(app, "Undo").click()
        assert link(run(app)) == expected


def test_a_component_that_there_is_not_is_explained_and_another_can_be_chosen():
    app = the_map(method="pca", first="10")
    assert "no component 10" in errors(app) and not app.get("bidi_component")
    choose(app, "To the right: component", 3)
    assert not app.error and control(app)


# What takes longer


def latents(count: int = 80) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 4)).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("method, parameters", [("tsne", {"perplexity": 10}), ("umap", {"n_neighbors": 5, "min_dist": 0.2, "metric": "cosine"})])  # fmt: skip  # noqa: E501
def test_a_layout_is_computed_in_a_process_of_its_own(method, parameters):
    job = computing.start(latents(), method, parameters)
    job.wait(120)
    assert not job.error and job.answer.positions.shape == (80, 2) and job.share > 0.9


@pytest.mark.slow
def test_a_layout_that_fails_says_why():
    job = computing.start(latents(), "umap", {"n_neighbors": 5, "min_dist": 0.1, "metric": "magic"})
    job.wait(120)
    assert "metric" in job.error.lower() and job.answer is None


def test_a_layout_can_be_stopped():
    job = computing.start(latents(4000), "tsne", {"perplexity": 50})
    assert job.is_running
    job.stop()
    job.wait(20)
    assert not job.error and job.answer is None and job.process.returncode != 0


class Slow:
    """Stands for `jobs.Job`: done when the test says so."""

    answer, error, share, is_running = None, "", 0.25, True

    def __init__(self, arguments, *_):
        self.arguments = arguments

    def stop(self):
        self.is_running = False


@pytest.mark.slow
def test_a_layout_is_computed_watched_stopped_and_shown(monkeypatch):
    monkeypatch.setattr(jobs, "Job", Slow)
    app = the_map(method="tsne", perplexity="7")
    assert control(app) and "Model card: vae-faces" in [heading.value for heading in app.subheader]
    button(app, "Compute this map").click()
    assert button(run(app), "Stop")
    (job,) = jobs._jobs().values()
    assert job.arguments == ["gen_lab.latent.layouts", '{"method": "tsne", "perplexity": 7}']
    assert button(the_map(method="tsne"), "Compute this map").disabled  # one at a time
    button(app, "Stop").click()
    assert button(run(app), "Compute this map")  # once more
    job.answer = layouts.Plane.of(np.random.default_rng(0).normal(size=(60, 2)))
    assert control(run(app)) and not app.error


def test_umap_with_the_parameters_of_the_atlas_is_there_at_once():
    assert control(the_map(method="umap")) and not button(the_map(method="umap"), "Compute this map")
    assert button(the_map(method="umap", n_neighbors="7"), "Compute this map")


def test_until_a_layout_is_computed_the_map_before_stays():
    app = the_map(method="pca")
    before = control(app)["points"]
    choose(app, "Layout", "tsne")
    assert control(app)["points"] == before and button(app, "Compute this map")
    assert not any("UMAP, computed" in caption.value for caption in app.caption)  # they speak of the map that is there


def test_find_keeps_a_labels_points_in_colour_or_goes_to_a_picture():
    app = the_map()
    app.text_input(key="map search").set_value("smiling")
    assert link(run(app))["having"] == "Smiling"
    app.text_input(key="map search").set_value("#17")
    assert link(run(app))["place"] == "17" and control(app)["place"] == [17]
    app.text_input(key="map search").set_value("nose")
    assert link(run(app))["place"] == "17"


def test_the_atlas_of_the_tests_has_a_side_for_its_first_attribute(checkpoints):
    points = make_atlas(checkpoints / "vae-faces", SLIDERS["faces"])
    assert (points.attributes[:, 0] == (points.umap[:, 0] > 0)).all()
