"""How new a picture is: its nearest training pictures, and whether real pictures that the model never saw come as near.

    made = Novelty(model="vae-faces", seed=7)
    Novelty.from_query(made.to_query()) == made
    pixels = Space.of_pixels(data.load("celeba", "train").images)
    distances, indices = pixels.nearest(picture(checkpoint, made)[None], k=5)

Near is measured in two spaces: in pixels, by mean absolute difference, and in statistics of a judge's first feature
maps, which a shift of the picture hardly changes. `python -m train.novelty NAME` measures, once, what is usual there:

    novelty.npz     distances of 1,000 held-out pictures, training pictures and samples to the nearest training picture
    card.json       "novelty": the whole-model check
"""

import base64
import binascii
import errno
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from gen_lab import data, device, neighbours
from gen_lab.checkpoint import CheckpointError
from gen_lab.checkpoint.atlas import DAMAGED
from gen_lab.data import Dataset
from gen_lab.images import BadImage, encode, open_photo, to_float
from gen_lab.links import one_of, read, seed, written
from pages.conditional.state import Labelled
from pages.faces.state import unpack

FILE = "novelty.npz"
MAX_BYTES = 4_000_000  # of it, unpacked
SOURCES = {
    "sample": "The model's",
    "latent": "From another page",
    "memoriser": "A memoriser's",
    "data": "A test picture",
    "photo": "Your picture",
}
SPACES = {"pixels": "pixels", "features": "features of the judge"}
SETS = ("held_out", "train", "samples")
SHIFT = 2  # pixels by which the memoriser moves what it has learned by heart, to the right and down
MOST_SHIFT = 8
NEAR, FAR = 0.01, 0.99  # shares of the held-out pictures that are nearer
MANY = 0.03  # share of near samples that chance does not explain
RARE = 0.001  # p-value that chance does not explain
MAX_PHOTO = 1800  # characters in a link
BATCH = 256


@dataclass(frozen=True)
class Novelty:
    """A picture as a few plain values. All of it comes from a link and so from a stranger: `from_query` checks types
    and ranges, `picture` what belongs to the model."""

    model: str
    source: str = "sample"  # one of SOURCES
    seed: int = 1  # of the sample, or of the picture that the memoriser returns
    label: str = ""  # the class that a conditional model is asked for; empty: drawn with the seed
    latent: str = ""  # packed by `edits.pack`: what another page shows
    shift: int = SHIFT  # of the memoriser
    index: int = 0  # in the data set's test split
    photo: str = ""  # the user's picture itself, small, packed by `pack`

    def to_query(self) -> dict[str, str]:
        """What is not at its default, as query parameters; the model always."""
        # A link may bring a latent without a word about it: where there is one, the source is named.
        return written(self, Novelty(self.model), always=("model", "source") if self.latent else ("model",))

    @classmethod
    def from_query(cls, query: dict[str, str], default: str = "") -> "Novelty":
        """Reads what `to_query` wrote; whatever is malformed or out of range is left at its default."""
        readers = {
            "source": lambda text: one_of(text, SOURCES),
            "seed": seed,
            "label": lambda text: text[:100],
            "latent": lambda text: text[:4000],
            "shift": lambda text: min(seed(text), MOST_SHIFT),
            "index": seed,
            "photo": lambda text: text[:4000],
        }
        found = read(query, readers)
        source = "latent" if found.get("latent") else cls.source
        return cls(query.get("model", default), **{"source": source, **found})


def picture(checkpoint, made: Novelty) -> np.ndarray:
    """The picture in question, uint8 (H, W, C). Raises ValueError with the remedy, and `MissingData`."""
    model, name = checkpoint.model, checkpoint.card["data"]["name"]
    if made.source == "photo":
        return unpack_photo(made.photo, model.image_shape)
    if made.source == "data":
        test = pictures_of(checkpoint, "test")
        return np.asarray(test.images[made.index % len(test)])
    if made.source == "memoriser":
        train = pictures_of(checkpoint, "train")
        return memorised(train.images, 1, made.seed, made.shift)[0]
    generator = torch.Generator().manual_seed(made.seed)
    latents = model.sample(1, generator).float().cpu()
    if made.source == "latent":
        latents = unpack(made.latent, model.latent_dim, "picture", "open the page that it came from again")[None]
    classes = getattr(model, "classes", ())
    if made.label and made.label not in classes:
        raise ValueError(f"{name} has no class '{made.label[:40]}' for this model: choose another")
    return decode(model, latents, draw_labels(classes, 1, generator, made.label))[0]


