"""A frozen encoder's maps of a data set of photos, computed once and cached as memory-mapped float16."""

import contextlib
import hashlib
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from gen_lab import files, images
from gen_lab.data import cache, cache_root
from gen_lab.data.captions import CaptionData
from gen_lab.models.parts.lite import Eye

BATCH = 8


def maps(photos: CaptionData, encoder: Eye, size: int) -> list[np.ndarray]:
    """The encoder's maps of every picture at size x size: float16 (N, C, h, w) for each of its taps, read-only.

    They lie under the cache root, keyed by the pictures, the size, the taps and the encoder's weights. Raises
    `DiskFull`, and ValueError for a picture that is damaged.
    """
    folder = cache_root() / f"{photos.name}-{photos.split}-features-{_key(photos, encoder, size)}"
    if not folder.is_dir():
        _write(folder, photos, encoder, size)
    return [np.load(folder / f"{tap}.npy", mmap_mode="r", allow_pickle=False) for tap in encoder.taps]


def _key(photos: CaptionData, encoder: Eye, size: int) -> str:
    state = hashlib.sha256(f"{photos.images.state} {size} {encoder.taps}".encode())
    for tensor in encoder.state_dict().values():
        state.update(tensor.cpu().numpy().tobytes())
    return state.hexdigest()[:16]


@torch.inference_mode()
def _write(folder: Path, photos: CaptionData, encoder: Eye, size: int) -> None:
    device = next(encoder.parameters()).device
    shapes = [tuple(tensor.shape[1:]) for tensor in encoder(torch.zeros(1, 3, size, size, device=device))]
    total_bytes = sum(2 * len(photos) * int(np.prod(shape)) for shape in shapes)
    with (
        files.whole_folder(folder, cache.REMEDY, total_bytes) as fresh,
        contextlib.ExitStack() as stack,
        tqdm(total=len(photos), desc=f"features of {photos.name}, {photos.split}", unit="photo") as progress,
    ):
        outputs = [stack.enter_context(open(fresh / f"{tap}.npy", "wb")) for tap in encoder.taps]
        for output, shape in zip(outputs, shapes, strict=True):
            header = {"descr": "<f2", "fortran_order": False, "shape": (len(photos), *shape)}
            np.lib.format.write_array_header_1_0(output, header)
        for start in range(0, len(photos), BATCH):
            rows = range(start, min(start + BATCH, len(photos)))
            pixels = np.stack([square(photos.images[row], size) for row in rows])
            batch = images.to_float(pixels).to(device, memory_format=torch.channels_last)
            for output, tensor in zip(outputs, encoder(batch), strict=True):
                output.write(tensor.half().contiguous().cpu().numpy().data)
            progress.update(len(rows))


def square(photo: Image.Image, size: int) -> np.ndarray:
    """A photo squeezed into size x size: uint8 (size, size, 3)."""
    return np.asarray(photo.resize((size, size), Image.Resampling.BILINEAR))
