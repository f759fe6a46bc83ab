"""What a stranger's picture costs: its size is read first, and none takes much more than 400 MB to decode."""

import base64
import functools
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pillow_heif
import pytest
from PIL import Image

from gen_lab import images
from gen_lab.images import open_photo
from tests.gen_lab.test_images import photo_bytes

pytestmark = pytest.mark.slow
MEASURE = """
import json, os, resource, sys
from pathlib import Path
import numpy, pillow_heif
from gen_lab.images import open_photo
from gen_lab.sources import unpack_picture

def use():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_maxrss / 1024, used.ru_utime + used.ru_stime

def cost(file):
    content, before, message = file.read_bytes(), use(), ""
    try:
        unpack_picture(content.decode(), (3, 28, 28)) if file.name.startswith("link") else open_photo(content)
    except ValueError as error:
        message = str(error)
    return [message, *(now - then for now, then in zip(use(), before))]

for file in sorted(Path(sys.argv[1]).iterdir()):
    if os.fork() == 0:  # each has a peak of its own
        print(json.dumps([file.name, *cost(file)]), flush=True)
        os._exit(0)
    os.wait()
"""


def solid(kind: str, size: tuple[int, int], mode: str = "RGB", **options) -> bytes:
    pillow_heif.register_heif_opener()
    return photo_bytes(Image.new(mode, size, "tan" if mode == "RGB" else None), kind, **options)


BOMB = (10_900, 10_900)  # pixels
avif = functools.cache(lambda: solid("AVIF", BOMB, speed=10))
webp = functools.cache(lambda: solid("WEBP", BOMB, method=0, quality=1))
TOO_LARGE = {
    "AVIF": avif,
    "WebP": webp,
    "PNG": lambda: solid("PNG", BOMB, "1", compress_level=1),
    "GIF": lambda: solid("GIF", BOMB, "P"),
    "TIFF": lambda: solid("TIFF", BOMB, "1", compression="group4"),
    "progressive JPEG": lambda: solid("JPEG", (7_000, 7_000), progressive=True),
    "HEIC of all colours": lambda: solid("HEIF", (4_500, 4_500), chroma=444),
    "link to AVIF": lambda: base64.urlsafe_b64encode(avif()),
    "link to PNG": lambda: base64.urlsafe_b64encode(solid("PNG", (5_000, 5_000), "1", compress_level=9)),
    "link to WebP": lambda: base64.urlsafe_b64encode(webp()),
}
LARGE = {
    "whole AVIF": lambda: solid("AVIF", (4_890, 4_890), speed=10, subsampling="4:4:4"),
    "whole WebP": lambda: solid("WEBP", (4_890, 4_890), "RGBA", method=0, quality=1),
    "whole PNG": lambda: solid("PNG", (8_940, 8_940), "RGBA", compress_level=1),
    "whole TIFF": lambda: solid("TIFF", (5_990, 5_990), "F", compression="tiff_lzw", tiffinfo={278: 5_990}),
    "whole JPEG": lambda: solid("JPEG", (10_900, 10_900)),
    "whole progressive JPEG": lambda: solid("JPEG", (6_320, 6_320), "CMYK", progressive=True, subsampling=0),
    "whole HEIC": lambda: solid("HEIF", (8_064, 6_048)),
}


@pytest.fixture(scope="module")
def costs(tmp_path_factory) -> dict[str, tuple[str, float, float]]:
    """Of each file: what is said about it, and the megabytes and seconds of one core that it takes."""
    folder = tmp_path_factory.mktemp("large")
    for name, make in (TOO_LARGE | LARGE).items():
        (folder / name).write_bytes(make())
    command = [sys.executable, "-c", MEASURE, str(folder)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {name: cost for name, *cost in map(json.loads, lines)}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_refused_before_it_costs_anything(costs, name):
    message, megabytes, seconds = costs[name]
    expected = "this link's picture" if name.startswith("link") else "megapixels; please use one of"
    assert expected in message and megabytes < 60 and seconds < 0.5


@pytest.mark.parametrize("name", LARGE)
def test_the_largest_pictures_take_bounded_memory(costs, name):
    message, megabytes, _ = costs[name]
    assert message == "" and megabytes < 450


def test_large_pictures_are_decoded_one_at_a_time(monkeypatch):
    inside, counts = [], []

    def small(picture, original=images._small):
        inside.append(picture)
        counts.append(len(inside))
        time.sleep(0.02)
        inside.remove(picture)
        return original(picture)

    monkeypatch.setattr(images, "_small", small)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(open_photo, [solid("PNG", (2_001, 2_001), "1")] * 4))
    assert counts == [1, 1, 1, 1]
