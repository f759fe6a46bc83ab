"""Everything about training that is not the mathematics.

A recipe is a module of `train.recipes` with

    Settings     a dataclass that extends `loop.Settings`; every field says what it means
    setup(run, settings)      registers modules and optimisers with `run.setup`; what it returns goes to `steps`
    steps(run, settings, parts)   a generator: one optimisation step per next(), yielding its named losses
    preview(run, settings)    pictures from fixed latents, float (n, C, H, W) in [-1, 1], or None
    export(run, settings)     an `Export`: what goes into the checkpoint

`train(recipe, settings)` drives it on Lightning Fabric: device and precision, data in memory, EMA weights, history,
snapshots and resume. Every random number of a step is a function of (seed, step), never of what ran before, so that a
resumed run continues as the same run, and two processes with half a batch each do what one does with the whole.
"""

import contextlib
import copy
import functools
import json
import math
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, cast

import numpy as np
import torch
from torch.optim.swa_utils import get_ema_multi_avg_fn

try:
    from lightning_fabric import Fabric
except ModuleNotFoundError:  # the full `lightning` package brings the same class
    from lightning.fabric import Fabric  # pyright: ignore[reportMissingImports] - one of the two is there

from gen_lab import checkpoint, data, files, images, registry
from gen_lab.checkpoint import Checkpoint, CheckpointError, replay
from gen_lab.device import best_device
from gen_lab.values import Count, Decay, Name, Rule, Seed, check_fields

RUNS = Path("runs")
GAP = 2  # pixels between the pictures of a preview
REPLAY_ROWS = 60  # of previews that ship
REPLAY_BYTES = 200_000  # and what they may take: the page sends them to every browser
REPLAY_QUALITIES = (85, 75, 65, 50, 35, 20)  # of the WebP, the first that fits


WITH_CAPTIONS = [name for name in data.NAMES if getattr(data.module(name), "STAND_IN", name) == "fake_captions"]
WITH_ATTRIBUTES = [name for name in data.NAMES if name not in WITH_CAPTIONS]
CaptionsName = Annotated[str, Rule(WITH_CAPTIONS.__contains__, f"one of {', '.join(WITH_CAPTIONS)}")]  # of a data set
DataName = Annotated[str, Rule(WITH_ATTRIBUTES.__contains__, f"one of {', '.join(WITH_ATTRIBUTES)}")]
Attribute = Annotated[str, Rule(bool, "the name of an attribute")]  # of the data, which `Run` looks up
Attributes = Annotated[
    tuple[Attribute, ...],
    Rule(lambda names: names and len(names) == len(set(names)), "the names of one attribute or more, each once"),
]


def setting(default, meaning: str):
    """A field of a recipe's settings, with its meaning for --help."""
    return field(default=default, metadata={"help": meaning})


@dataclass(frozen=True)
class Settings:
    """The settings that every recipe has."""

    name: Name = setting("unnamed", "name of the checkpoint")
    data: DataName = setting("fake", "data set: one that python -m train.data lists")
    steps: Count = setting(1000, "optimisation steps of the whole run")
    batch_size: Count = setting(128, "images per step, over all processes together")
    seed: Seed = setting(0, "every random number follows from it")
    precision: str = setting("auto", "Fabric's precision; auto is bf16-mixed on CUDA and 32-true elsewhere")
    ema: Decay = setting(0.999, "decay of the weights' moving average, which is what ships")
    log_every: Count = setting(50, "steps between two lines of history.jsonl")
    snapshot_every: Count = setting(500, "steps between two snapshots and previews")

    def __post_init__(self):
        check_fields(self, lambda name: "--" + name.replace("_", "-"))


@dataclass(frozen=True, eq=False)
class Export:
    """A finished run's contribution to its checkpoint."""

    family: str  # module of gen_lab.models
    model: torch.nn.Module
    card: dict  # limits, intended_use, notes, ...
    directions: object = None


