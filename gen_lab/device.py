"""Where the models run: `GEN_LAB_DEVICE` = auto (default), cpu, cuda or mps; where a GPU fails, the CPU takes over."""

import logging
import re
import threading
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from gen_lab import environment
from gen_lab.images import to_uint8

ROWS = 64  # of one forward pass: more are not faster on a CPU, and take memory
GPU_ROWS = 1024
FULL = re.compile("out of memory|allocate memory|not enough memory|ALLOC_FAILED")  # "illegal memory access" is not

N_ = str  # marks what a page translates, for Babel
FULL_UP = N_("The GPU is out of memory: models now run on the CPU, slower.")
UNUSABLE = N_("The GPU cannot be used ({reason}): models now run on the CPU, slower.")

log = logging.getLogger(__name__)
_failures: dict[str, bool] = {}  # kind of GPU -> whether it has failed
_notice: list["Notice"] = []
_lock = threading.RLock()


class DeviceError(OSError):
    """A GPU has failed, and the model on it cannot be read back: it has to be loaded again."""


@dataclass(frozen=True)
class Notice:
    """What to tell users about the device: a sentence, which a page translates, and what torch said, to stand in it."""

    sentence: str
    reason: str = ""

    def __str__(self) -> str:
        return self.sentence.format(reason=self.reason)


def best_device() -> torch.device:
    """The device that `GEN_LAB_DEVICE` names, for auto the best there is; the CPU where a GPU fails, as `notice` says.
    Raises ValueError, with the remedy, if this machine doesn't have the device."""
    choice = environment.value("DEVICE", "auto").lower()
    if choice not in ("auto", "cpu", "cuda", "mps"):
        raise ValueError(f"GEN_LAB_DEVICE={choice}: use auto, cpu, cuda or mps")
    if choice == "cpu":
        return torch.device("cpu")
    for kind, backend in (("cuda", torch.cuda), ("mps", torch.backends.mps)):
        if choice in ("auto", kind) and backend.is_available():
            return torch.device("cpu" if _fails(kind) else kind)
    if choice != "auto":
        raise ValueError(f"GEN_LAB_DEVICE={choice}, but torch finds no such device: use auto or cpu")
    return torch.device("cpu")


def _fails(kind: str) -> bool:
    """Whether this kind of GPU has failed. It is tried once, before anything runs on it."""
    with _lock:
        if kind not in _failures:
            _failures[kind] = False
            try:
                trial(torch.device(kind))
            except (RuntimeError, AssertionError) as error:  # the latter for a torch that was built without it
                _give_up(kind, error)
        return _failures[kind]


@torch.inference_mode()
@torch.random.fork_rng(devices=[])
def trial(device: torch.device) -> None:
    """One operation of each kind that models need, on this device. Raises what torch raises if it cannot do one."""
    layers = nn.Sequential(
        nn.Conv2d(4, 8, 3, padding=1), nn.BatchNorm2d(8), nn.MaxPool2d(2), nn.GroupNorm(2, 8), nn.SiLU(),
        nn.ConvTranspose2d(8, 4, 4, 2, 1), nn.PixelShuffle(2), nn.PixelUnshuffle(2), nn.PixelShuffle(2),
        nn.Upsample(scale_factor=4), nn.AvgPool2d(2),
    ).eval()  # fmt: skip
    attention, norm, linear = nn.MultiheadAttention(8, 2, batch_first=True).eval(), nn.LayerNorm(8), nn.Linear(8, 8)
    embedding, cell = nn.Embedding(8, 8), nn.GRUCell(8, 8)
    for module in (layers, attention, norm, linear, embedding, cell):
        module.to(device)
    images = layers(torch.ones(2, 4, 8, 8).half().to(device).float())  # (2, 1, 32, 32); weights are kept as float16
    small = F.interpolate(images, size=(8, 8), mode="bilinear", antialias=True)[:, 0]  # (2, 8, 8)
    large = F.interpolate(F.pad(images, (1, 1)), size=(12, 12), mode="bicubic")
    words = embedding(torch.arange(8, device=device))[None] + norm(small)  # (2, 8, 8)
    words = torch.bmm(attention(words, words, words)[0], torch.stack([small[0], small[1]]))
    state = cell(linear(words[:, 0]))  # (2, 8)
    choices = torch.multinomial(state.softmax(1), 1) + state.argmax(1, keepdim=True) % 8  # (2, 1)
    chances = state.log_softmax(1).gather(1, choices % 8) + torch.einsum("bd,bd->b", state, state)[:, None]
    sizes = torch.cat([large.flatten(1).norm(dim=1), large.std((1, 2, 3)), large.sum()[None]])
    torch.cat([chances.flatten(), sizes[sizes > 0]]).topk(2).values.cpu()  # errors come with the answer


