"""The Training replay page in its states."""

import base64
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from gen_lab import checkpoint
from gen_lab.checkpoint import replay
from pages.replay.control import _understand
from pages.replay.widgets import LESSONS, MOST_BARS, TEXT, class_shares
from tests.apptest import control, fresh_copy, heard, open_page, run
from tests.tiny import make_replays


@pytest.fixture(scope="module")
def replays(tmp_path_factory) -> Path:
    return make_replays(tmp_path_factory.mktemp("replays"))


@pytest.fixture
def folder(replays, tmp_path, monkeypatch) -> Path:
    return fresh_copy(replays, tmp_path, monkeypatch)


def open_replay(**query) -> AppTest:
    return open_page("replay", **query)


def charts(app) -> dict[str, list[str]]:
    return {chart["title"]: [line["label"] for line in chart["series"]] for chart in control(app)["panels"]}


def messages(app) -> str:
    return " ".join([error.value for error in app.error] + [code.value for code in app.code]).replace("\\", "")


def test_a_gan_shows_its_pictures_losses_notes_and_lesson(folder):
    app = open_replay()
    message = control(app)
    assert message["row"] == 20 and message["rows"][-1] == 2000 and not app.error
    sheet = Image.open(io.BytesIO(base64.b64decode(message["sheet"].partition(",")[2])))
    assert sheet.size == (message["columns"] * message["width"], len(message["rows"]) * message["height"])
    assert list(charts(app)) == ["The losses", "The discriminator's verdict", "How different these pictures are"]
    assert charts(app)["The losses"] == ["generator", "discriminator"]
    assert [note["title"] for note in message["notes"]][0] == "It falls" and len(message["notes"]) >= 3
    assert (TEXT / "en-collapse.md").read_text("utf-8").strip() in [element.value.strip() for element in app.markdown]
    assert app.get("plotly_chart")
    assert "Most often: 0 (100%), least often: 1 (0.5%). Under 1%: 1." in app.caption[0].value


def test_a_critics_loss_is_split_into_its_terms(folder):
    app = open_replay(model="wgan_gp-digits")
    assert charts(app)["The critic's loss and its terms"] == ["loss", "Wasserstein estimate", "penalty"]
    loss, wasserstein, penalty = (np.array(line["values"]) for line in control(app)["panels"][0]["series"])
    assert loss == pytest.approx(penalty - wasserstein, abs=1e-4)
    assert charts(app)["What the critic says"] == ["of real pictures", "of generated ones"]


def test_other_losses_have_a_chart_each(folder):
    app = open_replay(model="other", step="777", smoothing="0", log_steps="1")
    assert charts(app) == {"KL": ["loss"], "How different these pictures are": ["diversity"]}
    message = control(app)
    assert (message["row"], message["smoothing"], message["log_steps"], message["log_losses"]) == (8, 0, True, False)


def test_the_message_stays_the_same_until_python_has_news(folder):
    app = open_replay(step="300")
    before = control(app)
    assert control(run(app)) == before  # Streamlit does not send it again
    app.selectbox[0].set_value("other")
    after = control(run(app))
    assert after["revision"] != before["revision"] and after["id"] == "other" and after["row"] == 20


@pytest.mark.parametrize("query", [
    {"step": "nan"}, {"step": "-5"}, {"step": "9" * 50}, {"smoothing": "inf"}, {"smoothing": "1"}, {"log_steps": "x"},
    {"junk": "![](http://example.org)"},
])  # fmt: skip
def test_a_hostile_link_shows_the_page(folder, query):
    assert control(open_replay(**query))["row"] == 20


@pytest.mark.parametrize("name", ["../../etc", "![](http://example.org)", "", "nothing"])
def test_a_model_without_replay_is_an_error_with_a_remedy(folder, name):
    app = open_replay(model=name)
    assert app.error and not app.get("bidi_component")


@pytest.mark.parametrize("break_it, remedy", [
    (lambda folder: shutil.rmtree(folder), "gan_digits"),
    (lambda folder: (folder / "replay.webp").write_bytes(b"junk"), "python -m train gan_digits"),
    (lambda folder: (folder / "history.jsonl").unlink(), "python -m train gan_digits"),
    (lambda folder: (folder / "card.json").write_text("{"), "python -m train gan_digits"),
])  # fmt: skip
def test_what_is_missing_or_broken_names_its_remedy(folder, break_it, remedy):
    break_it(folder / "gan-digits")
    app = open_replay(model="gan-digits")
    assert app.error and remedy in messages(app)


def test_nothing_to_replay_names_what_to_train(folder):
    for path in folder.iterdir():
        shutil.rmtree(path)
    assert "python -m train gan_digits" in messages(open_replay())


@pytest.mark.parametrize("change", [
    {"lesson": 7}, {"lesson": "no such lesson"}, {"lesson": ["mode collapse"]}, {"metrics": {"seen_as": {"0": "x"}}},
    {"metrics": {"seen_as": {"0": 1}}}, {"metrics": {"seen_as": {"0": 7}, "seen_as_of_real": {"0": 1}}}, {"metrics": 3},
])  # fmt: skip
def test_a_card_that_is_not_in_order_leaves_the_replay(folder, change):
    card = checkpoint.read_card(folder / "gan-digits")
    checkpoint.write_card(folder / "gan-digits", card | change)
    assert control(open_replay())["rows"]


@pytest.mark.parametrize("kinds", [MOST_BARS, MOST_BARS + 1])
def test_more_kinds_than_a_chart_can_show_are_not_shown(kinds):
    shares = dict.fromkeys(map(str, range(kinds)), 1 / kinds)
    shown = class_shares({"metrics": {"seen_as": shares, "seen_as_of_real": shares}})
    assert len(shown) == (kinds if kinds == MOST_BARS else 0)


@pytest.mark.parametrize("change", [
    {"row": 21}, {"row": -1}, {"row": 1.5}, {"row": True}, {"id": "other"}, {"smoothing": "x"}, {"smoothing": 2},
    {"smoothing": None}, {"row": ...},
])  # fmt: skip
def test_a_message_that_is_not_ours_is_ignored(replays, change):
    run = replay.read(replays / "gan-digits")
    good = {"id": "gan-digits", "row": 3, "smoothing": 0.5, "log_losses": True, "log_steps": False, "at": 1}

    def understand(message):
        return _understand(message, run, "gan-digits")

    assert heard(good, understand) == {key: good[key] for key in good if key not in ("at", "id")}
    message = {key: value for key, value in (good | change).items() if value is not ...}
    assert heard(message, understand) is None and heard(None, understand) is None


def test_every_lesson_has_its_text():
    assert all((TEXT / name.format(language="en")).is_file() for name in LESSONS.values())


def test_losses_of_a_part_of_the_run_come_after_the_others_and_say_so(folder):
    path = folder / "other" / "history.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        line |= {"squared_error": 0.1} | ({"late": 1.0} if line["step"] > 1500 else {"early": 1.0})
        del line["kl"]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    notes = {panel["title"]: panel["note"] for panel in control(open_replay(model="other"))["panels"]}
    assert list(notes)[0] == "Squared error" and not notes["Squared error"]
    assert notes["Early"].endswith("until step 1,500.") and notes["Late"].endswith("from step 1,550 on.")