def draw_labels(classes, count: int, generator: torch.Generator, label: str = "") -> torch.Tensor | None:
    """One-hot labels (count, L), of the class `label` or uniformly drawn; None for a model without classes."""
    if not classes:
        return None
    drawn = torch.randint(len(classes), (count,), generator=generator)
    chosen = torch.full_like(drawn, classes.index(label)) if label else drawn
    return torch.eye(len(classes))[chosen]


def decode(model, latents: torch.Tensor, labels: torch.Tensor | None = None) -> np.ndarray:
    """Latents (B, D), and labels (B, L) for a conditional model, to pixels, uint8 (B, H, W, C)."""
    if labels is not None:
        model, latents = Labelled(model), torch.cat([latents, labels], 1)
    return np.concatenate([device.decode(model, part) for part in latents.split(BATCH)])


def sample(model, count: int, seed: int = 0) -> np.ndarray:
    """Random pictures, uint8 (count, H, W, C), of uniformly drawn labels where the model needs them."""
    generator = torch.Generator().manual_seed(seed)
    latents = model.sample(count, generator).float().cpu()
    return decode(model, latents, draw_labels(getattr(model, "classes", ()), count, generator))


def memorised(images: np.ndarray, count: int, seed: int, shift: int = SHIFT) -> np.ndarray:
    """What a generator that has learned its training pictures (N, H, W, C) by heart returns: `count` of them, moved."""
    rows = np.random.default_rng(seed).choice(len(images), count, replace=count > len(images))
    return shifted(np.asarray(images[np.sort(rows)]), shift)


def shifted(pictures: np.ndarray, by: int) -> np.ndarray:
    """Pictures (n, H, W, C), moved so many pixels to the right and down; their edges are repeated."""
    height, width = pictures.shape[1:3]
    return np.pad(pictures, ((0, 0), (by, 0), (by, 0), (0, 0)), mode="edge")[:, :height, :width]


def pictures_of(checkpoint, split: str) -> Dataset:
    """One split of the data that a model was trained on. Raises `MissingData`, also where it is not prepared yet, and
    ValueError where its pictures are of another shape than the model's."""
    name = checkpoint.card["data"]["name"]
    if not data.is_ready(name):
        raise data.MissingData(name, f"the pictures of '{name}' are not ready on this machine")
    found = data.load(name, split)
    channels, height, width = checkpoint.model.image_shape
    if found.images.shape[1:] != (height, width, channels):
        raise ValueError(
            f"the pictures of '{name}' are {found.images.shape[1:]} and this model's {(height, width, channels)}: "
            "choose another model"
        )
    return found


def pack(pixels: np.ndarray) -> str:
    """A small picture, uint8 (H, W, C), as text for a link: WebP, as good as `MAX_PHOTO` characters allow."""
    for quality in (90, 75, 60, 45, 30, 15, 1):
        text = base64.urlsafe_b64encode(encode(pixels, "WEBP", quality=quality)).decode().rstrip("=")
        if len(text) <= MAX_PHOTO:
            return text
    raise ValueError(f"this picture of {pixels.shape[:2]} pixels does not fit in a link: use a smaller one")


