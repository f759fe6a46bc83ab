"""What pages show beside their picture."""

import numpy as np
import pytest

from gen_lab.ui import charts


def test_no_axis_zooms_and_all_text_is_in_the_pages_ink():
    layout = charts.figure().layout
    assert layout.xaxis.fixedrange and layout.yaxis.fixedrange
    texts = layout.xaxis.tickfont, layout.yaxis.tickfont, layout.xaxis.title.font, layout.legend.font
    assert {each.color for each in texts} == {charts.ink()}


def test_what_a_chart_has_of_its_own_adds_to_the_look():
    layout = charts.figure(height=260, margin_r=20, xaxis={"title_text": "position", "showgrid": False}).layout
    assert layout.xaxis.title.text == "position" and layout.xaxis.title.font.color == charts.ink()
    assert layout.margin.to_plotly_json() == {"l": 0, "r": 20, "t": 4, "b": 0}


@pytest.mark.parametrize("text", ['"><script>', "<b>"])
def test_what_a_strip_says_is_never_markup(text):
    assert text not in charts.strip([(np.zeros((4, 4, 3), np.uint8), text, text)])