class Run:
    """What `steps` works with: modules and optimisers that are saved, batches and noise that can be repeated."""

    def __init__(self, fabric: Fabric, settings: Settings, folder: Path):
        self.fabric, self.settings, self.folder = fabric, settings, folder
        self.device = fabric.device
        self.step = self.first = 0  # optimisation steps done, and done before this run
        self.seconds = 0.0  # of training, over all sessions of this run
        self.data = data.load(settings.data, "train")
        if self.data.left_out:
            account = f"{self.data.name}: {len(self.data):,} pictures to train on; {self.data.left_out}"
            fabric.print(account, file=sys.stderr)
        self._check_settings()
        self.averaged: dict[str, torch.nn.Module] = {}  # EMA copies of the modules, in eval mode
        self.tensors: dict[str, torch.Tensor] = {}
        self._modules: dict[str, torch.nn.Module] = {}
        self._optimisers: dict[str, torch.optim.Optimizer] = {}
        self._snapshot = self._load_snapshot()

    def _check_settings(self) -> None:
        """Raises ValueError for settings that do not fit the data or the processes."""
        size, count, processes = self.settings.batch_size, len(self.data), self.fabric.world_size
        if size > count:
            raise ValueError(f"data set {self.data.name} has {count} training images: use --batch-size {count} or less")
        if size % processes:
            raise ValueError(f"--batch-size is {size}: use a multiple of {processes}, the number of processes")
        for option in fields(self.settings):
            value = getattr(self.settings, option.name)
            if option.type in (Attribute, Attributes):
                self.check_attributes((value,) if isinstance(value, str) else value)

    # -- for a recipe's setup -----------------------------------------------------------------------------------------

    def setup(self, name: str, module: torch.nn.Module, make_optimiser):
        """Puts a module on its device with its optimiser, restored from the snapshot if there is one.

        `make_optimiser(parameters)` -> optimiser. Returns (module, optimiser), both wrapped by Fabric.
        """
        if self._snapshot:
            module.load_state_dict(self._snapshot["modules"][name])
        averaged = copy.deepcopy(module)
        if self._snapshot:
            averaged.load_state_dict(self._snapshot["averaged"][name])
        self.averaged[name] = averaged.eval().requires_grad_(False).to(self.device)
        self._modules[name] = module = module.to(self.device).to(memory_format=torch.channels_last)
        wrapped, optimiser = self.fabric.setup(module, make_optimiser(module.parameters()))
        if self._snapshot:
            optimiser.load_state_dict(self._snapshot["optimisers"][name])
        self._optimisers[name] = optimiser
        return wrapped, optimiser

    def check_attributes(self, names: Iterable[str]) -> None:
        """Raises ValueError for a name that is no attribute of the data, or one that all pictures have, or none."""
        columns = dict(zip(self.data.attribute_names, self.data.attributes.T, strict=True))
        varying = [name for name, column in columns.items() if column.any() and not column.all()]
        for name in names:
            if name not in varying:
                fault = "the same in all pictures" if name in columns else "unknown"
                advice = f"use {', '.join(varying)}, or other data" if varying else "use other data, for none varies"
                raise ValueError(f"in data set {self.data.name}, the attribute {name!r} is {fault}: {advice}")

    def tensor(self, name: str, value: torch.Tensor) -> torch.Tensor:
        """A tensor that is part of the run's state (a controller's value, say), changed in place by the recipe."""
        if self._snapshot:
            value = self._snapshot["tensors"][name]
        self.tensors[name] = value.to(self.device)
        return self.tensors[name]

    def go_on_from(self, name: str) -> Checkpoint | None:
        """Makes the steps, losses and previews of a finished run this run's beginning.

        Returns its checkpoint, whose weights the recipe takes, or None for a run that has begun already. Raises
        `CheckpointError` for one that is broken or has no replay, and ValueError for one of too many steps.
        """
        if self._snapshot:
            return None
        loaded = checkpoint.load(registry.folder(name))
        done = loaded.card["steps"]
        if done >= self.settings.steps:
            raise ValueError(f"'{name}' has {done:,} steps already: use --steps {done + 1} or more")
        self.step = self.first = done
        self.seconds = float(loaded.card["seconds"])
        if self.fabric.is_global_zero:
            earlier = replay.read(registry.folder(name))
            history = (registry.folder(name) / "history.jsonl").read_bytes()
            with files.whole_file(self.folder / "history.jsonl") as file:
                file.write(history)
            for step, pictures in zip(earlier.rows, earlier.pictures, strict=True):
                _write_preview(self.folder, int(step), pictures)
        return loaded

    # -- for a recipe's steps ---------------------------------------------------------------------------------------

    def mine(self, whole: torch.Tensor) -> torch.Tensor:
        """This process's share of something that has one row per image of the whole batch."""
        share = len(whole) // self.fabric.world_size
        return whole[self.fabric.global_rank * share :][:share]

    def generator(self, purpose: int = 0, device: str | torch.device = "cpu") -> torch.Generator:
        """A generator for the current step, the same however the run came here; one for each purpose."""
        return torch.Generator(device).manual_seed((self.settings.seed * 1_000_003 + self.step) * 16 + purpose)

    def randn(self, *shape: int, purpose: int = 1) -> torch.Tensor:
        """Standard normal (batch, *shape), this process's share, drawn on the device: a GPU waits for no CPU."""
        generator = self.generator(purpose, self.device)
        return self.mine(torch.randn(self.settings.batch_size, *shape, generator=generator, device=self.device))

    def rows(self) -> torch.Tensor:
        """Which of the training images this step takes, this process's share: shuffled without replacement within an
        epoch. For recipes whose data are no `Dataset`; the others take `batches`."""
        size, count = self.settings.batch_size, len(self.data)
        epoch, index = divmod(self.step, count // size)
        order = torch.Generator().manual_seed(self.settings.seed * 7_919 + epoch)
        return self.mine(torch.randperm(count, generator=order)[index * size :][:size])

    def batches(self, mirror: bool = True) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Endless (images (b, C, H, W) in [-1, 1], attributes boolean (b, A)) on the device, b this process's share.

        In the order of `rows`; half of the pictures are mirrored, unless that would change what they mean.
        """
        while True:
            rows = self.rows()
            batch = images.to_float(self._pixels[rows.to(self._pixels.device)].to(self.device))
            if mirror:
                mirrored = self.mine(torch.rand(self.settings.batch_size, generator=self.generator(2)) < 0.5)
                batch = torch.where(mirrored.to(self.device)[:, None, None, None], batch.flip(3), batch)
            yield batch.contiguous(memory_format=torch.channels_last), self._attributes[rows].to(self.device)

    @functools.cached_property
    def _attributes(self) -> torch.Tensor:
        return torch.from_numpy(np.array(self.data.attributes))

    @functools.cached_property
    def _pixels(self) -> torch.Tensor:
        pixels = torch.from_numpy(np.array(self.data.images))
        fits = self.device.type == "cuda" and pixels.nbytes < torch.cuda.mem_get_info(self.device)[0] / 4
        return pixels.to(self.device) if fits else pixels

    def anneal(self, first: int = 0, last: int | None = None, warm_up: int = 200) -> float:
        """Factor for the learning rate from step `first` to `last` (by default the run's): a linear rise over `warm_up`
        steps, then half a cosine down to zero."""
        done, total = self.step - first, (self.settings.steps if last is None else last) - first
        return min(1.0, (done + 1) / warm_up) * 0.5 * (1 + math.cos(math.pi * min(done / total, 1.0)))

    # -- state ------------------------------------------------------------------------------------------------------

    def after_step(self) -> None:
        """Counts the step and moves the averaged weights towards the current ones."""
        self.step += 1
        decay = min(self.settings.ema, self.step / (self.step + 10))  # the first weights are noise: forget them fast
        update = get_ema_multi_avg_fn(decay)
        for name, averaged in self.averaged.items():
            means, current = averaged.state_dict(), self._modules[name].state_dict()
            floats = [key for key, mean in means.items() if mean.is_floating_point()]
            if floats:
                update([means[key] for key in floats], [current[key] for key in floats], self.step)
            for key in means.keys() - floats:
                means[key].copy_(current[key])

    def _load_snapshot(self) -> dict | None:
        path = self.folder / "snapshot.pt"
        if not path.is_file():
            return None
        try:
            snapshot = torch.load(path, map_location="cpu", weights_only=True)
            before, self.step, self.seconds = (snapshot[key] for key in ("settings", "step", "seconds"))
            self.first = snapshot.get("first", 0)
        except (RuntimeError, pickle.UnpicklingError, EOFError, OSError, KeyError, TypeError) as error:
            raise RuntimeError(f"{path} is broken ({error}): delete {self.folder} to start the run again") from error
        free = {"steps", "log_every", "snapshot_every"}
        other = [key for key, value in _plain(self.settings).items() if key not in free and before.get(key) != value]
        if other:
            raise RuntimeError(
                f"{self.folder} holds a run with another {', '.join(other)}: "
                f"use the same settings, another --name, or delete the folder"
            )
        if self.step > self.settings.steps:
            raise RuntimeError(f"{self.folder} is at step {self.step} already: use --steps {self.step} or more")
        return snapshot

    def save_snapshot(self) -> None:
        """Writes snapshot.pt in one step; a kill or a full disk leaves the one before."""
        if not self.fabric.is_global_zero:
            return
        state = {
            "step": self.step,
            "first": self.first,
            "seconds": self.seconds,
            "settings": _plain(self.settings),
            "modules": {name: module.state_dict() for name, module in self._modules.items()},
            "averaged": {name: module.state_dict() for name, module in self.averaged.items()},
            "optimisers": {name: optimiser.state_dict() for name, optimiser in self._optimisers.items()},
            "tensors": self.tensors,
        }
        remedy = f"free some space and run the same command again, which resumes from {self.folder}"
        with files.whole_file(self.folder / "snapshot.pt", remedy) as file:
            torch.save(state, file)


def _plain(settings: Settings) -> dict:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(settings).items()}


def make_fabric(precision: str = "auto") -> Fabric:
    """Device, precision and processes; under `fabric run` its flags decide."""
    if os.environ.get("LT_CLI_USED"):
        return Fabric()  # already launched
    device = best_device().type
    if precision == "auto":
        precision = "bf16-mixed" if device == "cuda" else "32-true"
    fabric = Fabric(accelerator=device, devices=1, precision=cast(Any, precision))  # which Fabric checks
    fabric.launch()
    return fabric


def train(recipe, settings: Settings, *, runs: Path = RUNS, checkpoints: Path | None = None, until: int | None = None):
    """Runs a recipe to its last step, or to step `until`, resuming from its snapshot if there is one.

    Work in progress lies under `runs/<name>`; the checkpoint is written at the end, and its folder returned (None if
    stopped before). Ctrl-C and SIGTERM save a snapshot first. What would fail at the end, or harm another folder, is
    refused at the beginning.
    """
    checkpoints = checkpoints or registry.root()
    files.check_folder(runs, "choose another place by --runs", writable=True)
    files.check_folder(checkpoints, "choose another place by --checkpoints", writable=True)
    folder, destination = runs / settings.name, checkpoints / settings.name
    files.check_folder(folder, "use another --name", writable=True)
    checkpoint.check_replaceable(destination)
    if folder.resolve() == destination.resolve():
        raise ValueError(f"{folder} would hold the run and its checkpoint: use another folder for --runs")
    fabric = make_fabric(settings.precision)
    folder.mkdir(parents=True, exist_ok=True)
    problem = f"another process is at work on {folder}: wait for it, or use another --name"
    with files.locked(folder / "lock", problem) if fabric.is_global_zero else contextlib.nullcontext():
        return _drive(recipe, settings, Run(fabric, settings, folder), destination, until)


def _drive(recipe, settings: Settings, run: Run, destination: Path, until: int | None) -> Path | None:
    fabric, folder = run.fabric, run.folder
    torch.manual_seed(settings.seed)  # the modules' first weights
    last = min(until or settings.steps, settings.steps)
    # SIGINT too: a process that a script put into the background starts with it ignored.
    previous = {number: signal.signal(number, signal.default_int_handler) for number in files.STOPS}
    try:
        steps = recipe.steps(run, settings, recipe.setup(run, settings))
        history = History(folder / "history.jsonl", run.step) if fabric.is_global_zero else None
        start, before = time.monotonic(), run.seconds
        if run.step == 0:
            _save_preview(recipe, run, settings)
        while run.step < last:
            # Otherwise an interrupted step could be half done, and the same command would repeat that half.
            with files.held_back():
                losses = cast(dict, fabric.all_reduce(next(steps), reduce_op="mean"))
                run.after_step()
                run.seconds = before + time.monotonic() - start
                if history:
                    history.add(run.step, run.seconds, losses)
                    if run.step % settings.log_every == 0 or run.step == last:
                        print(history.write(len(run.data) / settings.batch_size), flush=True)
                if run.step % settings.snapshot_every == 0 or run.step == last:
                    run.save_snapshot()
                    _save_preview(recipe, run, settings)
                elif run.step < settings.snapshot_every and run.step.bit_count() == 1:  # most happens at the beginning
                    _save_preview(recipe, run, settings)
    except KeyboardInterrupt:
        run.save_snapshot()
        fabric.print(f"stopped at step {run.step}; the same command goes on from here")
        raise
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    result = None
    if run.step == settings.steps and fabric.is_global_zero:
        result = _export(recipe, run, settings, destination)
    if fabric.world_size > 1:  # a process that leaves with the group open takes the others down
        fabric.barrier()
        torch.distributed.destroy_process_group()
    return result


class History:
    """history.jsonl: the mean of each named loss since the line before, over the steps that had it."""

    def __init__(self, path: Path, step: int):
        self.path, self.sums, self.counts = path, {}, {}
        try:
            lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
            earlier = [line for line in lines if line.endswith("}") and json.loads(line)["step"] <= step]
        except (ValueError, KeyError, TypeError) as error:
            raise RuntimeError(f"{path} is broken ({error}): delete {path.parent} to start the run again") from error
        with files.whole_file(path) as file:
            # A killed run logged steps that are done again.
            file.write("".join(line + "\n" for line in earlier).encode())

    def add(self, step: int, seconds: float, losses: dict) -> None:
        self.step, self.seconds = step, seconds
        for name, value in losses.items():
            value = value.detach().float() if isinstance(value, torch.Tensor) else value
            self.sums[name] = self.sums.get(name, 0.0) + value
            self.counts[name] = self.counts.get(name, 0) + 1

    def write(self, steps_per_epoch: float) -> str:
        """Appends the line and returns it. Raises FloatingPointError if a loss is not finite."""
        means = {name: round(float(value) / self.counts[name], 5) for name, value in self.sums.items()}
        epoch = round(self.step / steps_per_epoch, 2)
        line = json.dumps({"step": self.step, "epoch": epoch, "seconds": round(self.seconds, 1), **means})
        if not all(np.isfinite(value) for value in means.values()):
            raise FloatingPointError(f"a loss is not finite ({line}): lower the learning rate and start again")
        remedy = "free some space and run the same command again"
        with files.room(self.path, remedy), open(self.path, "a", encoding="utf-8") as file:
            file.write(line + "\n")
        self.sums, self.counts = {}, {}
        return line


def _save_preview(recipe, run: Run, settings: Settings) -> None:
    if not run.fabric.is_global_zero:
        return
    with torch.no_grad():
        pictures = recipe.preview(run, settings)
    if pictures is not None:
        _write_preview(run.folder, run.step, images.to_uint8(pictures))


def _write_preview(folder: Path, step: int, pictures: np.ndarray) -> None:
    with files.whole_file(folder / f"preview-{step:08d}.png") as file:
        file.write(images.encode(images.grid(pictures, columns=len(pictures), gap=GAP)))


def _export(recipe, run: Run, settings: Settings, destination: Path) -> Path:
    export = recipe.export(run, settings)
    card = {
        "name": settings.name,
        "family": export.family,
        "recipe": recipe.__name__.rpartition(".")[2],
        "data": {"name": run.data.name, "split": "train", "images": len(run.data), "licence": run.data.licence},
        "settings": asdict(settings),
        "steps": run.step,
        "seed": settings.seed,
        "seconds": round(run.seconds),
        "device": _device_words(run.fabric),
        "commit": _git_commit(),
        **export.card,
        **_tried(destination),
        "metrics": {},
    }
    contents = {"history.jsonl": (run.folder / "history.jsonl").read_bytes()}
    if list(run.folder.glob("preview-*.png")):
        card["replay"], pictures = _replay(run.folder, export.model.image_shape)
        some = np.array(run.data.images[:: max(1, len(run.data) // 500)])
        card["replay"]["diversity"] = round(float(replay.diversity(some[None])[0]), 4)
        contents |= pictures
    try:
        checkpoint.save(destination, export.model, card, contents, export.directions)
    except ArithmeticError as error:
        raise FloatingPointError(f"{error}: lower the learning rate and start again") from error
    print(f"wrote {destination}; now measure it: python -m train.evaluate {settings.name}")
    return destination


def _tried(folder: Path) -> dict:
    """The card's list of what was tried. People write it, and the card of a new run keeps it."""
    try:
        card = checkpoint.read_card(folder)
    except CheckpointError:
        return {}
    return {"tried": card["tried"]} if "tried" in card else {}


def _replay(folder: Path, image_shape: tuple[int, int, int]) -> tuple[dict, dict[str, bytes]]:
    """The card's entry and the files of a run's previews: the sheet `replay.webp`, which has a row for each of the
    entry's `steps` and in it `columns` pictures without gaps, and the last row as `samples.webp`.

    If there are many rows, some are left out, fewer at the beginning, where most happens.
    """
    from PIL import Image

    paths = sorted(folder.glob("preview-*.png"))
    indices = np.arange(len(paths))
    if len(paths) > REPLAY_ROWS:
        indices = np.unique((indices[-1] * np.linspace(0, 1, REPLAY_ROWS) ** 1.5).round().astype(int))
    height, width = image_shape[1:]
    rows = [np.asarray(Image.open(paths[index]).convert("RGB")) for index in indices]
    pictures = np.stack([row[:, left:][:, :width] for row in rows for left in range(0, row.shape[1], width + GAP)])
    columns = len(pictures) // len(rows)
    sheet = images.grid(pictures, columns)
    for quality in REPLAY_QUALITIES:
        content = images.encode(sheet, "WEBP", quality=quality, method=6)
        if len(content) <= REPLAY_BYTES:
            break
    entry = {"steps": [int(paths[index].stem.partition("-")[2]) for index in indices], "columns": columns}
    return entry, {"replay.webp": content, "samples.webp": images.encode(rows[-1], "WEBP", quality=90)}


def _device_words(fabric: Fabric) -> str:
    if fabric.device.type == "cuda":
        return torch.cuda.get_device_name(fabric.device)
    return f"{fabric.device.type}, {torch.get_num_threads()} threads"


def _git_commit() -> str:
    try:
        command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def dry_run(settings: Settings) -> Settings:
    """The same settings on fake data of the same kind, and their attributes, for two steps: shows within seconds that a
    recipe runs."""
    stand_in = getattr(data.module(settings.data), "STAND_IN", "fake")
    changes: dict[str, Any] = {"log_every": 1, "snapshot_every": 1}
    for option in fields(settings):
        if option.type in (Attribute, Attributes):
            names = data.load(stand_in, "train").attribute_names
            changes[option.name] = names if option.type == Attributes else names[0]
    return replace(settings, data=stand_in, steps=2, batch_size=8, **changes)
