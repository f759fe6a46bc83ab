"""What a model's critic says of the pictures on the GAN page, as a histogram and in words."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import torch

from gen_lab import data
from gen_lab.checkpoint import Checkpoint
from gen_lab.metrics.adversarial import verdicts
from gen_lab.ui import charts
from gen_lab.ui.hashes import HASHES

SAMPLES = 256  # random samples, and as many test pictures, to compare a picture's value with


@st.cache_resource(max_entries=12, show_spinner="Asking the critic …", hash_funcs=HASHES)
def _sample_values(checkpoint: Checkpoint) -> torch.Tensor:
    return verdicts(checkpoint.model, checkpoint.model.sample(SAMPLES, torch.Generator().manual_seed(0)).cpu())


@st.cache_resource(max_entries=12, show_spinner="Asking the critic …", hash_funcs=HASHES)
def _picture_values(checkpoint: Checkpoint) -> torch.Tensor | None:
    images = data.load(checkpoint.card["data"]["name"], "test").images
    if images[:1].transpose(0, 3, 1, 2).shape[1:] != checkpoint.model.image_shape:
        return None
    return verdicts(checkpoint.model, np.asarray(images[:: max(len(images) // SAMPLES, 1)][:SAMPLES]))


def reference_values(checkpoint: Checkpoint) -> torch.Tensor:
    """The critic's values of random samples (N,), ascending. Those of other pictures are ranked among them."""
    return _sample_values(checkpoint).sort().values


def verdict(checkpoint: Checkpoint, latents: torch.Tensor) -> tuple[go.Figure, str]:
    """What the critic says of the pictures on screen, as a histogram and in words; latents (N, D).

    They are compared with random samples and, if those are on this machine, with real test pictures.
    """
    fakes, values = _sample_values(checkpoint), verdicts(checkpoint.model, latents)
    reals = _picture_values(checkpoint) if data.is_ready(checkpoint.card["data"]["name"]) else None
    return _histogram(checkpoint.model.is_critic, fakes, reals, values), _summary(checkpoint, fakes, reals, values)


def _histogram(is_critic: bool, fakes: torch.Tensor, reals: torch.Tensor | None, values: torch.Tensor) -> go.Figure:
    groups = {"Random samples": fakes} | ({} if reals is None else {"Real test pictures": reals})
    low, high = (min(map(torch.min, groups.values())), max(map(torch.max, groups.values()))) if is_critic else (0, 1)
    bins = {"start": float(low), "end": float(high), "size": max(float(high - low), 1e-6) / 40}
    bars = [
        go.Histogram(
            x=group.numpy(), name=name, xbins=bins, marker={"color": colour}, opacity=0.65,
            histnorm="percent", hovertemplate=f"{name}: %{{y:.0f}}% at %{{x}}<extra></extra>",
        )
        for (name, group), colour in zip(groups.items(), charts.colours(), strict=False)
    ]  # fmt: skip
    marks = go.Scatter(
        x=values.numpy(), y=np.full(len(values), 0.0), name="On screen", mode="markers", cliponaxis=False,
        marker={"symbol": "line-ns-open", "size": 16, "color": charts.ink(), "line": {"width": 2}},
        hovertemplate="On screen: %{x:.3g}<extra></extra>",
    )  # fmt: skip
    title = "the critic's value" if is_critic else "the discriminator's probability of “real”"
    return charts.figure(
        [*bars, marks], height=260, barmode="overlay", bargap=0.05, legend_y=1.15,
        xaxis={"title_text": title, "showgrid": False} | ({} if is_critic else {"range": [0, 1]}),
        yaxis={"title_text": "share, %"},
    )  # fmt: skip


def _summary(checkpoint: Checkpoint, fakes: torch.Tensor, reals: torch.Tensor | None, values: torch.Tensor) -> str:
    if checkpoint.model.is_critic:
        lower = float((fakes[None] < values[:, None]).float().mean())
        text = f"The critic values the pictures on screen above {lower:.0%} of random samples, on average."
        if reals is not None:
            gap = float(reals.mean() - fakes.mean())
            side = "higher" if gap >= 0 else "lower"
            text += f" Real test pictures stand {abs(gap):.3g} {side} than random samples, on average."
    else:
        text = f"The discriminator gives the pictures on screen {float(values.mean()):.0%} on average"
        text += f", random samples {float(fakes.mean()):.0%}"
        text += "." if reals is None else f", and real test pictures {float(reals.mean()):.0%}."
    if reals is None:
        name = checkpoint.card["data"]["name"]
        text += f" To compare with real pictures, bring them: `python -m train.data {name}`."
    return text
