"""What the Digits page shows of its models. Checkpoints, planes and verdicts are cached for the whole process."""

import numpy as np
import streamlit as st
import torch

from gen_lab import data, registry
from gen_lab.checkpoint import Checkpoint, CheckpointError, atlas
from gen_lab.latent.planes import Box
from gen_lab.scenes import Scene
from gen_lab.sources import encode_picture
from gen_lab.ui import charts, models
from gen_lab.ui.hashes import HASHES
from gen_lab.ui.language import _
from pages.digits.control import Panel
from pages.digits.state import FAR, album_scene, certainty_map, drawing_scene, plane_scene, point_scene

JUDGE = "judge-digits"


def load(name: str) -> Checkpoint:
    """A checkpoint whose latent space is a plane. Raises `CheckpointError`, also where it is not a plane."""
    return models.load(name, "encode", "decode", "plane", "data")


def panel(checkpoint: Checkpoint, title: str, note: str, columns: int, sure: bool, drawing: np.ndarray | None) -> Panel:
    """Everything that the control shows of one model. Raises `CheckpointError` if something is missing."""
    box, places = _plane(checkpoint)
    scenes = _scenes(checkpoint, columns)
    certainty = None
    if sure:
        judge = models.load(JUDGE, "probabilities")
        with st.spinner(_("Asking the judge …")):
            certainty = _certainty(checkpoint, judge)
    copy = None
    if drawing is not None:
        place = box.places(encode_picture(checkpoint, drawing[..., None])).clamp(-FAR, FAR).tolist()
        copy = scenes[1](place), place
    return Panel(title, note, *scenes, places, certainty, copy)


def labels(checkpoint: Checkpoint) -> tuple[np.ndarray, tuple[str, ...]]:
    """The class (N,) of every encoded test picture, and the names of the classes."""
    encodings = _atlas(checkpoint)
    if encodings.labels is None:
        name = checkpoint.card["name"]
        raise CheckpointError(f"the atlas of '{name}' has no classes", [f"python -m {atlas.MAKER} {name}"])
    return encodings.labels, tuple(map(charts.words, encodings.attribute_names))


def album(checkpoint: Checkpoint) -> Scene | None:
    """The test pictures themselves. None where the data set is not on this machine, or is not the one encoded."""
    name, encodings = checkpoint.card["data"]["name"], _atlas(checkpoint)
    if encodings.split != "test" or not data.is_ready(name):
        return None
    scene = _album(name)
    return scene if scene.high + 1 == len(encodings) else None


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=HASHES)
def _atlas(checkpoint: Checkpoint) -> atlas.Atlas:
    return atlas.load(registry.folder(checkpoint.card["name"]), checkpoint.card)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=HASHES)
def _plane(checkpoint: Checkpoint) -> tuple[Box, np.ndarray]:
    latents = torch.from_numpy(_atlas(checkpoint).latents)
    box = Box.around(latents)
    return box, box.places(latents).clamp(-FAR, FAR).numpy()


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=HASHES)
def _scenes(checkpoint: Checkpoint, columns: int) -> tuple[Scene, Scene, Scene, Scene]:
    model, box = checkpoint.model, _plane(checkpoint)[0]
    return plane_scene(model, box, columns), point_scene(model, box), point_scene(model, box), drawing_scene(model, box)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=HASHES)
def _certainty(checkpoint: Checkpoint, judge: Checkpoint) -> np.ndarray:
    return certainty_map(checkpoint.model, judge.model, _plane(checkpoint)[0])


@st.cache_resource(max_entries=2, show_spinner=False)
def _album(name: str) -> Scene:
    return album_scene(data.load(name, "test").images)


def plane_figures(card: dict) -> str:
    """The figures of a card's latent plane, in a line."""
    metrics = card.get("metrics", {})
    figures = []
    if "reconstruction_nats_at_mean" in metrics:
        nats = f"{metrics['reconstruction_nats_at_mean']:.1f}"
        figures.append(_("Reconstruction costs {nats} nats a picture.").format(nats=nats))
    if "coverage" in metrics:
        share = f"{metrics['coverage']['box']:.0%}"
        figures.append(_("The judge recognises a digit on {share} of the plane.").format(share=share))
    return " ".join(figures) or _("Not measured yet.")


def beta_rows(cards: dict[float, dict], autoencoder: dict) -> dict[str, list[str]]:
    """A table, by column: the autoencoder's card first, then the cards by beta."""

    def figure(card, key, template="{:.1f}"):
        value = card.get("metrics", {}).get(key)
        value = value["box"] if isinstance(value, dict) else value
        return "–" if value is None else template.format(value)

    rows = [(_("autoencoder"), autoencoder), *((f"β = {beta:g}", card) for beta, card in cards.items())]
    return {
        _("Model"): [name for name, _ in rows],
        _("Reconstruction (nats)"): [figure(card, "reconstruction_nats_at_mean") for _, card in rows],
        _("KL (nats)"): [figure(card, "kl_nats") for _, card in rows],
        _("Bound, ELBO (nats)"): [figure(card, "elbo_nats").replace("-", "−") for _, card in rows],
        _("Plane that is digits"): [figure(card, "coverage", "{:.0%}") for _, card in rows],
    }
