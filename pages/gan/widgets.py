"""What the critic of a model on the GAN page says of pictures, in a histogram and in words."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import torch

from gen_lab import data
from gen_lab.checkpoint import Checkpoint
from gen_lab.metrics.adversarial import verdicts
from gen_lab.ui import charts
from gen_lab.ui.hashes import HASHES

SAMPLES = 256  # random samples, and test pictures, that a critic's word on one is compared with


@st.cache_resource(max_entries=12, show_spinner="Asking the critic …", hash_funcs=HASHES)
def _said_of_samples(checkpoint: Checkpoint) -> torch.Tensor:
    return verdicts(checkpoint.model, checkpoint.model.sample(SAMPLES, torch.Generator().manual_seed(0)).cpu())


@st.cache_resource(max_entries=12, show_spinner="Asking the critic …", hash_funcs=HASHES)
def _said_of_pictures(checkpoint: Checkpoint) -> torch.Tensor | None:
    images = data.load(checkpoint.card["data"]["name"], "test").images
    if images[:1].transpose(0, 3, 1, 2).shape[1:] != checkpoint.model.image_shape:
        return None
    return verdicts(checkpoint.model, np.asarray(images[:: max(len(images) // SAMPLES, 1)][:SAMPLES]))


def reference(checkpoint: Checkpoint) -> torch.Tensor:
    """What the critic says of random samples, ascending (N,): what its word on others is ranked among."""
    return _said_of_samples(checkpoint).sort().values


def verdict(checkpoint: Checkpoint, shown: torch.Tensor) -> tuple[go.Figure, str]:
    """What the critic says of the pictures on screen, latents (N, D), among random samples and, where they are on this
    machine, real test pictures: a histogram, and the same in words."""
    fakes, now = _said_of_samples(checkpoint), verdicts(checkpoint.model, shown)
    reals = _said_of_pictures(checkpoint) if data.is_ready(checkpoint.card["data"]["name"]) else None
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
