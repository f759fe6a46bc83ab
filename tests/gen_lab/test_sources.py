"""Sources: every one has a latent, or says why not; latents and pictures come through a link."""

import numpy as np
import pytest
import torch
from PIL import Image

from gen_lab.checkpoint import Checkpoint
from gen_lab.data import MissingData
from gen_lab.latent import Directions
from gen_lab.models import vae
from gen_lab.sources import (
    encode_picture,
    from_token,
    latent,
    opening,
    pack,
    pack_picture,
    posterior,
    unpack,
    unpack_picture,
)

NOT_A_NUMBER = pack(torch.full((4,), torch.nan))


def make(channels: int, size: int) -> Checkpoint:
    torch.manual_seed(0)
    config = vae.Config(image_size=size, channels=channels, latent_dim=4, widths=(8, 8), components=2)
    directions = Directions.fit(torch.randn(50, 4), torch.randn(50, 2) > 0, ("Smiling", "Male"))
    model = vae.VAE(config).eval().requires_grad_(False)
    return Checkpoint(model, {"family": "vae", "config": {}, "data": {"name": "fake"}}, directions)


@pytest.fixture(scope="module")
def tiny() -> Checkpoint:
    return make(3, 64)


def test_a_sample_is_the_models_own_of_that_seed(tiny):
    own = tiny.model.sample(1, torch.Generator().manual_seed(7))[0]
    assert torch.equal(latent(tiny, "sample", 7), own) and torch.equal(from_token(tiny, "s7"), own)


def test_a_picture_of_the_data_is_encoded_and_they_begin_anew_after_the_last(tiny):
    assert torch.equal(latent(tiny, "data", 6), latent(tiny, "data", 70))
    assert torch.equal(latent(tiny, "data", 6), from_token(tiny, "d6"))


def test_a_group_is_its_mean_and_no_group_is_everyone(tiny):
    assert torch.equal(latent(tiny, "group", "Male"), tiny.directions.group_mean("Male"))
    assert torch.equal(latent(tiny, "group", ""), tiny.directions.centre)


def test_a_photo_is_its_packed_latent(tiny):
    packed = pack(torch.ones(4))
    assert torch.equal(latent(tiny, "photo", packed), torch.ones(4))
    assert torch.equal(from_token(tiny, "p" + packed), torch.ones(4))


@pytest.mark.parametrize("kind, value, reason", [
    ("photo", "", "upload"), ("photo", pack(torch.ones(5)), "another model"), ("group", "Ghost", "no group 'Ghost'"),
])  # fmt: skip
def test_a_source_that_cannot_be_says_why(tiny, kind, value, reason):
    with pytest.raises(ValueError, match=reason):
        latent(tiny, kind, value)


def test_data_that_are_not_there_name_the_command(tiny, monkeypatch, tmp_path):
    monkeypatch.setenv("GEN_LAB_DATA", str(tmp_path))
    with pytest.raises(MissingData, match="python -m train.data celeba"):
        latent(Checkpoint(tiny.model, {**tiny.card, "data": {"name": "celeba"}}, None), "data", 1)


def test_a_model_without_encoder_says_so():
    class Generator:
        latent_dim = 4

    with pytest.raises(ValueError, match="no encoder"):
        from_token(Checkpoint(Generator(), {"family": "dcgan", "config": {}, "data": {"name": "fake"}}, None), "d1")


def test_a_grey_model_reads_a_colour_photo_by_its_brightness():
    grey = make(1, 28)
    photo = np.random.default_rng(0).integers(0, 256, (28, 28, 3), np.uint8)
    brightness = np.asarray(Image.fromarray(photo).convert("L"))[:, :, None]
    assert torch.equal(encode_picture(grey, photo), encode_picture(grey, brightness))


def test_a_latent_survives_the_link():
    half = torch.randn(128).half().float()
    assert torch.equal(unpack(pack(half), 128), half)


@pytest.mark.parametrize("text", ["", "A", "AAAA", "!!!!", "ä", "A" * 5000, NOT_A_NUMBER])
def test_a_damaged_latent_in_a_link_says_what_to_do(text):
    with pytest.raises(ValueError, match="upload the photo again"):
        unpack(text, 4)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_survives_the_link_all_but_its_finest_grain(channels):
    y, x = np.mgrid[:28, :28]
    picture = np.stack([x * 9, y * 9, x * 0 + 90][:channels], -1).astype(np.uint8)
    again = unpack_picture(pack_picture(picture), (channels, 28, 28))
    assert again.shape == picture.shape and np.abs(again.astype(int) - picture).mean() < 6


@pytest.mark.parametrize("text, reason", [
    ("", "upload one"), ("AAAA", "damaged"), ("!", "damaged"),
    (pack_picture(np.zeros((5, 5, 3), np.uint8)), "another model"),
])  # fmt: skip
def test_a_damaged_picture_in_a_link_says_what_to_do(text, reason):
    with pytest.raises(ValueError, match=reason):
        unpack_picture(text, (1, 28, 28))


def test_a_posterior_is_a_mean_and_a_log_variance(tiny):
    pixels = np.full((64, 64, 3), 90, np.uint8)
    mean, log_var = posterior(tiny, pixels)
    assert torch.equal(mean, encode_picture(tiny, pixels)) and log_var.shape == (4,)


def test_pages_open_on_what_the_card_says():
    card = {"opening": {"seed": 390, "keys": ["s249", "d7"]}}
    assert opening(card, "seed") == {"seed": 390} and opening(card, "keys") == {"keys": ("s249", "d7")}


@pytest.mark.parametrize("entry", [None, 3, {}, {"seed": -1}, {"seed": "7"}, {"keys": "s1"}, {"keys": ["s1", "../x"]}])
def test_an_opening_that_is_malformed_is_left_out(entry):
    assert opening({"opening": entry}, "seed", "keys") == {}
