"""app.py, and a route that hands the classroom bench its scenes' tokens: each user's own, of the page `page`."""

import streamlit as st
import torch
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gen_lab import live, load
from gen_lab.latent.principal import principal
from gen_lab.metrics.adversarial import verdicts
from gen_lab.scenes import Scene, edit
from pages.gan.state import COUNT, Samples, scene


def faces(users: int) -> list[Scene]:
    """A face of its own for each, under all sliders."""
    loaded = load("vae-faces")
    directions = loaded.directions.stack(loaded.card["sliders"])
    bases = torch.randn(users, directions.shape[1], generator=torch.Generator().manual_seed(0))
    return [edit(loaded.model, base, directions) for base in bases]


def gan(users: int) -> list[Scene]:
    """A grid of samples with their scores for each, of the generator that takes longest."""
    model = load("wgan_gp-faces").model
    directions, _ = principal(model, "sefa", COUNT)
    reference = verdicts(model, model.sample(64, torch.Generator().manual_seed(0))).sort().values
    return [scene(model, Samples("", seed=100 * user), directions, reference) for user in range(users)]


def tokens(request: Request) -> JSONResponse:
    scenes = {"faces": faces, "gan": gan}[request.query_params["page"]](int(request.query_params["users"]))
    held = [live.scenes.register(each, f"seat {number}") for number, each in enumerate(scenes)]
    return JSONResponse({"count": scenes[0].count, "tokens": held})


app = st.App("../../gen_lab/ui/main.py", routes=[*live.routes(), Route("/bench/tokens", tokens)])
