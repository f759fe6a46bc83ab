"""Jobs: a command in a process of its own, and the widget that starts, watches and stops it."""

import json
import time

import pytest
from streamlit.testing.v1 import AppTest

from gen_lab import data
from gen_lab.ui import jobs
from gen_lab.ui.jobs import Job
from tests.apptest import run


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("GEN_LAB_CACHE", raising=False)
    jobs._jobs.clear()


def ended(job: Job) -> Job:
    job.wait(60)
    return job


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A function that writes a module which jobs find: its name."""
    monkeypatch.chdir(tmp_path)

    def write(source: str) -> str:
        (tmp_path / "work.py").write_text(source)
        return "work"

    return write


# -- the process -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_data_set_is_prepared():
    job = ended(Job(["train.data", "fake"]))
    assert b"fake is ready" in job.answer and not job.error and not job.is_running


@pytest.mark.slow
def test_a_question_has_an_answer():
    job = ended(Job(["json.tool"], b'{"a": [1, 2]}', read=json.loads))
    assert job.answer == {"a": [1, 2]} and not job.error


@pytest.mark.slow
def test_an_answer_that_makes_no_sense_is_an_error():
    job = ended(Job(["json.tool"], b'{"a": 1}', read=lambda output: int(output)))
    assert job.answer is None and "makes no sense" in job.error


@pytest.mark.slow
def test_a_command_that_takes_no_question_is_no_trouble(module):
    job = ended(Job([module("print('no, thanks')")], b"x" * 1_000_000))
    assert job.answer == b"no, thanks\n" and not job.error


@pytest.mark.slow
def test_the_last_line_says_what_went_wrong():
    job = ended(Job(["train.data", "ghost"]))
    assert "invalid choice" in job.error and job.answer is None


@pytest.mark.slow
def test_a_problem_is_told_with_its_remedy_and_a_traceback_by_its_end(module):
    assert ended(Job([module("raise SystemExit('no room\\n\\nmake some')")])).error == "no room\n\nmake some"
    assert ended(Job([module("raise OSError('no room')")])).error == "OSError: no room"


@pytest.mark.slow
def test_a_command_that_fails_silently_is_told_by_its_code(module):
    assert ended(Job([module("raise SystemExit(3)")])).error == "it ended with code 3"


@pytest.mark.slow
def test_the_share_follows_a_progress_bar_and_is_no_error(module):
    job = ended(Job([module("import sys\nsys.exit('oh\\rwork:  40%|####      | 4/10\\r')")]))
    assert job.share == 0.4 and job.error == "oh"


@pytest.mark.slow
def test_the_share_of_a_training_follows_the_lines_of_its_history(module):
    def share(line: str) -> float | None:
        return json.loads(line)["step"] / 20 if line.startswith("{") else None

    source = "import sys\nprint('{\"step\": 10}', flush=True)\nprint('wrote it')\nsys.stdin.read()"
    assert ended(Job([module(source)], progress=share)).share == 0.5


@pytest.mark.slow
def test_a_job_that_is_stopped_ends_its_processes_and_leaves_nothing_behind():
    job = Job(["train.data", "avatars"])
    while not list(data.cache_root().glob(".avatars-*/images.npy")):  # where it writes until it is done
        assert job.is_running, job.error
        time.sleep(0.05)
    job.stop()
    assert ended(job).process.returncode == 130
    assert not job.error and job.answer is None and not list(data.cache_root().iterdir())


@pytest.mark.slow
def test_a_job_can_be_stopped_at_once():
    job = Job(["gen_lab.latent.layouts", "{}"])
    job.stop()
    assert not ended(job).error and job.process.returncode


# -- the widget --------------------------------------------------------------------------------------------------------


class Work:
    """Stands for a job, at work until it is stopped or the test says otherwise."""

    share, answer, error, is_running = 0.25, None, "", True

    def stop(self):
        self.is_running = False


def page(key: tuple, at_once: bool = False) -> AppTest:
    def script(key, start, at_once):
        import streamlit as st

        from gen_lab.ui import jobs

        def done():
            st.session_state["done"] = True

        jobs.background(key, start, "Begin", "Working", "It takes a while.", done, at_once)

    return run(AppTest.from_function(script, args=(key, Work, at_once)))


def button(app, label: str):
    return next((button for button in app.button if button.label == label), None)


def test_a_job_is_begun_watched_and_stopped_by_everybody():
    mine, yours = page(("map", 1)), page(("map", 1))
    assert mine.caption[0].value == "It takes a while."
    button(mine, "Begin").click()
    assert button(run(mine), "Stop") and button(run(yours), "Stop") and not button(yours, "Begin")
    button(yours, "Stop").click()
    assert button(run(yours), "Begin") and button(run(mine), "Begin")


def test_a_job_at_once_needs_no_button_until_it_was_stopped():
    app = page(("map", 1), at_once=True)
    assert button(app, "Stop") and not button(app, "Begin")
    button(app, "Stop").click()
    button(run(app), "Begin").click()
    assert button(run(app), "Stop")


def test_a_job_at_once_follows_when_another_has_ended():
    first, second = page(("map", 1), at_once=True), page(("map", 2), at_once=True)
    assert button(second, "Begin").disabled
    jobs.latest(("map", 1)).is_running = False
    assert button(run(second), "Stop") and button(run(first), "Begin")


def test_the_page_goes_on_when_its_job_has_ended(monkeypatch):
    class Brief(Work):
        seen = 0

        @property
        def is_running(self):
            self.seen += 1
            return self.seen < 4  # asked by the button's page, then twice by the watch

    jobs._jobs()[("map", 1)] = Brief()
    app = page(("map", 1))
    while "done" not in app.session_state:
        run(app)
    assert button(app, "Begin")


def test_of_a_kind_one_runs_at_a_time():
    first = page(("map", 1))
    button(first, "Begin").click()
    run(first)
    assert button(page(("map", 2)), "Begin").disabled and not button(page(("data set", 1)), "Begin").disabled


def test_what_went_wrong_is_told_and_can_be_tried_again():
    failure = Work()
    failure.error, failure.is_running = "no room", False
    jobs._jobs()[("map", 1)] = failure
    app = page(("map", 1))
    assert app.error and app.code[0].value == "no room"
    button(app, "Begin").click()
    assert button(run(app), "Stop") and not app.error


def test_old_jobs_are_forgotten_and_those_at_work_are_not():
    for number in range(3 * jobs.KEPT):
        jobs._begin((f"kind {number}",), Work)
        jobs.latest((f"kind {number}",)).is_running = number == 0
    assert len(jobs._jobs()) == jobs.KEPT and jobs.is_running(("kind 0",))
