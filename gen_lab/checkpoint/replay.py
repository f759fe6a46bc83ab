"""A training run to watch again: its losses, the pictures of fixed latents along the way, and where it went wrong.

    run = replay.read(registry.folder("gan-digits"))
    run.losses["generator"]             # (L,), at run.steps
    run.pictures[-1, 0]                 # the first latent's picture at run.rows[-1]
    [note.title for note in run.notes]

Everything comes from the checkpoint's folder: history.jsonl, replay.webp, and the card's entries `replay` (the rows'
`steps`, the pictures' number `columns`, and `diversity` of real pictures, where known) and `annotations`.

Some notes are measured, each by its own function: `alike`, `certain`, `spikes`, `broken`. They say what happened. What
it means is said by the annotations, which a person wrote.
"""

import io
import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from gen_lab import checkpoint
from gen_lab.checkpoint import CheckpointError, remedies

MAX_BYTES = 5_000_000  # of a history or a sheet
MAX_PIXELS = 50_000_000
MAX_COLUMNS = 64
MAX_NAMES = 100  # of losses; and so many annotations
TROUBLE = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, Image.DecompressionBombError)
ALIKE = 0.5  # share of the real pictures' diversity below which a strip counts as alike
CERTAIN = 0.95  # probability from which on a discriminator counts as certain
SPIKE = 12.0  # deviations (robust) above the median of the lines before
WINDOW = 21  # lines that a median is taken over
SPIKES = 3  # that are marked at most
VERDICTS = ("real", "fake")  # what the discriminator or critic says: no losses


@dataclass(frozen=True)
class Note:
    """Something to look at, between two steps."""

    step: int
    until: int
    title: str
    text: str
    written: bool = False  # by a person, on the card; otherwise measured


@dataclass(frozen=True, eq=False)
class Replay:
    """A run as its checkpoint remembers it: L lines of losses, R rows of N pictures from the same latents."""

    steps: np.ndarray  # int (L,)
    epochs: np.ndarray  # float (L,)
    losses: dict[str, np.ndarray]  # float (L,) each; NaN where a line does not have it
    rows: np.ndarray  # int (R,), steps
    pictures: np.ndarray  # uint8 (R, N, H, W, 3)
    sheet: bytes  # the same as a WebP file: a row for each step, no gaps
    diversity: np.ndarray  # float (R,): of each row, relative to real pictures if theirs is known
    is_relative: bool
    notes: tuple[Note, ...]


def read(folder: Path) -> Replay:
    """The replay of a checkpoint's folder. Raises `CheckpointError` where it has none or it is broken."""
    folder = Path(folder)
    card = checkpoint.read_card(folder)
    commands = remedies.checkpoint(folder, card)
    if "replay" not in card:
        raise CheckpointError(f"'{folder.name}' has no replay, for it was trained before there were any", commands)
    path = folder / "history.jsonl"
    try:
        steps, epochs, losses, dead = _read_history(_read_bytes(path))
        path = folder / "replay.webp"
        sheet = _read_bytes(path)
        rows, pictures = _cut(sheet, card["replay"])
        path = folder / "card.json"
        real = card["replay"].get("diversity")
        if not (real is None or isinstance(real, (int, float)) and 0 < real <= 1):
            raise ValueError("the diversity of real pictures is none")
        if len(card.get("annotations", [])) > MAX_NAMES:
            raise ValueError(f"more than {MAX_NAMES} annotations")
        annotations = tuple(_annotation(entry, int(max(steps[-1], rows[-1]))) for entry in card.get("annotations", []))
    except TROUBLE as error:  # anybody may have edited these files
        problem = "it is missing" if isinstance(error, FileNotFoundError) else str(error)
        raise CheckpointError(f"{path} cannot be replayed ({problem})", commands) from error
    shares = diversity(pictures) / (real or 1.0)
    signs = [*dead, *certain(steps, losses), *spikes(steps, losses), *(alike(rows, shares) if real else [])]
    notes = sorted([*annotations, *signs], key=lambda note: (note.step, not note.written))
    return Replay(steps, epochs, losses, rows, pictures, sheet, shares, real is not None, tuple(notes))