def unpack_photo(text: str, image_shape: tuple[int, int, int]) -> np.ndarray:
    """What `pack` packed, uint8 (H, W, C) for image_shape (C, H, W). Raises ValueError for anything else."""
    if not text:
        raise ValueError("there is no picture yet: take or upload one")
    channels, height, width = image_shape
    try:
        photo = open_photo(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (BadImage, binascii.Error, ValueError) as error:
        raise ValueError("this link's picture is damaged: upload it again") from error
    if photo.size != (width, height):
        raise ValueError("this link's picture was made for another model: upload it again")
    return as_channels(np.asarray(photo), channels)


def as_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """A colour picture, uint8 (H, W, 3), as a model of 1 or 3 channels sees it."""
    return np.asarray(Image.fromarray(pixels).convert("L"))[:, :, None] if channels == 1 else pixels


@dataclass(frozen=True, eq=False)
class Space:
    """Where pictures are compared: `embed` takes uint8 (n, H, W, C) to (n, D), `train` (N, D) is the training set."""

    name: str  # one of SPACES
    train: np.ndarray
    embed: Callable[[np.ndarray], np.ndarray]

    @classmethod
    def of_pixels(cls, images: np.ndarray) -> "Space":
        """Pictures uint8 (N, H, W, C) as they are, memory-mapped or not: distances are mean absolute differences."""
        flat = images.reshape(len(images), -1)
        return cls("pixels", flat, lambda pictures: np.ascontiguousarray(pictures).reshape(-1, flat.shape[1]))

    @classmethod
    def of_features(cls, judge, features: np.ndarray) -> "Space":
        """Features (N, F) by `texture`, each in units of its standard deviation: distances are Euclidean."""
        scale = features.std(0) + 1e-6
        return cls("features", features / scale, lambda pictures: texture(judge, pictures) / scale)

    def nearest(self, pictures: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances (n, k), ascending, of pictures uint8 (n, H, W, C) to training pictures, and their indices."""
        return nearest(self.embed(pictures), self.train, k)


def nearest(queries: np.ndarray, train: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances (n, k), ascending, and indices: mean absolute difference of uint8, Euclidean distance of floats."""
    if train.dtype == np.uint8:
        distances, indices = neighbours.nearest(queries, train, k)
        return distances / train.shape[1], indices
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=k, algorithm="brute").fit(train).kneighbors(queries)


@torch.inference_mode()
def texture(judge, pictures: np.ndarray, progress: Callable = lambda batches: batches) -> np.ndarray:
    """`Judge.texture` of uint8 pictures (n, H, W, C): float32 (n, F). `progress` watches the batches, as tqdm does."""
    place = next(judge.parameters()).device
    starts = progress(range(0, len(pictures), BATCH))
    batches = (to_float(np.asarray(pictures[i : i + BATCH])).to(place) for i in starts)
    return np.concatenate([judge.texture(batch).cpu().numpy() for batch in batches])


def features_path(judge_card: dict, pictures: Dataset) -> Path:
    """Where `texture` of all these pictures is kept, by the judge's weights and what the pictures look like."""
    images, key = pictures.images, hashlib.sha256(judge_card["sha256"].encode())
    key.update(f"{pictures.name} {pictures.split} {images.shape}".encode())
    for row in np.linspace(0, len(images) - 1, 64).astype(int):
        key.update(np.ascontiguousarray(images[row]).data)
    return data.cache_root() / "features" / f"{pictures.name}-{key.hexdigest()[:24]}.npy"


def read_features(path: Path, count: int) -> np.ndarray | None:
    """Features (count, F) that were kept; None where there are none, or damaged ones."""
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    fits = found.dtype == np.float32 and found.ndim == 2 and len(found) == count and np.isfinite(found).all()
    return found if fits else None


def write_features(path: Path, features: np.ndarray) -> None:
    """Keeps features; raises OSError with the remedy where the disk is full."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, lambda file: np.save(file, features.astype(np.float32)))


def _replace(path: Path, write: Callable) -> None:
    """Writes a file as a whole or not at all."""
    handle, fresh = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            write(file)
        os.chmod(fresh, 0o644)
        os.replace(fresh, path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            message = f"the disk is full: {path} cannot be written; free some, or set GEN_LAB_CACHE"
            raise OSError(errno.ENOSPC, message) from error
        raise
    finally:
        Path(fresh).unlink(missing_ok=True)


References = dict[str, dict[str, np.ndarray]]  # space -> one of SETS -> distances (n,)


def save(folder: Path, references: References) -> None:
    """Writes novelty.npz into a checkpoint folder. Raises OSError."""
    arrays = {f"{space}_{name}": of[name].astype(np.float32) for space, of in references.items() for name in of}
    _replace(Path(folder) / FILE, lambda file: np.savez_compressed(file, **arrays))


def load(folder: Path) -> References:
    """The distances in a checkpoint folder's novelty.npz. Raises `CheckpointError` with the command that makes it."""
    path, remedy = Path(folder) / FILE, f"run python -m train.novelty {Path(folder).name}"
    if not path.is_file():
        raise CheckpointError(f"what distances are usual for '{path.parent.name}' was not measured yet: {remedy}")
    try:
        return _read(path)
    except DAMAGED as error:
        place = f"checkpoints/{path.parent.name}/{FILE}"
        raise CheckpointError(
            f"{path} cannot be used ({error}): restore it with git checkout -- {place}, or {remedy}"
        ) from error


def _read(path: Path) -> References:
    with zipfile.ZipFile(path) as archive:  # before anything is unpacked
        size, names = sum(member.file_size for member in archive.infolist()), set(archive.namelist())
    if size > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES / 1e6:.0f} MB")
    wanted = {space: {f"{space}_{name}.npy" for name in SETS} for space in SPACES}
    if names not in (wanted["pixels"], wanted["pixels"] | wanted["features"]):
        raise ValueError(f"expected {', '.join(SETS)} for pixels and perhaps for features")
    with np.load(path, allow_pickle=False) as arrays:
        found = {
            space: {name: arrays[f"{space}_{name}"] for name in SETS} for space in SPACES if wanted[space] <= names
        }
    for of in found.values():
        for name, distances in of.items():
            right = distances.ndim == 1 and len(distances) and distances.dtype.kind == "f"
            if not right or not np.isfinite(distances).all():
                raise ValueError(f"{name} does not hold distances")
    return found


