"""The control of the planes without a browser: colours that every eye can tell apart."""

import itertools

import numpy as np
import pytest

from pages.digits.control import PALETTE

LEAST = 12  # of 100 times OKLab; a difference of 2 is just visible
LMS = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
       [0.0883024619, 0.2817188376, 0.6299787005]]  # fmt: skip
OKLAB = [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
         [0.0259040371, 0.7827717662, -0.8086757660]]  # fmt: skip
EYES = {  # Machado, Oliveira and Fernandes 2009, severity 1
    "normal": np.eye(3),
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
}


def oklab(colour: str, eyes: str) -> np.ndarray:
    """A colour, #rrggbb, as these eyes see it, in OKLab (Ottosson 2020)."""
    srgb = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.array(OKLAB) @ np.cbrt(LMS @ np.clip(np.array(EYES[eyes]) @ linear, 0, 1))


@pytest.mark.parametrize("eyes", EYES)
def test_any_two_classes_can_be_told_apart(eyes):
    seen = [oklab(colour, eyes) for colour in PALETTE]
    assert min(100 * np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= LEAST


def test_every_class_is_bright_enough_on_black():
    assert all(oklab(colour, "normal")[0] >= 0.5 for colour in PALETTE)
