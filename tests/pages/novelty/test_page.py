"""The page Novelty in its states, without a browser."""

import json
import shutil

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from gen_lab import checkpoint, data
from gen_lab.checkpoint import demonstration, usual_distances
from gen_lab.models import cgan
from gen_lab.sources import pack, pack_picture
from gen_lab.ui import jobs
from tests.apptest import ROOT, choose, commands, errors, link, open_page, pick, press, rewrite_card, run
from tests.tiny import make_memorable
from train import novelty as command


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    return make_memorable(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture(scope="module")
def measured(originals, tmp_path_factory):
    """The same with novelty.npz and its entry on the card, and the features of the training pictures."""
    folder = tmp_path_factory.mktemp("measured")
    shutil.copytree(originals, folder / "checkpoints")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEN_LAB_CHECKPOINTS", str(folder / "checkpoints"))
        patch.setenv("GEN_LAB_CACHE", str(folder / "cache"))
        assert command.main(["vae-shapes"]) == 0
    return folder


@pytest.fixture(autouse=True)
def checkpoints(measured, tmp_path, monkeypatch):
    folder = shutil.copytree(measured / "checkpoints", tmp_path / "checkpoints")
    shutil.copytree(measured / "cache", tmp_path / "cache")
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(folder))
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GEN_LAB_CACHE", str(tmp_path / "cache"))
    st.cache_resource.clear()
    st.cache_data.clear()
    return folder


def page(**query) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages/novelty/page.py"), default_timeout=60)
    for name, value in {"model": "vae-shapes", **query}.items():
        app.query_params[name] = value
    return run(app)


def text(app) -> str:
    return " ".join(each.value for each in (*app.markdown, *app.caption, *app.info))


def verdict(app) -> str:
    """The text on the picture, without that on the whole model."""
    return next(each.value for each in app.markdown if "held-out pictures are at least" in each.value)


def strips(app) -> int:
    return sum('class="strip"' in each.proto.body for each in app.get("html"))


def figures(app) -> list[dict]:
    return [json.loads(each.proto.spec) for each in app.get("plotly_chart")]


def titles(app) -> list[str]:
    return [each.value for each in app.subheader]


def test_a_sample_has_neighbours_usual_distances_a_mark_and_a_verdict():
    app = page(seed="7")
    assert strips(app) == 2 and "Nearest by pixels (L1)" in titles(app)
    for figure in figures(app):
        assert len(figure["data"]) == 3 and "this picture" in figure["layout"]["annotations"][0]["text"]
    assert len(figures(app)) == 2 and "held-out pictures" in text(app) and "What this cannot tell" in text(app)
    assert link(app) == {"model": "vae-shapes", "source": "sample", "seed": "7"} and not app.error
    assert len(app.table) >= 1 and "memoriser" in text(app)


def test_the_memoriser_at_rest_is_called_a_training_picture():
    app = page(source="memoriser", shift="0", seed="3")
    assert "This is a training picture" in text(app)
    assert "What moving the picture hides" in titles(app) and len(figures(app)) == 3
    app.slider[0].set_value(2)
    assert link(run(app)) == {"model": "vae-shapes", "source": "memoriser", "seed": "3"}
    assert "This is a training picture" not in text(app) and not app.error


def test_another_picture_is_a_step_that_can_be_undone():
    app = press(page(), "Another")
    assert link(app)["seed"] != "1"
    assert link(press(app, "Undo")) == {"model": "vae-shapes", "source": "sample"}


def test_a_test_picture_is_chosen_from_the_data_set():
    app = page()
    next(each for each in app.get("button_group") if each.label == "Picture").set_value("data")
    app = run(app)
    assert link(app)["source"] == "data" and not app.error
    press(app, "Browse …")
    pick(app, 2)
    assert link(app)["index"] == "2"


def test_a_photo_in_a_link_is_the_picture():
    pixels = np.asarray(data.load("fake_digits", "train").images[5])
    app = page(source="photo", photo=pack_picture(pixels))
    assert strips(app) == 2 and not app.error


def test_your_picture_asks_for_one_and_says_where_it_goes():
    app = page()
    next(each for each in app.get("button_group") if each.label == "Picture").set_value("photo")
    app = run(app)
    assert link(app)["source"] == "sample" and "part of this page's link" in text(app) and strips(app) == 2


