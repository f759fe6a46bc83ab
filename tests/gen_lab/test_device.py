"""Which device the models run on, and what happens when its memory ends."""

import pytest
import torch

from gen_lab import device
from gen_lab.scenes import Request, edit, render


@pytest.fixture(autouse=True)
def no_notice(monkeypatch):
    monkeypatch.setattr(device, "_notice", [])


def test_the_wish_is_followed(monkeypatch):
    monkeypatch.setenv("GEN_LAB_DEVICE", "cpu")
    assert device.best_device() == torch.device("cpu") and device.device_name() == "CPU"
    monkeypatch.setenv("GEN_LAB_DEVICE", "toaster")
    with pytest.raises(ValueError, match="use auto, cpu, cuda or mps"):
        device.best_device()


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_not_there_says_what_to_use(monkeypatch, name):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setenv("GEN_LAB_DEVICE", name)
    with pytest.raises(ValueError, match="use auto or cpu"):
        device.best_device()
    monkeypatch.setenv("GEN_LAB_DEVICE", "auto")
    assert device.best_device().type == "cpu"


class Greedy(torch.nn.Module):
    """Runs out of memory until it has been moved to the CPU `patience` times."""

    def __init__(self, patience: int):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))
        self.patience = patience

    def to(self, *args, **kwargs):
        self.patience -= 1
        return super().to(*args, **kwargs)

    def decode(self, latents):
        if self.patience > 0:
            raise torch.OutOfMemoryError("out of memory")
        return latents[:, :1, None, None].expand(-1, 3, 2, 2)


def test_out_of_memory_falls_back_to_the_cpu_and_says_so():
    scene = edit(Greedy(1), torch.zeros(2), torch.eye(2))
    assert device.notice() is None
    assert scene([1.0, 0.0]).max() == 255
    assert "CPU" in device.notice()


def test_out_of_memory_on_the_cpu_too_names_the_remedy():
    with pytest.raises(MemoryError, match="close other programs"):
        edit(Greedy(5), torch.zeros(2), torch.eye(2))([1.0, 0.0])


def test_a_model_that_does_not_fit_is_loaded_on_the_cpu():
    class TooLarge(torch.nn.Linear):
        def to(self, place):
            if place != "cpu":
                raise torch.OutOfMemoryError("out of memory")
            return super().to(place)

    assert device.place(TooLarge(1, 1), "cuda").weight.device.type == "cpu"
    assert "CPU" in device.notice()


def test_users_of_one_model_share_a_forward_pass():
    class Counting(Greedy):
        passes = 0

        def decode(self, latents):
            self.passes += 1
            return super().decode(latents)

    one, two = Counting(0), Counting(0)
    scenes = [edit(model, torch.zeros(2), torch.eye(2), compare=model is two) for model in (one, two, one, one)]
    pictures = render([Request(scene, [float(index), 0.0]) for index, scene in enumerate(scenes)])
    assert (one.passes, two.passes) == (1, 1)
    assert [picture.shape for picture in pictures] == [(2, 2, 3), (2, 6, 3), (2, 2, 3), (2, 2, 3)]
    assert all((a == scene([float(i), 0.0])).all() for i, (a, scene) in enumerate(zip(pictures, scenes, strict=True)))
