"""Where the models run: `GEN_LAB_DEVICE` = auto (default), cpu, cuda or mps; out of GPU memory, the CPU takes over."""

import threading

import numpy as np
import torch

from gen_lab import environment
from gen_lab.images import to_uint8

ROWS = 64  # of one forward pass: more are not faster on a CPU, and take memory
GPU_ROWS = 1024
_notice: list[str] = []
_moving = threading.Lock()


def best_device() -> torch.device:
    """The device that `GEN_LAB_DEVICE` names. Raises ValueError, with the remedy, if this machine doesn't have it."""
    choice = environment.value("DEVICE", "auto").lower()
    if choice not in ("auto", "cpu", "cuda", "mps"):
        raise ValueError(f"GEN_LAB_DEVICE={choice}: use auto, cpu, cuda or mps")
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if choice != "auto":
        if not available[choice]:
            raise ValueError(f"GEN_LAB_DEVICE={choice}, but torch finds no such device: use auto or cpu")
        return torch.device(choice)
    return torch.device(next(name for name, is_there in available.items() if is_there))


def device_name() -> str:
    """The device in words, for people."""
    device = best_device()
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"cpu": "CPU", "mps": "Apple GPU"}[device.type]


def notice() -> str | None:
    """What to tell users about the device, or None: set once the GPU has run out of memory."""
    return _notice[0] if _notice else None


def place(model: torch.nn.Module, device: torch.device | str) -> torch.nn.Module:
    """The model on the device, or on the CPU, with a notice, if the GPU has no memory left for it."""
    try:
        return model.to(device)
    except torch.OutOfMemoryError:
        return _to_cpu(model)


def _to_cpu(model: torch.nn.Module) -> torch.nn.Module:
    with _moving:
        if not _notice:
            _notice.append("The GPU is out of memory: models now run on the CPU, slower.")
        return model.to("cpu")


def on_device(model: torch.nn.Module, function, *tensors: torch.Tensor):
    """function(*tensors) with the tensors on the model's device, without gradients.

    If the GPU is out of memory, the model moves to the CPU for good, `notice` says so, and the call is repeated.
    """
    for _ in range(2):
        device = next(model.parameters()).device
        try:
            with torch.inference_mode():
                return function(*(tensor.to(device) for tensor in tensors))
        except torch.OutOfMemoryError:
            _to_cpu(model)
    raise MemoryError("out of memory on the CPU too: close other programs, or set GEN_LAB_DEVICE=cpu and restart")


def in_batches(model: torch.nn.Module, function, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """function(*tensors), a batch of rows at a time. The function returns one tensor or several; the results are
    concatenated on the CPU."""
    passes = [[part.cpu() for part in _several(output)] for output in _passes(model, function, *tensors)]
    return tuple(map(torch.cat, zip(*passes, strict=True)))


def _passes(model: torch.nn.Module, function, *tensors: torch.Tensor):
    rows = ROWS if next(model.parameters()).device.type == "cpu" else GPU_ROWS
    for parts in zip(*(tensor.split(rows) for tensor in tensors), strict=True):
        yield on_device(model, function, *parts)


def _several(output) -> tuple[torch.Tensor, ...]:
    return output if isinstance(output, tuple) else (output,)


def decode(model: torch.nn.Module, latents: torch.Tensor, labels: torch.Tensor | None = None) -> np.ndarray:
    """Latents (B, D), and for a conditional model labels (B, L), on any device to pixels, uint8 (B, H, W, C)."""
    inputs = (latents,) if labels is None else (latents, labels)
    return np.concatenate([to_uint8(images) for images in _passes(model, model.decode, *inputs)])
