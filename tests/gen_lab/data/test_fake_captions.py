"""The fake captions say what is seen."""

import numpy as np

from gen_lab import data


def test_fake_captions_say_what_is_seen():
    shown = data.load("fake_captions", "train")
    assert len(shown) == 16 and all(len(set(captions)) == 5 for captions in shown.captions)
    for index, captions in enumerate(shown.captions):
        red, _, blue = np.asarray(shown.images[index], int).mean((0, 1))
        assert ("red" in captions[0]) == (red > blue)
