"""Where the models run: `GEN_LAB_DEVICE` = auto (default), cpu, cuda or mps; out of GPU memory, the CPU takes over."""

import os
import threading

import numpy as np
import torch

from gen_lab.images import to_uint8

_notice: list[str] = []
_moving = threading.Lock()


def best_device() -> torch.device:
    """The device that `GEN_LAB_DEVICE` asks for. Raises ValueError, with the remedy, for one that is not there."""
    wish = os.environ.get("GEN_LAB_DEVICE", "auto").lower()
    if wish not in ("auto", "cpu", "cuda", "mps"):
        raise ValueError(f"GEN_LAB_DEVICE={wish}: use auto, cpu, cuda or mps")
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wish != "auto":
        if not there[wish]:
            raise ValueError(f"GEN_LAB_DEVICE={wish}, but torch finds no such device: use auto or cpu")
        return torch.device(wish)
    return torch.device(next(name for name, found in there.items() if found))


def device_name() -> str:
    """The device in words, for people."""
    device = best_device()
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"cpu": "CPU", "mps": "Apple GPU"}[device.type]


def notice() -> str | None:
    """What to tell the users about the device, if anything: set once the GPU ran out of memory."""
    return _notice[0] if _notice else None


def place(model: torch.nn.Module, device: torch.device | str) -> torch.nn.Module:
    """The model, moved to the device; to the CPU, with a notice, if the GPU has no memory left for it."""
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


def decode(model: torch.nn.Module, latents: torch.Tensor) -> np.ndarray:
    """Latents (B, D) on any device to pixels, uint8 (B, H, W, C)."""
    return to_uint8(on_device(model, model.decode, latents))
