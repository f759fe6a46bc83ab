"""A latent space of two numbers is a plane. This is the box of it that is worth looking at, and places in that box.

Places are in units of the box: -1 to 1, x to the right, y upwards. So a place means the same on planes of any scale.
"""

from dataclasses import dataclass

import torch

INSIDE = 0.99  # share of the encoded pictures that a box holds in each coordinate


@dataclass(frozen=True, eq=False)
class Box:
    """A part of a plane, between the latents `low` and `high` (2,)."""

    low: torch.Tensor
    high: torch.Tensor

    @classmethod
    def around(cls, latents: torch.Tensor, inside: float = INSIDE) -> "Box":
        """The box that holds the central share `inside` of the latents (N, 2) in each coordinate."""
        outside = (1 - inside) / 2
        low, high = torch.quantile(latents.float(), torch.tensor([outside, 1 - outside]), dim=0)
        return cls(low, high)

    def grid(self, side: int) -> torch.Tensor:
        """Latents (side * side, 2) in rows from the upper left to the lower right, as a picture is read; the outer ones
        lie on the box's edge."""
        share = torch.linspace(0, 1, side)
        y, x = torch.meshgrid(share.flip(0), share, indexing="ij")
        return self.low + (self.high - self.low) * torch.stack([x, y], -1).flatten(0, 1)

    def latents(self, places: torch.Tensor) -> torch.Tensor:
        """Places (..., 2) as latents (..., 2)."""
        return self.low + (places + 1) / 2 * (self.high - self.low)

    def places(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents (..., 2) as places (..., 2)."""
        return (latents - self.low) / (self.high - self.low) * 2 - 1
