"""The box of a plane, and its grid."""

import torch

from gen_lab.latent import Box


def test_a_box_holds_the_middle():
    latents = torch.stack([torch.linspace(0, 100, 1001), torch.linspace(-1, 1, 1001)], 1)
    box = Box.around(latents, inside=0.9)
    assert torch.allclose(box.low, torch.tensor([5.0, -0.9])) and torch.allclose(box.high, torch.tensor([95.0, 0.9]))


def test_a_grid_reads_like_a_page():
    points = Box(torch.tensor([0.0, 10.0]), torch.tensor([2.0, 30.0])).grid(3)
    assert points.tolist() == [[0, 30], [1, 30], [2, 30], [0, 20], [1, 20], [2, 20], [0, 10], [1, 10], [2, 10]]


def test_places_and_latents_are_each_others_inverse():
    box = Box(torch.tensor([-2.0, 10.0]), torch.tensor([2.0, 30.0]))
    places = torch.tensor([[-1.0, -1.0], [1.0, 1.0], [0.0, 0.5]])
    assert torch.equal(box.latents(places)[:2], torch.stack([box.low, box.high]))
    assert torch.allclose(box.places(box.latents(places)), places, atol=1e-6)
