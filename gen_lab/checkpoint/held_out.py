"""A few pictures of the test split that come with a model, for a game without the data set.

    held_out.png   the pictures, one below the other, without loss

`python -m train.held_out NAME` writes it for data whose pictures may be passed on.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from gen_lab import files

FILE = "held_out.png"
MAX_PIXELS = 4_000_000


def save(folder: Path, pictures: np.ndarray) -> None:
    """Writes square pictures, uint8 (N, side, side, C), into a checkpoint's folder. Raises OSError."""
    sheet = np.concatenate(list(pictures))
    with files.whole_file(Path(folder) / FILE) as file:
        Image.fromarray(sheet[..., 0] if sheet.shape[2] == 1 else sheet).save(file, "PNG", optimize=True)


def load(folder: Path) -> np.ndarray | None:
    """The pictures of a checkpoint's folder, uint8 (N, side, side, C); None where it has none.

    Raises OSError and ValueError for a damaged file.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        return None
    picture = Image.open(path, formats=["PNG"])
    if picture.width * picture.height > MAX_PIXELS or picture.height % picture.width:
        raise ValueError(f"{path} does not hold square pictures, one below the other")
    pixels = np.asarray(picture if picture.mode == "L" else picture.convert("RGB"))
    return pixels.reshape(-1, picture.width, picture.width, 1 if picture.mode == "L" else 3)
