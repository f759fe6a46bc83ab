"""The face of Home: it smiles and stops by itself, until the visitor takes its slider.

What smiles by itself is a row of pictures, decoded once for everybody and played by the browser (control.js), so that a
class on Home costs the server nothing. Once the slider is taken, pictures come live.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
import torch

from gen_lab import registry, scenes
from gen_lab.checkpoint import Checkpoint
from gen_lab.errors import Repairable
from gen_lab.scenes import Request, Scene, render
from gen_lab.ui import charts, models
from gen_lab.ui.controls.hand import Hand
from gen_lab.ui.controls.modules import component
from gen_lab.ui.hashes import HASHES
from gen_lab.ui.language import _

CONCEPT = "Smiling"
SEEDS = {"vae-faces": 49, "vae-avatars": 2}  # of faces that smile well, the best first
LOW, HIGH = -1.5, 2.5  # of the slider, in standard deviations
FRAMES = 24  # of what smiles by itself, from LOW to HIGH

_component = component("hero", Path(__file__).parent, "control")


@dataclass(frozen=True)
class Hero:
    scene: Scene  # of one number
    film: str  # its pictures from LOW to HIGH side by side, as the address of an HTML image
    size: int  # of the latent


def hero() -> Hero | None:
    """The face of a person, where the model is there; otherwise of an avatar; None without either."""
    for name in SEEDS:
        if name in registry.names():
            with suppress(Repairable):  # the pages that need this model say what is wrong with it
                return _hero(models.load(name, "decode", "sample", "sliders", without=("classes",)))
    return None


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=HASHES)
def _hero(checkpoint: Checkpoint) -> Hero:
    model, seed = checkpoint.model, SEEDS[checkpoint.card["name"]]
    latent = model.sample(1, torch.Generator().manual_seed(seed))[0]
    wide = scenes.edit(model, latent, checkpoint.directions.locked([CONCEPT], []))
    scene = Scene(model, 1, LOW, HIGH, wide.inputs, wide.compose)
    film = render([Request(scene, [value]) for value in np.linspace(LOW, HIGH, FRAMES)])
    return Hero(scene, charts.source(np.concatenate(film, axis=1)), model.latent_dim)


def show(face: Hero) -> None:
    """The face and its slider."""
    hand: Hand = st.session_state.setdefault("hero hand", Hand())
    hand.show([face.scene])
    hint = _("This face is {count} numbers, and its smile is a direction among them. Take the slider.")
    words = {
        "alt": _("A generated face, which smiles and stops by itself until you take the slider"),
        "smile": _("Smile"),
        "hint": hint.format(count=face.size),
    }
    _component(
        key="hero",
        data={"token": hand.tokens[0], "film": face.film, "frames": FRAMES, "low": LOW, "high": HIGH, "words": words},
    )
