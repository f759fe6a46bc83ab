"""Images per second of the recipe vae_faces, over a bare PyTorch loop of the same model and losses.

Both do what the paper asks and nothing else is compared: the recipe's side has the loop's batches, EMA, history and
Fabric; the bare side has tensors that are ready, the model, the loss and the optimiser. On fake pictures.
"""

import statistics
import tempfile
import time
from pathlib import Path

import torch

from bench import device_words
from gen_lab.models import vae
from train import loop
from train.recipes import vae_faces

BATCH, STEPS, ROUNDS = 64, 6, 5


def measure() -> dict:
    settings = vae_faces.Settings(name="bench", data="fake", batch_size=BATCH, perceptual=0.0, sliders=("Disc",))
    with tempfile.TemporaryDirectory() as folder:
        run = loop.Run(loop.make_fabric(settings.precision), settings, Path(folder))
        history = loop.History(Path(folder) / "history.jsonl", 0)
        recipe = vae_faces.steps(run, settings, vae_faces.setup(run, settings))

        def recipe_step():
            losses = run.fabric.all_reduce(next(recipe), reduce_op="mean")
            run.after_step()
            history.add(run.step, 0.0, losses)

        bare_step = bare(run.device, settings)
        recipe_step(), bare_step()  # warm up
        pairs = [(_seconds(recipe_step, run.device), _seconds(bare_step, run.device)) for _ in range(ROUNDS)]
    of_recipe, of_bare = (statistics.median(side) for side in zip(*pairs, strict=True))
    return {
        "recipe": "vae_faces",
        "device": device_words(),
        "images_per_s": round(BATCH * STEPS / of_recipe, 1),
        "bare_images_per_s": round(BATCH * STEPS / of_bare, 1),
        "ratio": round(statistics.median(bare / recipe for recipe, bare in pairs), 3),
    }


def bare(device, settings):
    """One optimisation step of the same model, with nothing around it."""
    config = vae.Config(latent_dim=settings.latent_dim, widths=settings.widths)
    model = vae.VAE(config).to(device, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), settings.learning_rate)
    images = torch.rand(BATCH, *model.image_shape, device=device).contiguous(memory_format=torch.channels_last) * 2 - 1

    def step():
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            reconstruction, mean, log_var = model(images, torch.randn(BATCH, settings.latent_dim, device=device))
        loss = vae.elbo(images, reconstruction, mean, log_var, settings.variance)["total"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return step


def _seconds(step, device) -> float:
    start = time.perf_counter()
    for _ in range(STEPS):
        step()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start
