"""Scenes of every kind, alone and of many users at once: what shares a forward pass, and what each gets back."""

import numpy as np
import pytest
import torch

from gen_lab import device
from gen_lab.images import to_uint8
from gen_lab.scenes import Request, Scene, edit, render


class Painter(torch.nn.Module):
    """Pictures of 2 x 2 pixels as bright as the latent's only number, or the label's; counts its passes."""

    def __init__(self):
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.zeros(1))
        self.passes = []

    def decode(self, latents, labels=None):
        self.passes.append(len(latents))
        brightness = latents if labels is None else latents * labels
        return brightness[:, :, None, None].expand(-1, 1, 2, 2)

    def score(self, images):
        return images.mean((1, 2, 3))

    def translate(self, images):
        self.passes.append(len(images))
        return -images


def both(model, latents):
    images = model.decode(latents)
    return images, model.score(images)


def translate(model, images):
    return model.translate(images)


def brightness(images, values):
    return to_uint8(images)[0]


def test_a_forward_may_give_several_tensors():
    def compose(outputs, values):
        images, scores = outputs
        return to_uint8(images)[0] if scores[0] > 0 else np.zeros((2, 2, 1), np.uint8)

    scene = Scene(Painter(), 1, -1, 1, lambda values: values[None], compose, both)
    assert (scene([0.6]) == 204).all() and (scene([-0.6]) == 0).all()


def test_a_forward_may_take_several_tensors():
    scene = Scene(Painter(), 2, -1, 1, lambda values: (values[:1, None], values[1:, None]), brightness)
    assert (scene([0.5, 0.4]) == to_uint8(torch.full((1, 1, 1, 1), 0.2))).all()


def test_a_scene_may_take_a_drawing():
    def inputs(values, drawing):
        return torch.from_numpy(drawing)[None, None] / 255 + values

    scene = Scene(Painter(), 1, -1, 1, inputs, brightness, translate, drawing=(2, 2))
    drawing = np.array([[0, 255], [0, 0]], np.uint8)
    assert scene([0.0], drawing)[:, :, 0].tolist() == [[128, 0], [128, 128]]


def test_a_scene_without_a_model_composes_its_inputs():
    def inputs(values):
        return torch.full((1, 2, 2, 1), int(values[0]))

    scene = Scene(None, 1, 0, 9, inputs, lambda pictures, values: pictures[0].numpy())
    assert [picture.max() for picture in render([Request(scene, [3]), Request(scene, [7])])] == [3, 7]


def test_requests_share_a_pass_where_model_forward_and_shape_agree():
    model, other = Painter(), Painter()
    scenes = [
        Scene(model, 1, -1, 1, lambda values: values[None], brightness),
        Scene(model, 1, -1, 1, lambda values: values.expand(3, 1), brightness),
        Scene(other, 1, -1, 1, lambda values: values[None], brightness),
        Scene(model, 1, -1, 1, lambda values: values[None], lambda outputs, _: to_uint8(outputs[0])[0], both),
        Scene(model, 1, -1, 1, lambda values: values.expand(1, 1, 2, 2), brightness, translate),
        Scene(model, 1, -1, 1, lambda values: values.expand(1, 1, 3, 3), brightness, translate),
        Scene(model, 1, -1, 1, lambda values: -values[None], brightness),
    ]
    requests = [Request(scene, [number / 10]) for number, scene in enumerate(scenes)]
    pictures = render(requests)
    assert model.passes == [1 + 3 + 1, 1, 1, 1] and other.passes == [1]
    alone = [scene(values) for scene, values, *_ in requests]
    assert all((picture == other).all() for picture, other in zip(pictures, alone, strict=True))


def test_what_is_too_much_for_one_pass_takes_several(monkeypatch):
    monkeypatch.setattr(device, "ROWS", 4)
    model = Painter()
    requests = [Request(edit(model, torch.zeros(1), torch.eye(1), compare=True), [number / 10]) for number in range(5)]
    pictures = render(requests)
    assert model.passes == [4, 4, 2]
    assert [picture[0, -1, 0] for picture in pictures] == [128, 140, 153, 166, 178]


@pytest.mark.parametrize("labels", [None, torch.full((10, 1), 0.5)])
def test_decoding_in_parts_gives_the_same_pictures(monkeypatch, labels):
    monkeypatch.setattr(device, "ROWS", 4)
    model, latents = Painter(), torch.linspace(-1, 1, 10)[:, None]
    inputs = (latents,) if labels is None else (latents, labels)
    assert (device.decode(model, *inputs) == to_uint8(Painter().decode(*inputs))).all() and model.passes == [4, 4, 2]