def device_name() -> str:
    """The device in words, for people."""
    device = best_device()
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"cpu": "CPU", "mps": "Apple GPU"}[device.type]


def notice() -> Notice | None:
    """What to tell users about the device: that there is a GPU, but the CPU is used. None while all is well."""
    with suppress(ValueError):
        best_device()
    return _notice[0] if _notice else None


def place(model: torch.nn.Module, device: torch.device | str) -> torch.nn.Module:
    """The model on the device, or on the CPU, with a notice, if that fails."""
    try:
        return model.to(device)
    except RuntimeError as error:
        model = model.to("cpu")
        _give_up(torch.device(device).type, error)
        return model


def _give_up(kind: str, error: Exception) -> None:
    """Says why the CPU is used from now on: for some models if memory was short, for all after any other error."""
    with _lock:
        is_full = _is_full(error)
        _failures[kind] = not is_full
        if not _notice:
            reason = str(error).partition("\n")[0][:200]
            _notice.append(Notice(FULL_UP) if is_full else Notice(UNUSABLE, reason))
            log.warning("%s", _notice[0], exc_info=error)


def on_device(model: torch.nn.Module, function, *tensors: torch.Tensor):
    """function(*tensors) with the tensors on the model's device, without gradients.

    If the GPU fails or is out of memory, the model moves to the CPU for good, `notice` says so, and the call is
    repeated. Raises `DeviceError` if the model cannot be moved any more, and MemoryError, with the remedy.
    """
    device = next(model.parameters()).device
    try:
        return _run(function, tensors, device)
    except RuntimeError as error:
        if device.type == "cpu":
            raise _in_words(error) from error
        failure = error
    try:
        with _lock:
            is_ours = next(model.parameters()).device == device  # or another thread has moved it meanwhile
            model.to("cpu")
    except RuntimeError as error:
        _give_up(device.type, error)
        raise DeviceError("the GPU has failed: reload the page, and the model runs on the CPU") from error
    try:
        output = _run(function, tensors, torch.device("cpu"))
    except RuntimeError as error:
        raise _in_words(error) from error
    if is_ours:
        _give_up(device.type, failure)  # not before: an error that the CPU raises too is not the GPU's
    return output


def _run(function, tensors, device: torch.device):
    with torch.inference_mode():
        return function(*(tensor.to(device) for tensor in tensors))


def _in_words(error: RuntimeError) -> Exception:
    """An error of the CPU; if its memory is full, with the remedy."""
    return MemoryError("out of memory: close other programs, or choose a smaller model") if _is_full(error) else error


def _is_full(error: Exception) -> bool:
    """Whether memory was short, which torch says in many ways."""
    return isinstance(error, torch.OutOfMemoryError) or bool(FULL.search(str(error)))


def in_batches(model: torch.nn.Module, function, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """function(*tensors), a batch of rows at a time. The function returns one tensor or several; the results are
    concatenated on the CPU."""

    def outputs(*parts: torch.Tensor) -> list[torch.Tensor]:
        output = function(*parts)
        return [part.cpu() for part in (output if isinstance(output, tuple) else (output,))]

    return tuple(map(torch.cat, zip(*_passes(model, outputs, *tensors), strict=True)))


def _passes(model: torch.nn.Module, function, *tensors: torch.Tensor):
    """function(*tensors) for a batch of rows after another. It brings its results to the CPU itself, for that is where
    errors of a GPU come out."""
    rows = ROWS if next(model.parameters()).device.type == "cpu" else GPU_ROWS
    for parts in zip(*(tensor.split(rows) for tensor in tensors), strict=True):
        yield on_device(model, function, *parts)


def decode(model, latents: torch.Tensor, labels: torch.Tensor | None = None) -> np.ndarray:
    """Latents (B, D), and for a conditional model labels (B, L), on any device to pixels, uint8 (B, H, W, C)."""
    inputs = (latents,) if labels is None else (latents, labels)
    return np.concatenate([*_passes(model, lambda *parts: to_uint8(model.decode(*parts)), *inputs)])