def test_a_conditional_model_offers_its_classes(checkpoints):
    config = cgan.Config(
        image_size=28, channels=1, latent_dim=4, classes=("a", "b"),
        network="dense", widths=(8, 8), critic_widths=(8, 8),
    )  # fmt: skip
    card = checkpoint.read_card(checkpoints / "vae-shapes")
    card = {key: value for key, value in card.items() if key not in ("config", "sha256", "novelty")}
    card |= {"name": "cgan-shapes", "family": "cgan"}
    checkpoint.save(checkpoints / "cgan-shapes", cgan.CGAN(config).eval(), card)
    app = page(model="cgan-shapes", label="b")
    assert next(box for box in app.selectbox if box.label == "Class").value == "b" and strips(app) == 2
    assert "python -m train.novelty cgan-shapes" in commands(app)


def test_without_measured_distances_the_command_is_shown(checkpoints):
    (checkpoints / "vae-shapes" / usual_distances.FILE).unlink()
    rewrite_card(checkpoints / "vae-shapes", novelty=...)
    app = page()
    assert strips(app) == 2 and not figures(app) and "python -m train.novelty vae-shapes" in commands(app)


@pytest.mark.parametrize("entry", [[], {"features": 3}, {"samples": "x"}, "no"])
def test_a_card_that_is_not_in_order_is_explained(checkpoints, entry):
    rewrite_card(checkpoints / "vae-shapes", novelty=entry)
    app = page()
    assert "not in order" in errors(app) and strips(app) == 2


def test_damaged_distances_are_explained(checkpoints):
    (checkpoints / "vae-shapes" / usual_distances.FILE).write_bytes(b"x")
    app = page()
    assert "cannot be used" in errors(app) and strips(app) == 2 and not figures(app)


@pytest.fixture
def without_data(checkpoints):
    """As on a fresh machine: the model's data are others, which are not there."""
    card = checkpoint.read_card(checkpoints / "vae-shapes")
    rewrite_card(checkpoints / "vae-shapes", data=card["data"] | {"name": "mnist"})
    return checkpoints / "vae-shapes"


@pytest.mark.usefixtures("without_data")
def test_without_the_data_a_demonstration_has_what_the_search_would_find():
    app = page(seed="2")
    assert strips(app) == 2 and "A demonstration" in text(app) and "held-out pictures are at least" in verdict(app)
    assert "python -m train.data mnist" in commands(app) and len(app.table) >= 1 and not app.error
    other = link(press(app, "Another")).get("seed", "1")  # a link leaves out what a page begins with
    assert other in "13456" and strips(app) == 2


@pytest.mark.usefixtures("without_data")
def test_without_the_data_the_memoriser_is_demonstrated_too():
    app = choose(page(seed="1"), "Picture", "memoriser")
    assert link(app) == {"model": "vae-shapes", "source": "memoriser", "seed": "2"} and strips(app) == 2
    assert len(figures(app)) == 3 and not app.error
    app.slider[0].set_value(0)
    assert "This is a training picture" in text(run(app)) and not app.error


