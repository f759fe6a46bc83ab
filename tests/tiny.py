"""Small random checkpoints and a small data set, so that tests of pages depend on nothing that is shipped."""

import json
from functools import cache as once
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch

from gen_lab import checkpoint, images
from gen_lab.checkpoint import atlas
from gen_lab.data import avatars, cache, fake_captions
from gen_lab.images import to_float
from gen_lab.latent import Directions
from gen_lab.models import ae, caption, cgan, dcgan, gan, judge, vae, wgan_gp
from gen_lab.models.parts.text import Vocabulary
from pages.digits.state import BETAS
from train import novelty
from train.recipes.caption_photos import captions_as_numbers

SLIDERS = {
    "faces": ("Smiling", "Male", "Blond_Hair"),
    "avatars": ("Smiling", "Eyeglasses", "Long_Hair", "Bald"),
}
DATA = {"faces": "celeba", "avatars": "avatars"}
LATENT = {"faces": 8, "avatars": 6}  # different, so that a photo's latent of one does not fit the other


def make_site(folder: Path) -> Path:
    """All that the app can serve, in folders of one: every checkpoint of this module, 24 avatars, a cache."""
    with pytest.MonkeyPatch.context() as patch:
        for name, place in places(folder).items():
            patch.setenv(name, place)
        checkpoints = folder / "checkpoints"
        make_checkpoints(checkpoints)
        make_planes(checkpoints)
        make_adversarial(checkpoints)
        make_replays(checkpoints)  # gan-digits is the one of these: it has a replay too
        make_captioner(checkpoints)
        make_memorable(checkpoints)
        make_avatars()
        assert novelty.main(["vae-shapes"]) == 0
    return folder


def places(folder: Path) -> dict[str, str]:
    """The environment of an app that serves what `make_site` made."""
    return {f"GEN_LAB_{place.upper()}": str(folder / place) for place in ("checkpoints", "data", "cache")}


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


def make_replays(folder: Path) -> Path:
    """Three runs to watch again: a GAN whose pictures become alike, a critic's, and another."""
    model = _bold(gan.GAN(ADVERSARIAL["gan-digits"][1]))
    steps, rows = np.arange(50, 2001, 50), np.arange(0, 2001, 100)
    late = steps > 1000
    losses = {
        "gan-digits": {"generator": 1 + 4 * late, "discriminator": 0.6 - 0.5 * late,
                       "real": 0.6 + 0.39 * late, "fake": 0.4 - 0.39 * late},
        "wgan_gp-digits": {"critic": 1 / steps - 2, "wasserstein": 2.5 + 0 * late, "penalty": 0.5 + 1 / steps,
                           "real": 2 + 0 * late, "fake": -0.5 + 0 * late, "generator": 0.5 + 0 * late},
        "other": {"kl": 3 + 0 * late},
    }  # fmt: skip
    note = {"step": 1000, "until": 1500, "title": "It falls", "text": "Look at *this*."}
    for name, named in losses.items():
        pictures = np.random.default_rng(0).integers(0, 64, (len(rows), 6, 28, 28, 1), dtype=np.uint8)
        if name == "gan-digits":
            pictures[rows > 1000] = pictures[-1, 0]
        pictures += np.arange(0, 8 * len(rows), 8, dtype=np.uint8)[:, None, None, None, None]  # each row is brighter
        lines = [
            {"step": int(step), "epoch": step / 500, "seconds": 1.0}
            | {key: float(values[index]) for key, values in named.items()}
            for index, step in enumerate(steps)
        ]
        files = {
            "replay.webp": images.encode(images.grid(pictures.reshape(-1, 28, 28, 1), 6), "WEBP", lossless=True),
            "history.jsonl": "".join(json.dumps(line) + "\n" for line in lines).encode(),
        }
        card = {"name": name, "family": "gan", "recipe": "gan_digits", "steps": 2000, "seconds": 1, "device": "cpu",
                "data": {"name": "mnist", "split": "train", "images": 20, "licence": "none"},
                "replay": {"steps": rows.tolist(), "columns": 6, "diversity": 0.1},
                "limits": ["It knows nothing."]}  # fmt: skip
        if name == "gan-digits":
            seen = {"seen_as": {"0": 0.995, "1": 0.005}, "seen_as_of_real": {"0": 0.5, "1": 0.5}}
            card |= {"lesson": "mode collapse", "annotations": [note], "metrics": seen}
        checkpoint.save(folder / name, model, card, files)
    return folder


ADVERSARIAL = {  # name -> family, its config, data set
    "gan-digits": (gan, gan.Config(latent_dim=16, widths=(16, 16), critic_widths=(16,)), "mnist"),
    "gan-digits-collapse": (gan, gan.Config(latent_dim=16, widths=(16, 16), critic_widths=(16,)), "mnist"),
    "dcgan-bricks": (dcgan, dcgan.Config(latent_dim=8, widths=(8,) * 4, critic_widths=(8,) * 4), "bricks"),
    "wgan_gp-faces": (wgan_gp, wgan_gp.Config(latent_dim=8, widths=(8,) * 4, critic="pixels", critic_widths=(8,) * 4),
                      "celeba"),
    "cgan-faces": (cgan, cgan.Config(latent_dim=8, widths=(8,) * 4, critic="pixels", critic_widths=(8,) * 4,
                                     classes=("not Blond_Hair", "Blond_Hair")), "celeba"),
    "cgan-digits": (cgan, cgan.Config(image_size=28, channels=1, latent_dim=8, widths=(8, 8), critic="pixels",
                                      critic_widths=(8, 8), classes=tuple("0123456789")), "mnist"),
}  # fmt: skip


