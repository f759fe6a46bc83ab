"""Models, loaded for all pages."""

import pytest

from gen_lab.ui import models

pytestmark = pytest.mark.usefixtures("checkpoints")


def test_models_are_loaded_once_for_everybody():
    assert models.load("vae-faces").model is models.load("vae-faces").model
