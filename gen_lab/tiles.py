"""Quality gives way before speed: when many pictures move at once, each draws only as many of its tiles as there is
time for, and the others follow in turn.

A tile is a row of the model's inputs, and what the model makes of it. `Tiles` is what one viewer has of a scene: the
next frame draws what has changed, first what has waited longest, and keeps the rest. While inputs change, a CPU with
matrix units (AMX) draws in bfloat16: twice as fast, and within a few levels of grey. Once they rest, the frames that
follow draw what is missing, at full precision, until the picture is finished: the same as if nothing had been hurried.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple
from weakref import WeakKeyDictionary

import torch

from gen_lab.device import in_batches

ROUND_SECONDS = 0.08  # for all pictures that wait together: some twelve frames a second
KEPT_SECONDS = 5e-5  # a tile that is drawn faster is not worth keeping
ROUGH_ROWS = 4  # of fewer, bfloat16 is not faster
MATRIX_UNITS = torch.cpu._is_amx_tile_supported()  # PyTorch has no public name for it
FINISHED, ROUGH, WAITING = range(3)  # a picture is as it should be; drawn in bfloat16; or some of its tiles are older


class Work(NamedTuple):
    """What a forward pass can be shared for: `moves` is whether inputs have changed since the last frame."""

    model: torch.nn.Module | None
    forward: Callable
    moves: bool


class Tiles:
    """The n tiles that one viewer has of one scene."""

    def __init__(self):
        self.inputs: tuple[torch.Tensor, ...] = ()
        self.outputs: tuple[torch.Tensor, ...] = ()
        self.age = torch.zeros(0, dtype=torch.long)  # (n,) finished, rough, or waiting for so long

    @property
    def state(self) -> int:
        """`FINISHED`, `ROUGH` or `WAITING`."""
        return min(int(self.age.max()), WAITING) if len(self.age) else FINISHED


class Frame:
    """The next frame of a viewer: the tiles that it draws, `rows`, and whether its inputs move."""

    def __init__(self, model, forward: Callable, inputs: tuple[torch.Tensor, ...], tiles: Tiles | None):
        self.inputs, self.tiles = inputs, tiles
        self.kept = tiles.outputs if tiles else ()
        count, moves = len(inputs[0]), tiles is not None
        self.age = torch.full((count,), WAITING)
        if tiles and self.kept:
            pairs = zip(inputs, tiles.inputs, strict=True)
            changed = torch.stack([(new != old).flatten(1).any(1) for new, old in pairs]).any(0)
            self.age = torch.where(changed | (tiles.age > 0), tiles.age.clamp(min=ROUGH) + 1, FINISHED)
            moves = bool(changed.any())
        self.rows = self.age.nonzero().flatten()
        self.work = Work(model, forward, moves)

    def take_turns(self, share: float) -> None:
        """Draws this share of the tiles, one at least, which have waited longest. The first frame draws them all."""
        if self.kept and share < 1 and len(self.rows) > 1:
            count = max(1, int(share * len(self.rows)))
            self.rows = self.age.argsort(descending=True, stable=True)[:count].sort().values

    def due(self) -> tuple[torch.Tensor, ...]:
        """The inputs of the tiles that it draws."""
        return tuple(tensor[self.rows] for tensor in self.inputs)

    def outputs(self, drawn: tuple[torch.Tensor, ...], rough: bool, keep: bool) -> tuple[torch.Tensor, ...]:
        """What the model makes of all tiles, with those of `rows` as they are now `drawn`."""
        outputs = drawn
        if self.kept and len(self.rows) < len(self.age):
            outputs = self.kept
            for output, part in zip(outputs, drawn, strict=False):  # none are drawn where nothing is due
                output[self.rows] = part
        elif keep and self.tiles:
            outputs = tuple(part.clone() for part in drawn)  # they are a share of what was drawn for all viewers
        if self.tiles:
            self.age[self.rows] = ROUGH if rough else FINISHED
            self.tiles.age = self.age
            self.tiles.inputs, self.tiles.outputs = (self.inputs, outputs) if keep else ((), ())
        return outputs


class Pace:
    """How long models take for a tile, as measured, and so how many a round of frames has time for."""

    def __init__(self, seconds: float = ROUND_SECONDS):
        self.seconds = seconds
        self.tile: WeakKeyDictionary = WeakKeyDictionary()  # of a model: {(forward, moves): seconds}
        self.picture = 0.0  # seconds to compose and encode one
        self.drawing = 0.0  # seconds of this round's forward passes

    def cost(self, work: Work) -> float:
        """Seconds a tile; 0 before it was measured."""
        return self.tile.get(work.model, {}).get(work[1:], 0.0) if work.model else 0.0

    def keeps(self, work: Work) -> bool:
        """Whether a viewer's tiles are worth keeping."""
        return self.cost(work) > KEPT_SECONDS

    def share(self, frames: Sequence[Frame]) -> None:
        """Lets the frames take turns where a round has not the time for all of their tiles."""
        needed = sum(len(frame.rows) * self.cost(frame.work) for frame in frames)
        share = max(self.seconds - self.picture * len(frames), 0.0) / max(needed, 1e-9)
        for frame in frames:
            frame.take_turns(share)

    def draw(self, work: Work, inputs: Sequence[torch.Tensor]) -> tuple[tuple[torch.Tensor, ...], bool]:
        """What the model makes of the inputs (n, ...), and whether it is rough."""
        if work.model is None:
            return tuple(inputs), False
        is_on_cpu, rows = next(work.model.parameters()).device.type == "cpu", len(inputs[0])
        rough = MATRIX_UNITS and is_on_cpu and work.moves and rows >= ROUGH_ROWS and self.keeps(work)
        since = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=rough):
            outputs = in_batches(work.model, partial(work.forward, work.model), *inputs)
        seconds = time.perf_counter() - since
        self.drawing += seconds
        self.tile.setdefault(work.model, {})[work[1:]] = _running(self.cost(work), seconds / rows)
        return tuple(output.float() for output in outputs) if rough else outputs, rough

    def round_is_over(self, pictures: int, seconds: float) -> None:
        """After so many seconds for so many pictures; what was not the models' share is that of all else."""
        self.picture = _running(self.picture, max(seconds - self.drawing, 0.0) / pictures)
        self.drawing = 0.0


def _running(mean: float, value: float) -> float:
    return mean + 0.2 * (value - mean) if mean else value
