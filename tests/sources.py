"""Small data sets in the layouts in which the public ones come."""

import io
import zipfile
from pathlib import Path

from PIL import Image

from gen_lab.data import lego


def stand_in(size: tuple[int, int], number: int) -> Image.Image:
    """A picture whose useful square is grey, as bright as its number says, with a red upper left quarter."""
    width, height = size
    side = width if width == height else 148
    left, top = (width - side) // 2, (height - side) // 2
    picture = Image.new("RGB", size, "lime")  # must not be seen
    picture.paste((20 * number,) * 3, (left, top, left + side, top + side))
    picture.paste((255, 0, 0), (left, top, left + side // 2, top + side // 2))
    return picture


def lay_down(folder: Path, archive: str, files: dict[str, bytes], packed: bool) -> None:
    """Files, by their paths, in an archive of this name, or unpacked beside where it would be."""
    if packed:
        with zipfile.ZipFile(folder / archive, "w") as packet:
            for name, content in files.items():
                packet.writestr(name, content)
        return
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def write_celeba(root: Path, size=(178, 218), packed=True, count=9) -> Path:
    """`count` pictures in the official layout; every third one belongs to train, valid and test in turn."""
    folder = root / "celeba"
    folder.mkdir(parents=True)
    pictures = {}
    for number in range(count):
        buffer = io.BytesIO()
        stand_in(size, number).save(buffer, "JPEG", quality=100, subsampling=0)
        pictures[f"{number:06}.jpg"] = buffer.getvalue()
    files = {f"img_align_celeba/{name}": content for name, content in pictures.items()}
    lay_down(folder, "img_align_celeba.zip", files, packed)
    rows = [f"{name} {'1' if number % 2 else '-1':>2} -1" for number, name in enumerate(pictures)]
    (folder / "list_attr_celeba.txt").write_text("\n".join([str(count), "Smiling Bald ", *rows]) + "\n")
    splits = [f"{name} {number % 3}" for number, name in enumerate(pictures)]
    (folder / "list_eval_partition.txt").write_text("\n".join(splits) + "\n")
    return folder


def write_lego(root: Path, packed=True, poses=10) -> Path:
    """Two kinds in the public layout, each in `poses` poses, of which a picture's brightness tells: 10 x its number."""
    folder = root / "lego"
    folder.mkdir(parents=True)
    pictures = {}
    for kind in ("brick_1x1", "peg"):
        for pose in range(poses):
            for camera in "LR":
                buffer = io.BytesIO()
                Image.new("L", (64, 64), 10 * pose + (camera == "R")).save(buffer, "PNG")
                pictures[f"Train/{kind}/3005 {kind} {pose:03}{camera}.png"] = buffer.getvalue()
    lay_down(folder, lego.ARCHIVE, pictures, packed)
    return folder


def photo(colour, size=(40, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG")
    return buffer.getvalue()


def write_flickr8k(root: Path, zipped: bool = True) -> Path:
    """Two pictures to train with and one of dev; no list of the test split."""
    folder = root / "flickr8k"
    folder.mkdir(parents=True)
    pictures = {"1_a.jpg": photo("red"), "2_b.jpg": photo("blue", (20, 60)), "3_c.jpg": photo("lime")}
    files = {f"Flicker8k_Dataset/{name}": content for name, content in pictures.items()}
    lay_down(folder, "Flicker8k_Dataset.zip", files, zipped)
    lines = [f"{name}#{number}\tCaption {number} of {name} .\n" for name in pictures for number in range(5)]
    (folder / "Flickr8k.token.txt").write_text("".join(lines))
    (folder / "Flickr_8k.trainImages.txt").write_text("2_b.jpg\n1_a.jpg\n")
    (folder / "Flickr_8k.devImages.txt").write_text("3_c.jpg\n")
    return folder
