"""What the pages of the adversarial models share: which there are, their directions, and what their critics say."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import torch

from gen_lab import data, registry
from gen_lab.checkpoint import Checkpoint, CheckpointError, remedies
from gen_lab.latent.principal import principal
from gen_lab.metrics.adversarial import verdicts
from gen_lab.ui import charts, models

FAMILIES = ("gan", "dcgan", "wgan_gp")
SAMPLES = 256  # random samples, and test pictures, that a critic's word on one is compared with


def known(*families: str) -> dict[str, str]:
    """Name of every checkpoint of these families -> what it is called on a switch; those that failed, as a lesson, last
    and named so."""
    cards = {name: card for name, card in registry.cards().items() if isinstance(card, dict)}
    cards = {name: card for name, card in cards.items() if card["family"] in families}
    failures = {name: f"{name}: a failure" for name, card in cards.items() if card.get("lesson")}
    return {name: name for name in cards if name not in failures} | failures


def load(name: str, *families: str) -> Checkpoint:
    """A checkpoint of one of these families. Raises `CheckpointError`, also where its card names no data."""
    checkpoint = models.load(name)
    try:
        fits = checkpoint.card["family"] in families
        data.module(checkpoint.card["data"]["name"])
    except (KeyError, TypeError, ValueError):
        fits = False
    if not fits:
        problem = f"'{name}' is none of {', '.join(families)}, or its card does not say of what data"
        raise CheckpointError(problem, remedies.checkpoint(registry.folder(name), checkpoint.card))
    return checkpoint


def directions(checkpoint: Checkpoint, method: str, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Principal directions (count, D) of a generator, and their shares (count,)."""
    return _directions(checkpoint.card["name"], checkpoint.card["sha256"], method, count, checkpoint)


@st.cache_resource(max_entries=24, show_spinner="Looking for the principal directions …")
def _directions(name: str, version: str, method: str, count: int, _checkpoint: Checkpoint):
    return principal(_checkpoint.model, method, count)


@st.cache_resource(max_entries=12, show_spinner="Asking the critic …")
def _said_of_samples(name: str, version: str, _checkpoint: Checkpoint) -> torch.Tensor:
    return verdicts(_checkpoint.model, _checkpoint.model.sample(SAMPLES, torch.Generator().manual_seed(0)).cpu())


@st.cache_resource(max_entries=12, show_spinner="Asking the critic …")
def _said_of_pictures(name: str, version: str, _checkpoint: Checkpoint) -> torch.Tensor | None:
    images = data.load(_checkpoint.card["data"]["name"], "test").images
    if images[:1].transpose(0, 3, 1, 2).shape[1:] != _checkpoint.model.image_shape:
        return None
    return verdicts(_checkpoint.model, np.asarray(images[:: max(len(images) // SAMPLES, 1)][:SAMPLES]))


def reference(checkpoint: Checkpoint) -> torch.Tensor:
    """What the critic says of random samples, ascending (N,): what its word on others is ranked among."""
    return _said_of_samples(checkpoint.card["name"], checkpoint.card["sha256"], checkpoint).sort().values


def verdict(checkpoint: Checkpoint, shown: torch.Tensor) -> tuple[go.Figure, str]:
    """What the critic says of the pictures on screen, latents (N, D), among random samples and, where they are on this
    machine, real test pictures: a histogram, and the same in words."""
    known_by = checkpoint.card["name"], checkpoint.card["sha256"], checkpoint
    fakes, now = _said_of_samples(*known_by), verdicts(checkpoint.model, shown)
    reals = _said_of_pictures(*known_by) if data.is_ready(checkpoint.card["data"]["name"]) else None
    return _histogram(checkpoint.model.is_critic, fakes, reals, now), _words(checkpoint, fakes, reals, now)


def _histogram(is_critic: bool, fakes: torch.Tensor, reals: torch.Tensor | None, now: torch.Tensor) -> go.Figure:
    groups = {"Random samples": fakes} | ({} if reals is None else {"Real test pictures": reals})
    low, high = (min(map(torch.min, groups.values())), max(map(torch.max, groups.values()))) if is_critic else (0, 1)
    bins = {"start": float(low), "end": float(high), "size": max(float(high - low), 1e-6) / 40}
    bars = [
        go.Histogram(
            x=said.numpy(), name=name, xbins=bins, marker={"color": colour}, opacity=0.65,
            histnorm="percent", hovertemplate=f"{name}: %{{y:.0f}}% at %{{x}}<extra></extra>",
        )
        for (name, said), colour in zip(groups.items(), charts.colours(), strict=False)
    ]  # fmt: skip
    marks = go.Scatter(
        x=now.numpy(), y=np.full(len(now), 0.0), name="On screen", mode="markers", cliponaxis=False,
        marker={"symbol": "line-ns-open", "size": 16, "color": charts.ink(), "line": {"width": 2}},
        hovertemplate="On screen: %{x:.3g}<extra></extra>",
    )  # fmt: skip
    title = "the critic's value" if is_critic else "the discriminator's probability of “real”"
    return charts.figure(
        [*bars, marks], height=260, barmode="overlay", bargap=0.05, legend_y=1.15,
        xaxis={"title_text": title, "showgrid": False} | ({} if is_critic else {"range": [0, 1]}),
        yaxis={"title_text": "share, %"},
    )  # fmt: skip


def _words(checkpoint: Checkpoint, fakes: torch.Tensor, reals: torch.Tensor | None, now: torch.Tensor) -> str:
    if checkpoint.model.is_critic:
        lower = float((fakes[None] < now[:, None]).float().mean())
        said = f"The critic values the pictures on screen above {lower:.0%} of random samples, on average."
        if reals is not None:
            gap = float(reals.mean() - fakes.mean())
            side = "higher" if gap >= 0 else "lower"
            said += f" Real test pictures stand {abs(gap):.3g} {side} than random samples, on average."
    else:
        said = f"The discriminator gives the pictures on screen {float(now.mean()):.0%} on average"
        said += f", random samples {float(fakes.mean()):.0%}"
        said += "." if reals is None else f", and real test pictures {float(reals.mean()):.0%}."
    if reals is None:
        name = checkpoint.card["data"]["name"]
        said += f" To compare with real pictures, bring them: `python -m train.data {name}`."
    return said