def rank(distance: float, held_out: np.ndarray) -> float:
    """The share of held-out pictures that are nearer to the training set than this distance: 0 .. 1."""
    return float((held_out < distance).mean())


def verdict(distances: dict[str, float], ranks: dict[str, float]) -> str:
    """In words, what `rank` says in each space, of a picture at these distances from its nearest training picture."""
    near = {space for space, share in ranks.items() if share < NEAR}
    if distances["pixels"] == 0:
        return "**This is a training picture**, pixel for pixel."
    if near == {"pixels", "features"}:
        return (
            "**This looks like a copy.** By pixels and by features it is nearer to a training picture than 99 of 100 "
            "real pictures that the model never saw."
        )
    if near == {"features"}:
        return (
            "**This looks like a copy that was moved or touched up.** By features it is nearer to a training picture "
            "than 99 of 100 real pictures that the model never saw, though its pixels are not."
        )
    if near == {"pixels"} and "features" in ranks:
        return (
            "**Near by pixels alone.** Few unseen pictures come so near, yet the features differ. A blurred or plain "
            "picture lies near many by pixels: compare it with its neighbours."
        )
    if near:
        return (
            "**Nearer by pixels than 99 of 100** real pictures that the model never saw: a copy, or a blurred or plain "
            "picture, which lies near many. Compare it with its neighbours."
        )
    if any(share > FAR for share in ranks.values()):
        return (
            "**No copy, but strange.** It is farther from all training pictures than 99 of 100 real pictures that the "
            "model never saw. New is not the same as good."
        )
    return "**No sign of copying.** Real pictures that the model never saw come as near to the training pictures."


def summary(entry: dict) -> str:
    """The card's entry "novelty" in words."""
    space = "features" if "features" in entry else "pixels"
    model, cheat = entry[space]["model"], entry[space]["memoriser"]
    near, rule = model["closer"] > MANY, model["p"] < RARE
    if near:
        said = "**Many samples lie too near**"
    elif rule:
        said = "**As a rule, samples lie nearer than they should**"
    else:
        said = "**No sign of copying**"
    said += f" by {SPACES[space]}: {model['closer']:.1%} of the samples are nearer to a training picture than 99 of "
    said += f"100 held-out pictures. Of the planted memoriser's pictures {cheat['closer']:.0%} are"
    if space == "pixels":
        return f"{said}. A blurred picture lies near many by pixels, and a copy that was moved lies far."
    said += f", and {entry['pixels']['memoriser']['closer']:.0%} by pixels."
    if entry["pixels"]["model"]["p"] < RARE and not rule:
        said += " By pixels the samples are nearer as a rule, as blurred or plain pictures are without being copies."
    return said
