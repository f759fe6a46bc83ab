"""Augmentation of what a critic sees: differentiable, and in place."""

import torch

from train.augment import DRAWS, augment


def test_augmentation_is_differentiable_and_leaves_the_middle_of_its_draws_alone():
    images = torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    images.requires_grad_()
    middle = torch.full((6, DRAWS), 0.5)
    changed = augment(images, middle)
    hole = torch.zeros(16, 16, dtype=torch.bool)
    hole[4:12, 4:12] = True
    assert torch.allclose(changed[..., ~hole], images[..., ~hole], atol=1e-6) and (changed[..., hole] == 0).all()
    draws = torch.rand(6, DRAWS, generator=torch.Generator().manual_seed(1))
    augment(images, draws).square().sum().backward()
    assert images.grad.isfinite().all() and (images.grad != 0).any((1, 2, 3)).all()
    alone = augment(images[2:3], draws[2:3])
    assert torch.allclose(alone[0], augment(images, draws)[2], atol=1e-6)


def test_augmentation_moves_and_turns_nothing():
    images = torch.zeros(1, 1, 16, 16)
    images[0, 0, 8, 8] = 1.0
    draws = torch.tensor([[0.5, 0.5, 0.5, 0.999, 0.0, 0.0, 0.0]])  # down, left; the hole in the upper left corner
    assert augment(images, draws)[0, 0].argmax() == (8 + 2) * 16 + (8 - 2)
