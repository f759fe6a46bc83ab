"""The network drawn small below a picture and its sliders: what lies between one picture and the other, in numbers that
move with the sliders."""

from dataclasses import dataclass

import numpy as np
import torch

from gen_lab.ui.controls.hand import data_url
from gen_lab.ui.language import _


@dataclass(frozen=True, eq=False)
class Network:
    """A latent and what moves it: the latent plus each slider's value times its direction goes into the decoder.

    A direction may depend on the value. It is given at some `units`, ascending, and taken to change evenly in between.
    Where an encoder read a picture, `mean` and `spread` (D,) are what it says, and `picture`, uint8 (H, W, C), is what
    it read, if that is here. Otherwise `origin` says in words where the latent comes from.
    """

    latent: torch.Tensor  # (D,)
    directions: torch.Tensor  # (u, k, D), of the sliders at the units
    units: tuple[float, ...] = (0.0,)
    origin: str = ""
    picture: np.ndarray | None = None
    mean: torch.Tensor | None = None
    spread: torch.Tensor | None = None

    def look(self) -> dict:
        """All that network.js draws."""
        is_drawn = self.mean is not None and not torch.equal(self.latent, self.mean)
        count = len(self.latent)
        return {
            "latent": _rounded(self.latent),
            "units": list(self.units),
            "directions": [[_rounded(direction) for direction in one] for one in self.directions.transpose(0, 1)],
            "mean": None if self.mean is None else _rounded(self.mean),
            "spread": None if self.spread is None else _rounded(self.spread),
            "picture": None if self.picture is None else data_url(self.picture),
            "words": {
                "origin": self.origin,
                "picture": _("Picture"),
                "encoder": _("Encoder"),
                "code": _("Mean μ, spread ± 2 σ"),
                "latent": _("z, drawn from it, plus your sliders") if is_drawn else _("z = μ, plus your sliders"),
                "random": _("z, plus your sliders"),
                "decoder": _("Decoder"),
                "alt": _("{count} numbers z go into the decoder. The sliders move them.").format(count=count),
            },
        }


def _rounded(numbers: torch.Tensor) -> list[float]:
    return [round(number, 3) for number in numbers.tolist()]
