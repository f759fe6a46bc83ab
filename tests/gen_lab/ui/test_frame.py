"""What every page has around its picture."""

from streamlit.testing.v1 import AppTest

TEXT = """\
First this.

### What you are seeing

A **variational** autoencoder.

**Why so?** Because.

**The bar** is no title.

**What helps.**
Much.
"""


def sections(text: str) -> AppTest:
    def script():
        import streamlit as st

        from gen_lab.ui import frame

        frame.sections(st.session_state["text"])

    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["text"] = text
    return app.run()


def test_a_text_is_folded_section_by_section():
    app = sections(TEXT)
    assert [(each.label, each.proto.expanded, each.markdown[0].value.strip()) for each in app.expander] == [
        ("What you are seeing", False, "A **variational** autoencoder."),
        ("Why so?", False, "Because.\n\n**The bar** is no title."),
        ("What helps", False, "Much."),
    ]


def test_what_stands_before_the_first_title_is_open():
    assert sections(TEXT).markdown[0].value.strip() == "First this."
