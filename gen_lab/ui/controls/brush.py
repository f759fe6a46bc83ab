"""A brush's drawing (brush.js), as it comes from a browser."""

import base64
import math

import numpy as np


def pixels(text: str, shape: tuple[int, ...]) -> np.ndarray:
    """A drawing, uint8 of this shape: (H, W) in grey, (H, W, 3) in colour. Raises `ValueError` for anything else."""
    if len(text) != 4 * math.ceil(math.prod(shape) / 3):
        raise ValueError(f"not a drawing of {shape}")
    return np.frombuffer(base64.b64decode(text, validate=True), np.uint8).reshape(shape)
