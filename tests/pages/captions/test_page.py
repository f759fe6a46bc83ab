"""The Captions page in its states, without a browser."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from gen_lab import data
from gen_lab.ui.cards import LONGEST
from pages.captions import control as caption_control
from pages.captions import cover as cover_control
from pages.captions.pictures import PHOTOS
from pages.captions.state import Captions, Sentence
from tests.apptest import ROOT, commands, errors, fresh_copy, heard, link, open_page, pick, press, rewrite_card, run
from tests.tiny import make_captioner, make_checkpoints


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> Path:
    folder = make_captioner(tmp_path_factory.mktemp("gru"))
    other = make_captioner(tmp_path_factory.mktemp("transformer"), "transformer")
    shutil.copytree(other / "caption-photos", folder / "caption-transformer")
    rewrite_card(folder / "caption-transformer", name="caption-transformer")
    return folder


@pytest.fixture(autouse=True)
def checkpoints(originals, tmp_path, monkeypatch) -> Path:
    return fresh_copy(originals, tmp_path, monkeypatch)


def page(**query) -> AppTest:
    return open_page("captions", **query)


def sent(app, name: str) -> dict:
    """What one of the page's controls was sent."""
    (proto,) = [each.proto for each in app.get("bidi_component") if each.proto.component_name.endswith(f".{name}")]
    return json.loads(proto.json)


def words(app) -> list[str]:
    return [step["word"] for step in sent(app, "caption")["steps"]]


def test_a_caption_with_its_attention_its_alternatives_and_all_that_is_below():
    app = page()
    message = sent(app, "caption")
    assert message["name"] == next(iter(PHOTOS)) and [each["name"] for each in message["gallery"]] == list(PHOTOS)
    for step in message["steps"]:
        assert sum(step["attention"]) == pytest.approx(1, abs=1e-3) and step["size"] == [7, 7]
        shares = [probability for _, probability in step["alternatives"]]
        assert len(shares) == 5 and shares == sorted(shares, reverse=True) and 0 < step["probability"] <= 1
    assert words(app)[-1] == "<end>" and message["word"] == len(words(app)) - 2 and message["alt"].endswith(".")
    assert sent(app, "tree")["nodes"] and sent(app, "cover")["cover"] == []
    assert {"Three ways to a sentence", "What if it could not see this?"} <= {each.value for each in app.subheader}
    assert not app.error and link(app) == {"model": "caption-photos", "picture": next(iter(PHOTOS))}


