"""Paths between latent vectors: straight lines, great arcs, paths through several, and constant speed on them."""

import numpy as np
import torch


def lerp(a: torch.Tensor, b: torch.Tensor, t: float | torch.Tensor) -> torch.Tensor:
    """The straight line (1 - t) a + t b; a, b (..., D), t a number or (...,) broadcast over the latents."""
    t = torch.as_tensor(t, dtype=a.dtype, device=a.device).unsqueeze(-1)
    return a + t * (b - a)


def slerp(a: torch.Tensor, b: torch.Tensor, t: float | torch.Tensor) -> torch.Tensor:
    """The great arc from a to b (Shoemake 1985), which keeps the length between |a| and |b|.

    a, b (..., D), t a number or (...,). Directions are interpolated on the sphere and lengths linearly. (Almost)
    parallel or opposite vectors, and zero vectors, have no unique arc and take the straight line.
    """
    t = torch.as_tensor(t, dtype=a.dtype, device=a.device).unsqueeze(-1)
    length_a, length_b = a.norm(dim=-1, keepdim=True), b.norm(dim=-1, keepdim=True)
    safe_a, safe_b = length_a.clamp_min(1e-12), length_b.clamp_min(1e-12)
    cosine = (a / safe_a * (b / safe_b)).sum(-1, keepdim=True).clamp(-1, 1)
    angle = cosine.acos()
    sine = angle.sin()
    arc = ((1 - t) * angle).sin() / sine * (a / safe_a) + (t * angle).sin() / sine * (b / safe_b)
    arc = arc * (length_a + t * (length_b - length_a))
    degenerate = (sine < 1e-4) | (length_a < 1e-12) | (length_b < 1e-12)
    return torch.where(degenerate, a + t * (b - a), arc)


def along(keyframes: torch.Tensor, t: float | torch.Tensor, between=lerp) -> torch.Tensor:
    """The path through all keyframes (K, D), K >= 2, at t in [0, 1]: (D,), or (n, D) for t (n,).

    The keyframes lie at equal distances of t; `between` (`lerp` or `slerp`) leads from one to the next. Values of t
    outside [0, 1] stay at the ends.
    """
    legs = len(keyframes) - 1
    place = torch.as_tensor(t, dtype=torch.float32).clamp(0, 1) * legs
    leg = place.long().clamp_max(legs - 1)
    return between(keyframes[leg], keyframes[leg + 1], place - leg)


def constant_speed(steps: torch.Tensor, t: float | torch.Tensor) -> torch.Tensor:
    """The position on a path after a share t in [0, 1] of its length: (...,) for t (...,), in [0, 1].

    steps (N,) >= 0 are the distances between N + 1 equally spaced points of the path. This is the inverse of their
    cumulative sum, linear between the points and so monotone. A path of no length keeps t.
    """
    distances = torch.cat([torch.zeros(1), torch.as_tensor(steps, dtype=torch.float32).cumsum(0)])
    t = torch.as_tensor(t, dtype=torch.float32)
    if not distances[-1] > 0:
        return t
    places = torch.linspace(0, 1, len(distances))
    positions = np.interp(t.numpy(), (distances / distances[-1]).numpy(), places.numpy())
    return torch.as_tensor(positions, dtype=torch.float32)
