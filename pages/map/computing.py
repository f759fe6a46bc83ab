"""Layouts that take too long for a page run: background jobs that all sessions share."""

import io
import json

import numpy as np

from gen_lab.latent import layouts
from gen_lab.latent.layouts import Plane
from gen_lab.ui import jobs
from gen_lab.ui.language import _


def plane(source: tuple, latents: np.ndarray, method: str, parameters: dict) -> Plane | None:
    """The layout of `latents` (N, D), if it has been computed. Otherwise None, with a button that starts it, or its
    progress.

    `source` identifies the latents, so that sessions with the same ones share one computation. Raises ValueError, which
    says why, for latents that this method cannot lay out.
    """
    key = ("map", source, method, *sorted(parameters.items()))
    job = jobs.latest(key)
    if job is not None and job.answer is not None:
        return job.answer
    layouts.check(latents, method)
    note = _("{count} points take from a few seconds to a few minutes. You can stop at any time.")
    note = note.format(count=f"{len(latents):,}")
    label, doing = _("Compute this map"), _("Computing the map")
    jobs.background(key, lambda: start(latents, method, parameters), label, doing, note)
    return None


def start(latents: np.ndarray, method: str, parameters: dict) -> jobs.Job:
    """The job that computes the `Plane` of these latents (N, D)."""

    def read(output: bytes) -> Plane:
        positions = np.load(io.BytesIO(output), allow_pickle=False)
        if positions.shape != (len(latents), 2) or not np.isfinite(positions).all():
            raise ValueError("it is no layout")
        return Plane.of(positions)

    request = io.BytesIO()
    np.save(request, latents, allow_pickle=False)
    arguments = ["gen_lab.latent.layouts", json.dumps({"method": method, **parameters})]
    return jobs.Job(arguments, request.getvalue(), layouts.share, read)
