"""VAE on rendered avatars -> checkpoints/vae-avatars.

    python -m train vae_avatars
"""

from dataclasses import dataclass

from train import vae_faces
from train.loop import setting
from train.vae_faces import export, preview, setup, steps  # noqa: F401 - the same recipe on other data


@dataclass(frozen=True)
class Settings(vae_faces.Settings):
    name: str = setting("vae-avatars", "name of the checkpoint")
    data: str = setting("avatars", "data set: avatars, celeba or fake")
    steps: int = setting(6000, "optimisation steps of the whole run")
    widths: tuple[int, ...] = setting((24, 48, 96, 128), "channels after each halving")
    variance: float = setting(0.03, "variance of p(x | z) per pixel channel, images in [-1, 1]")
    rate: float = setting(0.0, "nats that the KL should settle at, by adapting beta; 0 keeps beta as it is")
    perceptual: float = setting(0.0, "weight of the perceptual distance, in nats per unit; 0 leaves it out")
    judge: str = setting("judge-avatars", "checkpoint that measures the sliders")
    sliders: tuple[str, ...] = setting(
        ("Smiling", "Eyeglasses", "Facial_Hair", "Long_Hair", "Wearing_Hat", "Bald")
        + ("Blond_Hair", "Brown_Hair", "Black_Hair", "Pale_Skin", "Dark_Skin"),
        "attributes that become sliders on the page, in this order",
    )
