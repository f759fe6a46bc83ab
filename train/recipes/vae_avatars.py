"""VAE on rendered avatars -> checkpoints/vae-avatars.

    python -m train vae_avatars
"""

from dataclasses import dataclass

from gen_lab.values import Count, Name, NameOrNone, Names, Natural, Positive, Weight, Widths
from train.loop import Attributes, DataName, setting
from train.recipes import vae_faces
from train.recipes.vae_faces import preview, setup, steps  # noqa: F401 - the same recipe on other data


@dataclass(frozen=True)
class Settings(vae_faces.Settings):
    name: Name = setting("vae-avatars", "name of the checkpoint")
    data: DataName = setting("avatars", "data set: one that python -m train.data lists")
    steps: Count = setting(2600, "optimisation steps of the whole run")
    widths: Widths = setting((24, 48, 96, 128), "channels after each halving")
    variance: Positive = setting(0.03, "variance of p(x | z) per pixel channel, images in [-1, 1]")
    rate: Weight = setting(70.0, "nats that the KL should settle at, by adapting beta; 0 keeps beta as it is")
    perceptual: Weight = setting(60.0, "weight of the perceptual distance, in nats per unit; 0 leaves it out")
    polish: Natural = setting(700, "steps, the last of the run, in which the decoder is polished; 0 leaves them out")
    polish_perceptual: Weight = setting(100.0, "weight of the perceptual distance while polishing")
    adversarial: Weight = setting(200.0, "weight of the discriminator, in nats per unit of its logit")
    exclusive: Names = setting(
        ("Black_Hair+Blond_Hair+Brown_Hair+Bald", "Bald+Long_Hair", "Pale_Skin+Dark_Skin"),
        "groups of attributes of which a picture has at most one",
    )
    judge: NameOrNone = setting("judge-avatars", "checkpoint that measures the sliders")
    sliders: Attributes = setting(
        ("Smiling", "Eyeglasses", "Facial_Hair", "Long_Hair", "Wearing_Hat", "Bald")
        + ("Blond_Hair", "Brown_Hair", "Black_Hair", "Pale_Skin", "Dark_Skin"),
        "attributes that become sliders on the page, in this order",
    )


def export(run, settings):
    result = vae_faces.export(run, settings)
    result.card["limits"] = LIMITS
    return result


LIMITS = [
    "Outlines carry a fine texture that the drawings do not have, and a few samples are two drawings at once.",
    "Hair colours are the weakest sliders: red and grey hair count as none of the three.",
    "The attributes of a drawing are ground truth for this data set only; nothing here is about people.",
]
