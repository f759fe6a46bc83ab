"""Models, loaded for all pages."""

import pytest
import torch

from gen_lab import device
from gen_lab.ui import models

pytestmark = pytest.mark.usefixtures("checkpoints")


def test_models_are_loaded_once_for_everybody():
    assert models.load("vae-faces").model is models.load("vae-faces").model


def test_a_model_whose_gpu_has_failed_is_loaded_again(monkeypatch):
    monkeypatch.setattr(device, "best_device", lambda: torch.device("meta"))
    on_gpu = models.load("vae-faces")
    monkeypatch.setattr(device, "best_device", lambda: torch.device("cpu"))
    model = models.load("vae-faces").model
    assert model is not on_gpu.model and next(model.parameters()).device.type == "cpu"
