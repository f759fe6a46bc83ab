"""Every page over the checkpoints that ship."""

import pytest
from streamlit.testing.v1 import AppTest

from gen_lab.ui.navigation import pages
from tests.apptest import home, run

pytestmark = pytest.mark.usefixtures("checkpoints")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_page_runs_over_the_shipped_checkpoints(page, monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS")
    app = home() if page.name == "home" else run(AppTest.from_file(str(page.path), default_timeout=60))
    assert not app.error and not app.warning