def _read_bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES / 1e6:.0f} MB")
    return path.read_bytes()


def _read_history(content: bytes):
    """Steps, epochs, losses by name, and a note where a loss is no number."""
    lines = [json.loads(line) for line in content.decode("utf-8").splitlines()]
    steps = np.array([line.pop("step") for line in lines], dtype=np.int64)
    epochs = np.array([line.pop("epoch") for line in lines], dtype=float)
    if not len(steps) or steps[0] < 0 or (np.diff(steps) <= 0).any() or not np.isfinite(epochs).all():
        raise ValueError("its steps are not in order")
    names = dict.fromkeys(name for line in lines for name in line if name != "seconds")
    if len(names) > MAX_NAMES:
        raise ValueError(f"more than {MAX_NAMES} losses")
    losses = {name: np.array([float(line.get(name, "nan")) for line in lines]) for name in names}
    dead = [int(step) for step, line in zip(steps, lines, strict=True)
            if not np.isfinite([float(value) for value in line.values()]).all()]  # fmt: skip
    for values in losses.values():
        values[~np.isfinite(values)] = np.nan
    return steps, epochs, losses, broken(dead)


def _cut(sheet: bytes, entry: dict) -> tuple[np.ndarray, np.ndarray]:
    """The rows' steps (R,) and their pictures, uint8 (R, N, H, W, 3)."""
    rows, columns = np.array(entry["steps"], dtype=np.int64), entry["columns"]
    if rows.ndim != 1 or not len(rows) or rows[0] < 0 or (np.diff(rows) <= 0).any():
        raise ValueError("the steps of its rows are not in order")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is checked below
        picture = Image.open(io.BytesIO(sheet), formats=["WEBP"])
    fits = type(columns) is int and 0 < columns <= MAX_COLUMNS and picture.width * picture.height <= MAX_PIXELS
    if not fits or picture.width % columns or picture.height % len(rows):
        raise ValueError(f"it does not have {len(rows)} rows of {columns} pictures")
    height, width = picture.height // len(rows), picture.width // columns
    pixels = np.asarray(picture.convert("RGB")).reshape(len(rows), height, columns, width, 3)
    return rows, pixels.swapaxes(1, 2)


def _annotation(entry: dict, last: int) -> Note:
    step, until = int(entry["step"]), int(entry.get("until", entry["step"]))
    if not 0 <= step <= until <= last:
        raise ValueError(f"an annotation's step {step} lies outside the run")
    return Note(step, until, str(entry["title"])[:200], str(entry["text"])[:2000], written=True)


# -- measures --------------------------------------------------------------------------------------------------------


def diversity(pictures: np.ndarray) -> np.ndarray:
    """How different the pictures of each row are: uint8 (R, N >= 2, H, W, C) to (R,) in [0, 1].

    The root of the mean squared difference of two different pictures of a row, over all pairs and pixels, in shares of
    the range. No need to visit all pairs: it is twice the (unbiased) variance, averaged over the pixels.
    """
    if pictures.shape[1] < 2:
        raise ValueError("the diversity of a single picture: give two or more in each row")
    return np.array([np.sqrt(2 * row.var(0, ddof=1, dtype=np.float32).mean()) for row in pictures]) / 255


