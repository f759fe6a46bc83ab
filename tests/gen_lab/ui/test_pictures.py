"""The grid of pictures to choose from, without a browser."""

import numpy as np
from streamlit.testing.v1 import AppTest

from tests.apptest import press, run


def labels(app) -> list[str]:
    return [button.label for button in app.button if button.label.startswith("Picture ")]


def script() -> None:
    import numpy as np
    import streamlit as st

    from gen_lab.data import Dataset
    from gen_lab.ui.pictures import PAGE, grid, search

    count = 2 * PAGE + 6
    attributes = np.stack([np.arange(count) % 2 == 0, np.arange(count) < 3], 1)
    images = np.zeros((count, 8, 8, 3), np.uint8)
    pictures = Dataset("shapes", images, attributes, ("Smiling", "Bald"), "", "test")
    picked = st.session_state.setdefault("picked", [])
    st.session_state["clicked"] = grid("shapes", search("shapes", pictures), picked.append, picked, len(picked) > 1)


def test_a_page_of_pictures_has_a_button_for_each_that_says_what_it_shows():
    app = run(AppTest.from_function(script))
    assert labels(app)[:2] == ["Picture 0: Smiling, Bald", "Picture 1: Bald"] and len(labels(app)) == 32
    assert any("Page 1 of 3 · 70 pictures" in text.value for text in app.markdown)
    assert not app.session_state["clicked"]


def test_the_pages_turn_and_end():
    app = press(run(AppTest.from_function(script)), ":material/chevron_right:")
    app = press(app, ":material/chevron_right:")
    assert labels(app) == [f"Picture {index}" + ": Smiling" * (index % 2 == 0) for index in range(64, 70)]
    assert next(button for button in app.button if button.label == ":material/chevron_right:").disabled


def test_a_click_picks_and_a_full_choice_takes_no_more():
    app = press(press(run(AppTest.from_function(script)), "Picture 4: Smiling"), "Picture 1: Bald")
    assert app.session_state["picked"] == [4, 1] and app.session_state["clicked"]
    app = run(app)
    free = [button.label for button in app.button if button.label.startswith("Picture ") and not button.disabled]
    assert free == ["Picture 1: Bald", "Picture 4: Smiling"]


def test_filters_leave_what_passes_them():
    app = run(AppTest.from_function(script))
    app.multiselect[0].set_value(["Bald"])
    app.multiselect[1].set_value(["Smiling"])
    assert labels(run(app)) == ["Picture 1: Bald"]


def test_the_pixels_are_the_buttons_face():
    app = run(AppTest.from_function(script))
    styles = " ".join(each.proto.body for each in app.get("html"))
    assert np.char.count(styles, "background-image: url") == 32
