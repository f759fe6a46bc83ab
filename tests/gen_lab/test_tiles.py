"""Pictures whose tiles take turns: what a hurried frame draws, and that a picture at rest is finished."""

import numpy as np
import pytest
import torch

from gen_lab import tiles
from gen_lab.images import grid, to_uint8
from gen_lab.scenes import Request, Scene, edit, render
from gen_lab.tiles import FINISHED, ROUGH, WAITING, Pace, Tiles

HURRIED = 0.0  # seconds a round


class Painter(torch.nn.Module):
    """Pictures of 2 x 2 pixels as bright as the latent's only number; counts the rows of its passes."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1, bias=False).requires_grad_(False)
        torch.nn.init.ones_(self.layer.weight)
        self.passes = []

    def decode(self, latents):
        self.passes.append(len(latents))
        return self.layer(latents)[:, :, None, None].expand(-1, 1, 2, 2)


def row_scene(model, count: int) -> Scene:
    """Tiles side by side, each as bright as the value."""

    def compose(images, values):
        return grid(to_uint8(images), count)

    return Scene(model, 1, -1, 1, lambda values: values.expand(count, 1), compose)


def brightness(picture: np.ndarray) -> list[int]:
    return picture[0, ::2, 0].tolist()


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    """Tiles are kept however fast they are drawn."""
    monkeypatch.setattr(tiles, "KEPT_SECONDS", -1.0)
    monkeypatch.setattr(tiles, "MATRIX_UNITS", False)


def test_tiles_take_turns_when_there_is_no_time():
    model, mine, pace = Painter(), Tiles(), Pace(HURRIED)
    scene = row_scene(model, 3)
    frames = [render([Request(scene, [value], tiles=mine)], pace)[0] for value in (-1.0, 1.0, 0.6, 0.2)]
    assert [brightness(frame) for frame in frames] == [[0, 0, 0], [255, 0, 0], [255, 204, 0], [255, 204, 153]]
    assert model.passes == [3, 1, 1, 1] and mine.state == WAITING


def test_a_picture_at_rest_is_finished_and_then_costs_nothing():
    model, mine, pace = Painter(), Tiles(), Pace(HURRIED)
    scene = row_scene(model, 3)
    render([Request(scene, [-1.0], tiles=mine)], pace)
    states = []
    for _ in range(4):
        (picture,) = render([Request(scene, [0.6], tiles=mine)], pace)
        states.append(mine.state)
    assert states == [WAITING, WAITING, FINISHED, FINISHED] and model.passes == [3, 1, 1, 1]
    assert (picture == scene([0.6])).all()


def test_with_time_enough_every_frame_is_finished():
    model, mine = Painter(), Tiles()
    scene, pace = row_scene(model, 3), Pace(10.0)
    for value in (-1.0, 0.5, 1.0):
        (picture,) = render([Request(scene, [value], tiles=mine)], pace)
        assert mine.state == FINISHED and (picture == scene([value])).all()


def test_a_viewer_without_tiles_gets_the_whole_picture_beside_those_who_wait():
    model, pace = Painter(), Pace(HURRIED)
    scene, viewers = row_scene(model, 4), [Tiles(), Tiles()]
    for value in (-1.0, 1.0):
        requests = [Request(scene, [value], tiles=mine) for mine in viewers]
        *hurried, whole = render([*requests, Request(scene, [value])], pace)
    assert [brightness(picture) for picture in hurried] == [[255, 0, 0, 0]] * 2
    assert brightness(whole) == [255] * 4


def test_what_has_not_changed_is_not_drawn_again():
    model, mine = Painter(), Tiles()
    scene = edit(model, torch.zeros(1), torch.ones(1, 1), compare=True)
    pictures = [render([Request(scene, [value], tiles=mine)])[0] for value in (0.2, 0.4, 0.6)]
    assert model.passes == [2, 1, 1]
    assert all((picture == scene([value])).all() for picture, value in zip(pictures, (0.2, 0.4, 0.6), strict=True))


def test_tiles_that_are_quickly_drawn_are_not_kept(monkeypatch):
    monkeypatch.setattr(tiles, "KEPT_SECONDS", 10.0)
    model, mine, pace = Painter(), Tiles(), Pace(HURRIED)
    for value in (-1.0, 1.0):
        (picture,) = render([Request(row_scene(model, 3), [value], tiles=mine)], pace)
        assert mine.state == FINISHED and mine.outputs == ()
    assert brightness(picture) == [255] * 3


def test_what_moves_is_rough_and_at_rest_it_is_finished(monkeypatch):
    monkeypatch.setattr(tiles, "MATRIX_UNITS", True)
    model, mine, pace = Painter(), Tiles(), Pace(10.0)
    torch.nn.init.constant_(model.layer.weight, 0.7)
    scene, pictures, states = row_scene(model, 5), [], []
    for value in (0.3, 0.33, 0.33):
        pictures += render([Request(scene, [value], tiles=mine)], pace)
        states.append(mine.state)
    assert states == [ROUGH, ROUGH, FINISHED]
    assert (pictures[2] == scene([0.33])).all() and np.abs(pictures[1].astype(int) - pictures[2]).max() <= 2


def test_a_scene_that_fails_leaves_its_tiles_as_they_were():
    class Moody(Painter):
        def decode(self, latents):
            if (latents > 0.9).any():
                raise ArithmeticError
            return super().decode(latents)

    model, mine = Moody(), Tiles()
    scene = row_scene(model, 3)
    render([Request(scene, [0.0], tiles=mine)])
    with pytest.raises(ArithmeticError):
        render([Request(scene, [1.0], tiles=mine)])
    (picture,) = render([Request(scene, [0.6], tiles=mine)])
    assert mine.state == FINISHED and brightness(picture) == [204] * 3
