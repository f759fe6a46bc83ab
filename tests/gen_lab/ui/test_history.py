"""What a page shows, and what another page brings to it."""

import pytest
from streamlit.testing.v1 import AppTest

from gen_lab import links
from pages.faces.state import Edit


def script():
    import streamlit as st

    from gen_lab.ui.history import History
    from pages.faces.state import Edit

    history = History("faces", Edit, model="vae-faces")
    history.write_link()
    st.session_state["state"] = history.current
    history.buttons()


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(script)
    for name, part in links.write(Edit("vae-faces", seed=7, values={"Smiling": 1.5})).items():
        app.query_params[name] = part
    return app.run()


def state(app: AppTest) -> Edit:
    assert not app.exception
    return app.session_state["state"]


def bring(app: AppTest, **changes) -> Edit:
    app.session_state["faces changes"] = changes
    return state(app.run())


def test_a_session_begins_with_what_its_link_says(app):
    assert state(app) == Edit("vae-faces", seed=7, values={"Smiling": 1.5})


def test_what_another_page_brings_leaves_the_rest_as_it_stood(app):
    brought = bring(app, model="vae-faces", direction="AAAA")
    assert brought == Edit("vae-faces", seed=7, values={"Smiling": 1.5}, direction="AAAA")
    assert state(app.run()) == brought and "direction" in app.query_params


def test_for_another_model_a_page_begins_anew(app):
    assert bring(app, model="vae-avatars", direction="AAAA") == Edit("vae-avatars", direction="AAAA")


def test_what_another_page_brings_can_be_undone(app):
    before, _ = state(app), bring(app, direction="AAAA")
    app.button[0].click()
    assert state(app.run()) == before


def opening_script():
    import streamlit as st

    from gen_lab.ui.history import History
    from pages.faces.state import Edit

    st.session_state["state"] = History("faces", Edit, {"seed": 390}, model="vae-faces").current


@pytest.mark.parametrize(("query", "seed"), [({}, 390), ({"model": "vae-faces"}, 1), ({"seed": "7"}, 7)])
def test_only_without_a_query_a_page_begins_with_its_opening(query, seed):
    app = AppTest.from_function(opening_script)
    for name, part in query.items():
        app.query_params[name] = part
    assert state(app.run()) == Edit("vae-faces", seed=seed)