def make_adversarial(folder: Path) -> Path:
    """Every adversarial checkpoint, with random weights that make different pictures, a failed run among them, and the
    judges of the conditional ones where there are none yet."""
    torch.manual_seed(0)
    for name, (family, config, data) in ADVERSARIAL.items():
        model = _bold(family.Model(config))
        card = {"name": name, "family": family.__name__.rpartition(".")[2], "recipe": name.replace("-", "_"),
                "data": {"name": data, "split": "train", "images": 20, "licence": "none"}, "steps": 2, "seconds": 1,
                "device": "cpu", "limits": ["It knows nothing."]}  # fmt: skip
        also = {"lesson": "mode collapse"} if name.endswith("collapse") else {}
        if name.startswith("cgan"):
            also = {"judge": f"judge-{name.partition('-')[2]}"}
        checkpoint.save(folder / name, model, card | also)
    digits = judge.Config(tuple("0123456789"), image_size=28, channels=1, widths=(8, 8), exclusive=True)
    faces = judge.Config(("Smiling", "Blond_Hair"), widths=(8, 8))
    for name, config in (("judge-digits", digits), ("judge-faces", faces)):
        if not (folder / name).exists():
            checkpoint.save(folder / name, judge.Judge(config).eval(), card | {"name": name, "family": "judge"})
    return folder


def make_generator_with_sliders(folder: Path) -> Path:
    """The adversarial checkpoints beside those of `make_checkpoints`; wgan_gp-faces has the sliders of faces."""
    place, sliders = make_adversarial(folder) / "wgan_gp-faces", SLIDERS["faces"]
    dim = ADVERSARIAL["wgan_gp-faces"][1].latent_dim
    Directions.fit(torch.randn(60, dim), torch.randn(60, len(sliders)) > 0, sliders).save(
        place / "directions.safetensors"
    )
    checkpoint.update_card(place, checkpoint.read_card(place), judge="judge-faces", sliders=sliders)
    return folder


@torch.no_grad()
def _bold(model: torch.nn.Module) -> torch.nn.Module:
    """With larger weights: the pictures of fresh ones are all but grey."""
    for parameter in model.parameters():
        parameter.mul_(2)
    return model.eval()


def make_memorable(folder: Path) -> Path:
    """vae-shapes and its judge, judge-shapes, on the tiny data set of digits that needs no files."""
    torch.manual_seed(0)
    data = {"name": "fake_digits", "split": "train", "images": 64, "licence": "none"}
    card = {"data": data, "recipe": "vae_digits", "steps": 2, "seconds": 1, "device": "cpu", "limits": ["It is tiny."]}
    shapes = vae.VAE(vae.Config(image_size=28, channels=1, latent_dim=3, widths=(), hidden=(8, 8))).eval()
    checkpoint.save(
        folder / "vae-shapes", shapes, card | {"name": "vae-shapes", "family": "vae", "judge": "judge-shapes"}
    )
    names = ("Small_Square", "Small_Disc", "Large_Square", "Large_Disc")
    judging = judge.Judge(judge.Config(names, image_size=28, channels=1, widths=(8, 8), exclusive=True)).eval()
    checkpoint.save(folder / "judge-shapes", judging, card | {"name": "judge-shapes", "family": "judge"})
    return folder


def make_captioner(folder: Path, decoder: str = "gru", steps: int = 80) -> Path:
    """caption-photos, taught for a second or two on coloured shapes: it says sentences that depend on the picture."""
    data = {"name": "flickr8k", "split": "train", "images": 20, "licence": "none"}
    card = {"name": "caption-photos", "family": "caption", "recipe": "caption_photos", "data": data, "steps": steps,
            "seconds": 1, "device": "cpu", "limits": ["It knows nothing but shapes."]}  # fmt: skip
    checkpoint.save(folder / "caption-photos", _taught(decoder, steps), card)
    return folder


@once
def _taught(decoder: str, steps: int) -> caption.Captioner:
    torch.manual_seed(0)
    shown = fake_captions.load("train")
    words = Vocabulary.build(chain.from_iterable(shown.captions), minimum=1).words
    config = caption.Config(" ".join(words), decoder, embedding_dim=32, hidden_dim=48, attention_dim=16)
    model = caption.Captioner(config)
    model.encoder.load_imagenet()
    pictures = torch.cat([to_float(np.asarray(shown.images[index])[None]) for index in range(len(shown))])
    maps = model.features(pictures).permute(0, 3, 1, 2)
    numbers = captions_as_numbers(shown, model.vocabulary, 20).flatten(0, 1)
    optimiser = torch.optim.Adam(model.decoder.parameters(), 1e-2)
    for _ in range(steps):
        logits, attention = model(maps, numbers[:, :-1])
        optimiser.zero_grad()
        caption.loss(logits, numbers[:, 1:], attention)["total"].backward()
        optimiser.step()
    return model


def count_parameters(module: torch.nn.Module) -> int:
    """Trainable numbers in a module."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
