"""Small random checkpoints and a small data set, so that tests of pages depend on nothing that is shipped."""

from pathlib import Path

import numpy as np
import torch

from gen_lab import atlas, checkpoint
from gen_lab.data import avatars, cache
from gen_lab.digits import BETAS
from gen_lab.latent import Directions
from gen_lab.models import ae, judge, vae

SLIDERS = {
    "faces": ("Smiling", "Male", "Blond_Hair"),
    "avatars": ("Smiling", "Eyeglasses", "Long_Hair", "Bald"),
}
DATA = {"faces": "celeba", "avatars": "avatars"}
LATENT = {"faces": 8, "avatars": 6}  # different, so that a photo's latent of one does not fit the other


def make_checkpoints(folder: Path) -> Path:
    """vae-faces, judge-faces, vae-avatars and judge-avatars, with random weights that make sliders and meters move."""
    torch.manual_seed(0)
    for kind, sliders in SLIDERS.items():
        face = _face(LATENT[kind])
        judging = judge.Judge(judge.Config(attribute_names=(*sliders, "Young"), widths=(8, 8)))
        _make_unsure(judging, face.decode(face.sample(1, torch.Generator().manual_seed(1))))
        directions = Directions.fit(torch.randn(60, LATENT[kind]), torch.randn(60, len(sliders)) > 0, sliders)
        data = {"name": DATA[kind], "split": "train", "images": 20, "licence": "none"}
        card = {"data": data, "steps": 2, "seconds": 1, "device": "cpu", "limits": ["It knows nothing."]}

        def named(family: str, kind=kind, card=card) -> dict:
            return card | {"name": f"{family}-{kind}", "family": family, "recipe": f"{family}_{kind}"}

        edits = {"sliders": sliders, "judge": f"judge-{kind}"}
        checkpoint.save(folder / f"vae-{kind}", face, named("vae") | edits, directions=directions)
        checkpoint.save(folder / f"judge-{kind}", judging, named("judge"))
        make_atlas(folder / f"vae-{kind}", sliders)
    return folder


def make_atlas(folder: Path, names: tuple[str, ...], points: int = 60) -> atlas.Atlas:
    """An atlas with random latents and a first attribute that says on which side of the map a point lies."""
    random = np.random.default_rng(0)
    latents = random.normal(size=(points, checkpoint.read_card(folder)["config"]["latent_dim"])).astype(np.float16)
    umap = random.normal(size=(points, 2))
    attributes = np.concatenate([umap[:, :1] > 0, random.random((points, len(names) - 1)) > 0.5], axis=1)
    parameters = {"n_neighbors": 15, "min_dist": 0.1, "metric": "euclidean"}
    made = atlas.Atlas(
        latents.astype(np.float32), attributes, tuple(names), "test", umap.astype(np.float32), parameters
    )
    atlas.save(folder, made)
    return made


def make_avatars(count: int = 24) -> None:
    """A data set of so few avatars, 8 of them for tests, where `avatars.load` looks for its 30,000."""
    images, attributes = avatars.render(count, processes=1)
    splits = {"train": (0, count - 16), "valid": (count - 16, count - 8), "test": (count - 8, count)}
    place = avatars._cache_folder(avatars.COUNT, avatars.SEED)
    cache.write(place, [images], images.shape, attributes, avatars.ATTRIBUTE_NAMES, splits)


@torch.no_grad()
def _face(latent_dim: int) -> vae.VAE:
    """A VAE with larger last weights: the pictures of a fresh one are all but grey."""
    face = vae.VAE(vae.Config(latent_dim=latent_dim, widths=(8, 8, 8, 8), components=2)).eval()
    list(face.decoder.parameters())[-2].mul_(2)
    return face


@torch.no_grad()
def _make_unsure(judging: judge.Judge, picture: torch.Tensor) -> None:
    """A judge that gives this picture 50 % in everything, and is sensitive to every change of it."""
    judging.head.weight.mul_(200)
    judging.head.bias.zero_()
    judging.head.bias.copy_(-judging.eval()(picture)[0])


def make_planes(folder: Path) -> Path:
    """The digits' checkpoints with random weights and small atlases: both autoencoders, the betas, clothes, a judge."""
    torch.manual_seed(0)
    names = tuple("0123456789")
    kinds = {"ae-digits": ae, "vae-fashion": vae} | dict.fromkeys(BETAS.values(), vae)
    for name, family in kinds.items():
        model = family.Model(family.Config(image_size=28, channels=1, latent_dim=2, widths=(), hidden=(8, 8))).eval()
        data = {"name": "fashion" if "fashion" in name else "mnist", "split": "train", "images": 20, "licence": "none"}
        card = {"name": name, "family": family.__name__.rpartition(".")[2], "recipe": name.replace("-", "_"),
                "data": data, "steps": 2, "seconds": 1, "device": "cpu", "limits": ["It knows nothing."]}  # fmt: skip
        checkpoint.save(folder / name, model, card)
        latents, labels = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 10
        encoded = atlas.Atlas(latents, labels[:, None] == np.arange(10), names, "test", None, {})
        atlas.save(folder / name, encoded)
    judging = judge.Judge(judge.Config(names, image_size=28, channels=1, widths=(8, 8), exclusive=True)).eval()
    checkpoint.save(folder / "judge-digits", judging, card | {"name": "judge-digits", "family": "judge"})
    return folder
