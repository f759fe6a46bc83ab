"""app.py, and a route that hands the classroom bench its scenes' tokens: each a face of its own under all sliders."""

import streamlit as st
import torch
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gen_lab import live, load
from gen_lab.scenes import edit

MODEL = "vae-faces"


def tokens(request: Request) -> JSONResponse:
    faces = load(MODEL)
    directions = faces.directions.stack(faces.card["sliders"])
    seats = int(request.query_params["users"])
    bases = torch.randn(seats, directions.shape[1], generator=torch.Generator().manual_seed(0))
    scenes = [edit(faces.model, base, directions) for base in bases]
    return JSONResponse(
        {
            "count": len(directions),
            "tokens": [live.scenes.register(scene, f"seat {n}") for n, scene in enumerate(scenes)],
        }
    )


app = st.App("../../gen_lab/ui/main.py", routes=[*live.routes(), Route("/bench/tokens", tokens)])
