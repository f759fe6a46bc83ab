"""A brush's drawing, as Python takes it from a browser."""

import base64

import numpy as np
import pytest

from gen_lab.ui.controls.brush import pixels


def test_a_drawing_is_taken_at_its_size():
    drawing = np.arange(12, dtype=np.uint8)
    text = base64.b64encode(drawing).decode()
    assert (pixels(text, (3, 4)) == drawing.reshape(3, 4)).all()
    assert (pixels(text, (2, 2, 3)) == drawing.reshape(2, 2, 3)).all()


@pytest.mark.parametrize("text", ["", "AAAA", "%" * 16, "A" * 16 + "AAAA", "AAAAAAAAAAAAAAA=", "é" * 16])
def test_anything_else_is_no_drawing(text):
    with pytest.raises(ValueError):
        pixels(text, (3, 4))
