"""Which device the models run on, and what happens when it fails."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from gen_lab import device, registry
from gen_lab.scenes import Request, edit, render


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    monkeypatch.setattr(device, "_notice", [])
    monkeypatch.setattr(device, "_failures", {})


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


FAILURES = {
    "CUDA's memory": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    "Apple's memory": RuntimeError("MPS backend out of memory (MPS allocated: 9 GB, max allowed: 9 GB)."),
    "kernels": RuntimeError("CUDA error: no kernel image is available for execution on the device\nCompile with ..."),
    "operation": NotImplementedError("The operator 'aten::x' is not currently implemented for the MPS device."),
}


class Model(torch.nn.Module):
    """A model on a GPU that fails, for which torch's meta device stands in."""

    def __init__(self, error: Exception | None, place: str = "meta", is_readable: bool = True):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1, device=place))
        self.error, self.is_readable = error, is_readable

    def to(self, place):
        if not self.is_readable:
            raise RuntimeError("CUDA error: unspecified launch failure")
        self.weight = torch.nn.Parameter(torch.ones(1, device=place))
        return self

    def decode(self, latents):
        if latents.is_meta:
            raise self.error
        return latents[:, :1, None, None].expand(-1, 3, 2, 2)


@pytest.mark.parametrize("error", FAILURES.values(), ids=FAILURES)
def test_where_a_gpu_fails_the_cpu_draws_and_users_hear_of_it(error):
    scene = edit(Model(error), torch.zeros(2), torch.eye(2))
    assert device.notice() is None
    assert scene([1.0, 0.0]).max() == 255
    is_full = "memory" in str(error)
    reason = "is out of memory" if is_full else f"cannot be used ({str(error).splitlines()[0]})"
    assert str(device.notice()) == f"The GPU {reason}: models now run on the CPU, slower."
    assert device._failures["meta"] is not is_full


def test_a_model_that_cannot_be_read_back_has_to_be_loaded_again():
    model = Model(FAILURES["kernels"], is_readable=False)
    with pytest.raises(device.DeviceError, match="reload the page"):
        device.decode(model, torch.zeros(1, 2))
    assert device._failures["meta"] and "CPU" in str(device.notice())


def test_an_error_that_the_cpu_raises_too_is_not_the_gpus():
    def wrong(latents):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes"):
        device.on_device(Model(None), wrong, torch.zeros(1, 2))
    assert device.notice() is None


def test_out_of_memory_on_the_cpu_names_the_remedy():
    def greedy(latents):
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory")

    for place in ("meta", "cpu"):
        with pytest.raises(MemoryError, match="close other programs"):
            device.on_device(Model(None, place), greedy, torch.zeros(1, 2))


def test_a_model_that_does_not_fit_is_loaded_on_the_cpu():
    class TooLarge(torch.nn.Linear):
        def to(self, place):
            if place != "cpu":
                raise torch.OutOfMemoryError("out of memory")
            return super().to(place)

    assert device.place(TooLarge(1, 1), "cuda").weight.device.type == "cpu"
    assert "CPU" in str(device.notice())


@pytest.mark.parametrize("choice", ["auto", "cuda"])
def test_a_gpu_that_is_there_but_fails_its_trial_is_not_used(monkeypatch, choice):
    trials = []

    def trial(place):
        trials.append(place.type)
        raise FAILURES["kernels"]

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(device, "trial", trial)
    monkeypatch.setenv("GEN_LAB_DEVICE", choice)
    assert [device.best_device().type for _ in range(3)] == ["cpu"] * 3 and device.device_name() == "CPU"
    assert trials == ["cuda"] and "no kernel image" in str(device.notice())


def test_a_gpu_that_passes_its_trial_is_used_until_it_fails(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(device, "trial", lambda place: None)
    monkeypatch.setenv("GEN_LAB_DEVICE", "auto")
    assert device.best_device().type == "cuda" and device.notice() is None
    device._give_up("cuda", FAILURES["kernels"])
    assert device.best_device().type == "cpu"


class Operations(TorchDispatchMode):
    """The names of torch's operations, without those that work on each number alone or only look at numbers."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        is_view = any(output.alias_info for output in function._schema.returns)
        if torch.Tag.pointwise not in function.tags and not is_view:
            self.names.add(function.overloadpacket.__name__)
        return function(*args, **(kwargs or {}))


CREATE, SMALL = {"eye", "full", "full_like", "randn", "zeros_like"}, {"__or__", "all", "any", "item", "is_nonzero"}
SIMPLE = CREATE | SMALL | {"dropout", "mean"}
METHODS = ("encode", "score", "probabilities", "features", "texture")  # of pictures


def test_the_trial_has_every_operation_of_the_models_that_ship(monkeypatch):
    monkeypatch.delenv("GEN_LAB_CHECKPOINTS", raising=False)
    with Operations() as tried:
        device.trial(torch.device("cpu"))
    families = {card["family"]: name for name, card in registry.cards().items()}
    for name in families.values():
        model = registry.load(name, "cpu").model
        images, classes = torch.zeros(2, *model.image_shape), getattr(model, "classes", ())
        labels = [torch.eye(len(classes))[:2]] if classes else []
        with Operations() as needed, torch.inference_mode():
            if hasattr(model, "decode"):
                model.decode(model.sample(2), *labels)
            for method in METHODS:
                if hasattr(model, method):
                    getattr(model, method)(images, *(labels if method == "score" else []))
            if hasattr(model, "caption"):
                model.caption(images, beam=2)
                list(model.stream(model.features(images[:1]), temperature=1.0, top_k=3, seed=1))
        assert needed.names - tried.names <= SIMPLE, name


def test_users_of_one_model_share_a_forward_pass():
    class Counting(Model):
        passes = 0

        def decode(self, latents):
            self.passes += 1
            return super().decode(latents)

    one, two = Counting(None, "cpu"), Counting(None, "cpu")
    scenes = [edit(model, torch.zeros(2), torch.eye(2), compare=model is two) for model in (one, two, one, one)]
    pictures = render([Request(scene, [float(index), 0.0]) for index, scene in enumerate(scenes)])
    assert (one.passes, two.passes) == (1, 1)
    assert [picture.shape for picture in pictures] == [(2, 2, 3), (2, 6, 3), (2, 2, 3), (2, 2, 3)]
    assert all((a == scene([float(i), 0.0])).all() for i, (a, scene) in enumerate(zip(pictures, scenes, strict=True)))