def stretches(mask: np.ndarray) -> list[tuple[int, int]]:
    """The runs of True in boolean (n,), each as its first and last index."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(after) - 1) for first, after in edges.reshape(-1, 2)]


def running_median(values: np.ndarray, size: int) -> np.ndarray:
    """The median of each value and its neighbours, `size` (odd) in all; fewer at the ends, NaN left out."""
    half = size // 2
    padded = np.pad(values.astype(float), half, constant_values=np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nothing but NaN: NaN
        return np.nanmedian(np.lib.stride_tricks.sliding_window_view(padded, size), 1)


# -- signs -----------------------------------------------------------------------------------------------------------


def alike(rows: np.ndarray, shares: np.ndarray) -> list[Note]:
    """Where the pictures of different latents are alike: stretches of rows (R,) whose diversity is less than `ALIKE` of
    the real pictures' (`shares` (R,)).

    An untrained generator's pictures are all alike, so a stretch at the beginning counts only if it takes half of the
    run. A later one counts if it has three rows, or lasts to the end.
    """
    notes, end = [], len(rows) - 1
    for first, last in stretches(shares < ALIKE):
        from_start = first == 0
        long = rows[last] - rows[0] >= (rows[-1] - rows[0]) / 2 if from_start else last - first >= 2 or last == end
        if not long:
            continue
        lowest = first + int(shares[first : last + 1].argmin())
        text = (
            f"Different latents give pictures that differ {shares[lowest]:.0%} as much as real ones do, where it is "
            f"worst (step {rows[lowest]:,}). " + ("It began so" if from_start else "Before, they differed more")
        )
        text += ", and it lasted to the end." if last == end else f", and it lasted until step {rows[last]:,}."
        notes.append(Note(int(rows[first]), int(rows[last]), "The pictures are alike", text))
    return notes


def certain(steps: np.ndarray, losses: dict[str, np.ndarray]) -> list[Note]:
    """Where a discriminator is certain for a tenth of the run or more: the running medians over five lines of its
    probabilities are above `CERTAIN` for real pictures and below 1 - `CERTAIN` for generated ones."""
    if not {"discriminator", *VERDICTS} <= losses.keys():
        return []  # a critic has no probabilities
    real, fake = (losses[name] for name in VERDICTS)
    sure = (running_median(real, 5) > CERTAIN) & (running_median(fake, 5) < 1 - CERTAIN)
    notes = []
    for first, last in stretches(sure):
        if steps[last] - steps[first] < 0.1 * steps[-1]:
            continue
        of_real, of_fake = (np.nanmean(values[first : last + 1]) for values in (real, fake))
        text = (
            f"It gives real pictures a probability of {of_real:.1%} to be real, and generated ones {of_fake:.1%}, on "
            f"average over these steps."
        )
        notes.append(Note(int(steps[first]), int(steps[last]), "The discriminator is certain", text))
    return notes


def spikes(steps: np.ndarray, losses: dict[str, np.ndarray]) -> list[Note]:
    """Where a loss leaps: more than `SPIKE` robust deviations above the median of the `WINDOW` lines before, and more
    than half of that median. The `SPIKES` largest leaps of the run.

    The robust deviation is 1.4826 times the median absolute deviation (a normal distribution's standard deviation).
    """
    leaps = []
    for name, values in losses.items():
        finite = np.flatnonzero(np.isfinite(values))
        if name in VERDICTS or len(finite) <= WINDOW:
            continue
        before = np.lib.stride_tricks.sliding_window_view(values[finite], WINDOW)[:-1]
        median = np.median(before, 1)
        spread = 1.4826 * np.median(np.abs(before - median[:, None]), 1)
        leap = values[finite][WINDOW:] - median
        for first, last in stretches((leap > SPIKE * spread) & (leap > 0.5 * np.abs(median))):
            top = first + int(leap[first : last + 1].argmax())
            at = finite[WINDOW + top]
            text = f"From about {median[top]:.3g} to {values[at]:.3g}, within {WINDOW} lines of the history."
            note = Note(int(steps[at]), int(steps[at]), f"A leap of the loss: {name.replace('_', ' ')}", text)
            leaps.append((leap[top] / max(abs(median[top]), 1e-9), note))
    largest = sorted(leaps, key=lambda pair: -pair[0])[:SPIKES]
    return [note for _, note in largest]


def broken(steps: list[int]) -> list[Note]:
    """From where on a loss is not a number."""
    if not steps:
        return []
    text = "A loss is infinite or not a number in the history, and what follows from it is neither."
    return [Note(steps[0], steps[-1], "A loss is not a number", text)]
