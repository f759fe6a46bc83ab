"""The face of Home."""

import base64
import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from pages.home.control import FRAMES, HIGH, LOW, hero
from tests.apptest import home
from tests.tiny import LATENT

pytestmark = pytest.mark.usefixtures("checkpoints")


def films(app) -> list[dict]:
    """What the faces on the page were sent."""
    messages = [json.loads(component.proto.json) for component in app.get("bidi_component")]
    return [message for message in messages if "film" in message]


def test_the_film_has_the_scene_s_pictures_from_one_end_to_the_other():
    face = hero()
    film = np.asarray(Image.open(io.BytesIO(base64.b64decode(face.film.partition(",")[2]))).convert("RGB"), int)
    assert film.shape == (64, 64 * FRAMES, 3)
    low, high = face.scene([LOW]).astype(int), face.scene([HIGH]).astype(int)
    assert abs(film[:, :64] - low).mean() < abs(film[:, :64] - high).mean()  # not equal, for it is compressed
    assert abs(film[:, -64:] - high).mean() < abs(film[:, -64:] - low).mean()


def test_the_face_is_a_person_s_or_an_avatar_s_or_none(checkpoints):
    assert hero().size == LATENT["faces"]
    shutil.rmtree(checkpoints / "vae-faces")
    assert hero().size == LATENT["avatars"]
    shutil.rmtree(checkpoints / "vae-avatars")
    assert hero() is None


def test_a_broken_model_is_passed_over(checkpoints):
    (checkpoints / "vae-faces" / "model.safetensors").unlink()
    assert hero().size == LATENT["avatars"]


def test_home_sends_the_film_and_the_token_of_the_live_scene():
    (data,) = films(home())
    assert data["frames"] == FRAMES and data["token"] and f"{LATENT['faces']} numbers" in data["words"]["hint"]


def test_without_a_model_home_says_how_to_train_one(tmp_path, monkeypatch):
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path / "none"))
    app = home()
    assert not films(app) and app.code[0].value == "python -m train vae_avatars"