def test_on_a_fresh_machine_the_page_acquits_a_sample_and_convicts_the_memoriser(monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS")
    app = open_page("novelty")
    assert verdict(app).startswith("**No sign of copying.**") and "A demonstration" in text(app) and not app.error
    app = choose(app, "Picture", "memoriser")
    assert verdict(app).startswith("**This looks like a copy that was moved") and not app.error


@pytest.mark.usefixtures("without_data")
@pytest.mark.parametrize(
    "query", [{"seed": "99"}, {"source": "memoriser", "seed": "99"}, {"source": "data", "index": "3"}]
)
def test_without_the_data_other_pictures_have_no_verdict_but_a_way_back(query):
    app = page(**query)
    assert strips(app) == 0 and len(figures(app)) == 2 and "python -m train.data mnist" in commands(app)
    assert not app.error
    assert strips(press(app, "To the demonstration")) == 2


@pytest.mark.parametrize("source", ["sample", "memoriser", "data"])
def test_without_data_and_demonstration_the_usual_distances_and_the_card_remain(without_data, source):
    (without_data / demonstration.FILE).unlink()
    app = page(source=source)
    assert "python -m train.data mnist" in commands(app) and strips(app) == 0 and not app.error
    assert len(figures(app)) == 2 and len(app.table) >= 1


def test_a_damaged_demonstration_is_explained(without_data):
    (without_data / demonstration.FILE).write_bytes(b"x")
    app = page()
    assert "cannot be used" in errors(app) and strips(app) == 0 and "python -m train.data mnist" in commands(app)


def test_pictures_that_are_rendered_here_are_offered_with_a_button(without_data):
    rewrite_card(without_data, data={"name": "avatars"})
    (without_data / demonstration.FILE).unlink()
    app = page()
    assert any(button.label.startswith("Make them now") for button in app.button) and not app.error


@pytest.mark.usefixtures("without_data")
def test_digits_that_are_not_here_are_fetched_by_a_button_beside_one_blue_notice():
    app = page(seed="2")
    assert any(button.label == "Fetch them now (12 MB)" for button in app.button)
    assert len(app.info) == 1 and not app.error and not app.warning


class Looking:
    """Stands for the job that computes the features, at work until it is stopped or the test says otherwise."""

    share, answer, error, is_running = 0.5, None, "", True

    def __init__(self, arguments):
        assert arguments == ["train.novelty", "--features", "vae-shapes"]

    def stop(self):
        self.is_running = False


def test_without_features_they_are_computed_at_once_and_until_then_there_is_no_verdict(tmp_path, monkeypatch):
    shutil.rmtree(tmp_path / "cache")
    monkeypatch.setattr(jobs, "Job", Looking)
    app = page()
    (job,) = jobs._jobs().values()
    assert strips(app) == 1 and "Pixels alone cannot tell" in text(app) and "No sign of copying" not in verdict(app)
    assert command.main(["--features", "vae-shapes"]) == 0
    job.is_running = False
    assert strips(run(app)) == 2 and "alone cannot tell" not in verdict(app) and not app.error


def test_where_the_features_computation_was_stopped_a_button_starts_it_again(tmp_path, monkeypatch):
    shutil.rmtree(tmp_path / "cache")
    monkeypatch.setattr(jobs, "Job", Looking)
    app = run(press(page(), "Stop"))
    assert "python -m train.novelty --features vae-shapes" in commands(app) and len(app.info) == 1
    assert strips(app) == 1 and "Pixels alone cannot tell" in verdict(app) and not app.error
    press(app, "Look at them now (seconds to minutes)")
    assert any(button.label == "Stop" for button in app.button) and not app.info


def test_without_a_judge_there_are_pixels_alone(checkpoints):
    rewrite_card(checkpoints / "vae-shapes", judge=...)
    app = page()
    assert strips(app) == 1 and "no judge" in text(app) and not app.error
    assert "Pixels alone cannot tell" in verdict(app)


def test_features_that_were_not_measured_do_not_count(checkpoints):
    folder = checkpoints / "vae-shapes"
    usual_distances.save(folder, {"pixels": usual_distances.load(folder)["pixels"]})
    app = page()
    assert strips(app) == 2 and "Pixels alone cannot tell" in verdict(app) and not app.error


@pytest.mark.parametrize(
    "query",
    [
        {"model": "ghost"}, {"model": "../../x"}, {"model": "judge-shapes"}, {"source": "photo"},
        {"source": "photo", "photo": "AAAA"}, {"latent": "AAAA"}, {"label": "x"}, {"latent": "![x](http://x.org/a)"},
    ],
)  # fmt: skip
def test_a_link_that_means_nothing_is_explained(query):
    app = page(**query)
    assert app.error and strips(app) == 0


@pytest.mark.parametrize("query", [{"seed": "-1"}, {"seed": "1e9"}, {"shift": "99"}, {"source": "x"}, {"index": "٣"}])
def test_numbers_out_of_range_are_put_right(query):
    assert not page(**query).error


def test_a_missing_or_broken_checkpoint_is_explained(checkpoints):
    (checkpoints / "vae-shapes" / "model.safetensors").write_bytes(b"x")
    assert any("SHA" in error.value for error in page().error)
    shutil.rmtree(checkpoints)
    assert any("no recipe that makes it" in error.value for error in page().error)


def test_a_latent_of_another_page_is_the_picture(checkpoints):
    latent = pack(checkpoint.load(checkpoints / "vae-shapes").model.sample(1)[0])
    app = page(latent=latent)
    assert link(app) == {"model": "vae-shapes", "source": "latent", "latent": latent} and strips(app) == 2