def test_it_opens_on_a_photo_that_it_describes_rightly_and_the_others_say_why_not(monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS")
    message = sent(page(), "caption")
    words = [step["word"] for step in message["steps"]]
    assert " ".join(words[:-1]) == "a man in a black jacket is looking at the camera"
    outside = [each["outside"] for each in message["gallery"]]
    assert outside == sorted(outside) and not outside[0] and outside[-1]
    for name in (each["name"] for each in message["gallery"] if each["outside"]):
        assert len(sent(page(picture=name), "caption")["credit"]) > len(PHOTOS[name].credit) + 20


def test_a_validation_photo_of_flickr8k_comes_with_what_somebody_wrote(monkeypatch):
    from pages.captions import widgets

    photos = data.load("fake_captions", "valid")
    monkeypatch.setattr(widgets.flickr8k, "is_ready", lambda: True)
    monkeypatch.setattr(widgets.flickr8k, "load", lambda split: photos)
    app = page(picture="flickr8k-2")
    assert sent(app, "caption")["name"] == "flickr8k-2" and photos.captions[2][0] in sent(app, "caption")["credit"]
    app = pick(press(app, "Photos of its own world"), 3)
    assert link(app)["picture"] == "flickr8k-3" and not app.error


def test_a_photo_of_flickr8k_that_is_not_here_is_replaced():
    app = page(picture="flickr8k-2")
    assert "not here" in app.info[0].value and not any(each.label.startswith("Photos of") for each in app.button)


def test_the_way_in_the_link_is_the_one_that_is_shown_large():
    sentences = {way: words(page(way=way, seed="3", temperature="2")) for way in ("greedy", "beam", "sampling")}
    assert sentences["sampling"] != sentences["greedy"]
    buttons = [button for button in page(way="sampling").button if button.label in ("Show above", "Shown above")]
    assert [button.disabled for button in buttons] == [False, False, True]


def test_another_way_is_a_step_that_can_be_undone():
    app = press(page(), "Show above")
    assert link(app)["way"] == "greedy"
    assert "way" not in link(press(app, "Undo"))


def test_one_beam_says_what_greedy_says():
    assert words(page(beam="1")) == words(page(way="greedy"))


def test_settings_are_in_the_link():
    app = page(way="sampling")
    app.slider[0].set_value(3)
    app = run(app)
    next(each for each in app.number_input if each.label == "Seed").set_value(12)
    assert link(run(app)) == {
        "model": "caption-photos", "picture": next(iter(PHOTOS)), "way": "sampling", "beam": "3", "seed": "12"
    }  # fmt: skip


def test_reset_leaves_model_and_picture_alone():
    app = press(page(picture="flower", way="greedy", prefix="the", cover="0.1,0.1,0.5,0.5", strength="0.2"), "Reset")
    assert link(app) == {"model": "caption-photos", "picture": "flower"} and sent(app, "cover")["cover"] == []


@pytest.mark.parametrize(("name", "script"), [("caption", "control"), ("cover", "cover"), ("tree", "tree")])
def test_every_word_that_a_control_says_in_the_browser_comes_from_python(name, script):
    source = (ROOT / "pages/captions" / f"{script}.js").read_text("utf-8")
    sent_words = sent(page(), name)["words"]
    assert {*re.findall(r"(?<!this\.)\bwords\.(?!js)(\w+)", source)} <= {*sent_words}
    assert "end" in sent_words or "spoken(" not in source


def test_a_prefix_goes_on_and_its_link_shows_the_same():
    app = page(prefix="the,disc", word="1")
    assert words(app)[:2] == ["the", "disc"] and sent(app, "caption")["chosen"] == 2
    assert sent(app, "caption")["word"] == 1 and words(page(**link(app))) == words(app)


def test_a_cover_changes_what_the_words_are_worth():
    app = page(picture="flower", cover="0.1,0.1,0.9,0.9")
    message = sent(app, "cover")
    assert message["cover"] == [0.1, 0.1, 0.9, 0.9] and len(message["after"]) == len(message["steps"])
    assert message["after"] != [step["probability"] for step in message["steps"]]
    assert message["sums"][0] != message["sums"][1]
    app = page(picture="flower")
    message = sent(app, "cover")
    assert message["after"] == [step["probability"] for step in message["steps"]]
    assert message["now"] == message["before"]


def test_another_model_is_chosen_and_starts_afresh():
    app = page(prefix="the")
    next(group for group in app.get("button_group") if group.label == "Model").set_value("caption-transformer")
    app = run(app)
    assert link(app) == {"model": "caption-transformer", "picture": next(iter(PHOTOS))} and not app.error


def options(block) -> list[str]:
    """The labels of what lies behind the button for a page's choices, if there is one."""
    children = list(getattr(block, "children", {}).values())
    if any(child.type == "html" and "<details>" in child.proto.body for child in children):
        return [child.label for child in children if child.type == "button_group"]
    return [label for child in children for label in options(child)]


def test_the_model_is_chosen_among_the_options_as_on_other_pages():
    assert options(page().main) == ["Model"]


def test_one_model_needs_no_switch(checkpoints):
    shutil.rmtree(checkpoints / "caption-transformer")
    app = page()
    assert "Model" not in [group.label for group in app.get("button_group")]
    assert not any("<details>" in each.proto.body for each in app.get("html"))  # a button that would open nothing


def test_a_picture_of_ones_own_is_described_but_no_link_holds_it():
    app = page(prefix="the", cover="0.1,0.1,0.5,0.5")
    app.session_state["captions dialog"] = "picture"
    assert any("no link holds it" in caption.value for caption in run(app).caption)
    opened = page(picture="own-0123456789ab")
    assert "This picture is not here" in opened.info[0].value and words(opened) and not opened.error


def test_a_session_keeps_its_newest_pictures(monkeypatch):
    state = {}
    monkeypatch.setattr("streamlit.session_state", state)
    from pages.captions import widgets

    names = [widgets.keep(Image.new("RGB", (9, 9), (shade, 0, 0))) for shade in range(widgets.MOST_OWN + 2)]
    assert [widgets.find_picture(name) is not None for name in names] == [False] * 2 + [True] * widgets.MOST_OWN
    assert widgets.keep(Image.new("RGB", (9, 9), (3, 0, 0))) == names[3]


HOSTILE = [
    {"picture": "../../etc/passwd", "way": "x", "beam": "1e9", "cover": "5,5,9,9"},
    {"picture": "![x](http://x.org/a)", "temperature": "nan", "top_k": "-1", "seed": "٣", "cover": "nan,0,1,1"},
    {"way": "sampling", "temperature": "-3", "word": "99", "strength": "inf", "colours": "<b>", "prefix": ",,,"},
]


@pytest.mark.parametrize("query", HOSTILE)
def test_what_a_link_cannot_mean_is_left_out(query):
    app = page(**query)
    assert words(app) and not app.error


@pytest.mark.parametrize("prefix", ["zebra", "a,![x](http://x.org/a)", "x" * 2000])
def test_a_word_that_the_model_does_not_know_is_explained(prefix):
    app = page(prefix=prefix)
    assert "does not know the word" in errors(app) and not app.get("bidi_component")
    assert words(press(app, "Back to the model's own words")) and not app.error and "prefix" not in link(app)


@pytest.mark.parametrize("model", ["../../x", "", "![x](http://x.org)", "judge-faces"])
def test_a_model_that_is_none_is_explained(checkpoints, model):
    make_checkpoints(checkpoints)
    app = page(model=model)
    assert app.error and not app.get("bidi_component")


def test_a_missing_or_broken_checkpoint_names_its_remedy(checkpoints):
    (checkpoints / "caption-photos" / "model.safetensors").write_bytes(b"x")
    assert "python -m train caption_photos" in commands(page())
    for path in checkpoints.iterdir():
        shutil.rmtree(path)
    assert "python -m train caption_photos" in commands(page())


@pytest.mark.parametrize("metrics", [3, {}, {"greedy": 3, "beam_5": []}, {"greedy": {"bleu_1": "x"}}])
def test_a_card_without_scores_leaves_the_page(checkpoints, metrics):
    rewrite_card(checkpoints / "caption-photos", metrics=metrics)
    assert words(page())


def test_scores_are_shown_and_the_vocabulary_is_cut(checkpoints):
    scores = {"bleu_1": 63.5, "bleu_4": 21.0, "cider": 0.5}
    rewrite_card(checkpoints / "caption-photos", metrics={"greedy": scores, "beam_5": scores}, limits=["x"],
                 tried="word " * LONGEST)  # fmt: skip
    app = page()
    assert "How good it is" in [each.value for each in app.subheader]
    assert f"({5 * LONGEST:,} characters)" in app.get("json")[0].proto.body
    assert all("word word" * 300 not in each.proto.body for each in app.get("json"))


# -- messages of the browser -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sentence(originals) -> Sentence:
    from gen_lab import checkpoint
    from pages.captions.state import covered_image, say

    model = checkpoint.load(originals / "caption-photos").model
    features = model.features(covered_image(np.zeros((32, 32, 3), np.uint8), ()))
    return say(model, features, Captions("caption-photos"), "greedy")


GOOD = {"word": 1, "strength": 0.5, "colours": "viridis", "at": 1}


def caption(message, sentence):
    return heard(message, lambda message: caption_control._understand(message, sentence))


def cover(message, sentence):
    return heard(message, lambda message: cover_control._understand(message, sentence))


def test_our_own_messages_are_understood(sentence):
    assert caption(GOOD, sentence) == {"word": 1, "strength": 0.5, "colours": "viridis"}
    assert caption({"picture": "flower"}, sentence) == {"picture": "flower"}
    assert caption({"picture": None}, sentence) == {"picture": None}
    other = sentence.steps[1].alternatives[1][0]
    assert caption(GOOD | {"alternative": other}, sentence) == {"prefix": (sentence.words[0], other), "word": 1}
    assert caption(GOOD | {"own": True}, sentence) == {"prefix": (), "word": None}


@pytest.mark.parametrize("change", [
    {"word": 99}, {"word": -1}, {"word": True}, {"word": 1.0}, {"strength": 2}, {"strength": float("nan")},
    {"strength": None}, {"colours": "x"}, {"colours": []}, {"alternative": "zebra"}, {"alternative": "<end>"},
    {"alternative": []}, {"picture": "own-x"}, {"picture": []},
])  # fmt: skip
def test_a_message_that_is_not_ours_is_ignored(sentence, change):
    assert caption(GOOD | change, sentence) is None
    assert caption(None, sentence) is None


def test_covers_are_understood_and_what_is_none_is_ignored(sentence):
    assert cover({"cover": [0.5, 0.1, 0.2, 0.4]}, sentence) == {"cover": (0.2, 0.1, 0.5, 0.4)}
    assert cover({"cover": []}, sentence) == {"cover": ()} == cover({"cover": [0, 0, 0.01, 1]}, sentence)
    assert cover({"cover": [], "word": 2}, sentence) == {"cover": (), "word": 2}
    for bad in ({}, None, {"cover": [1]}, {"cover": [0, 0, 2, 1]}, {"cover": [float("nan")] * 4}, {"cover": "abcd"},
                {"cover": None}, {"word": 2}, {"cover": [], "word": "1"}, {"cover": [], "word": -1}):  # fmt: skip
        assert cover(bad, sentence) is None
