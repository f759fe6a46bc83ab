"""Losses in closed form, the discriminator that polishes a decoder, and what a move along a concept is asked for."""

import math

import pytest
import torch

from gen_lab.models.parts import adversarial
from gen_lab.models.parts.adversarial import ProjectedDiscriminator, discriminator_loss, generator_loss
from train.recipes.vae_faces import concept_loss, free_of_each_other


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_hinge_losses_by_hand():
    real, fake = torch.tensor([2.0, 0.5]), torch.tensor([-3.0, 0.0])
    assert discriminator_loss(real, fake).item() == pytest.approx((0 + 0.5) / 2 + (0 + 1) / 2)
    assert generator_loss(fake).item() == pytest.approx(1.5)


def test_the_discriminator_judges_every_place_of_every_map():
    discriminator = ProjectedDiscriminator((8, 16), width=4)
    maps = [noise(3, 8, 16, 16), noise(3, 16, 8, 8)]
    assert discriminator(maps).shape == (3, 8 * 8 + 4 * 4)


def test_the_discriminator_learns_and_its_mixtures_do_not():
    torch.manual_seed(0)
    discriminator = ProjectedDiscriminator((4,), width=8)
    mixture = discriminator.mixture0.clone()
    optimiser = torch.optim.Adam(discriminator.parameters(), 1e-2)
    real, fake = [noise(16, 4, 8, 8) + 1], [noise(16, 4, 8, 8, seed=1) - 1]
    losses = []
    for _ in range(30):
        loss = discriminator_loss(discriminator(real), discriminator(fake))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert torch.equal(discriminator.mixture0, mixture)
    flat = mixture[:, :, 0, 0]
    assert torch.allclose(flat @ flat.T, torch.eye(4), atol=1e-5)  # a rotation: it hides no channel


def test_each_convolution_has_spectral_norm_one():
    torch.manual_seed(0)
    head = ProjectedDiscriminator((4,), width=8).heads[0].train()
    for _ in range(50):  # power iterations
        head(noise(1, 4, 8, 8))
    for layer in (head[0], head[2]):
        assert torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item() == pytest.approx(1, abs=1e-2)


def test_a_move_is_paid_for_what_it_asks_and_a_lock_for_what_moved_besides():
    watched = ~torch.eye(2, dtype=torch.bool)
    which, sign = torch.tensor([0]), torch.tensor([1.0])
    before, after = torch.tensor([[-1.0, 0.0]]), torch.tensor([[2.0, 1.5]])
    free = concept_loss(before, after, which, torch.tensor([0]), sign, watched).item()
    held = concept_loss(before, after, which, torch.tensor([1]), sign, watched).item()
    assert free == pytest.approx(math.log(1 + math.exp(-2)))  # -log sigmoid(2)
    p, q = 0.5, 1 / (1 + math.exp(-1.5))
    kl = p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))
    assert held - free == pytest.approx(kl, rel=1e-4)  # of what was seen before from what is seen now
    down = concept_loss(before, after, which, torch.tensor([0]), -sign, watched).item()
    assert down == pytest.approx(math.log(1 + math.exp(2)))


def test_exclusive_attributes_are_not_held_still():
    names = ("Smiling", "Blond_Hair", "Black_Hair", "Bald", "Long_Hair")
    free = free_of_each_other(names, ("Blond_Hair+Black_Hair+Bald", "Bald+Long_Hair"))
    assert torch.equal(free, free.T) and not free.diagonal().any()
    assert free[0, 1:].all()
    assert not free[1, 2] and not free[1, 3] and not free[3, 4]
    assert free[1, 4] and free[2, 4]


class Linear:
    """A critic whose gradient is known: f(x) = slope * (sum of x) over all inputs."""

    def __init__(self, slope: float):
        self.slope = slope

    def value(self, inputs, labels=None):
        return self.slope * sum(each.flatten(1).sum(1) for each in inputs)


def test_the_gradient_penalty_of_a_linear_critic():
    real, fake = torch.zeros(5, 1, 4, 4), torch.ones(5, 1, 4, 4)
    found = adversarial.gradient_penalty(Linear(0.5), [real], [fake], torch.rand(5))
    assert found == pytest.approx((0.5 * 4 - 1) ** 2)  # |gradient| = slope * sqrt(16)
    two = adversarial.gradient_penalty(Linear(0.5), [real, real[:, :, 0, :1]], [fake, fake[:, :, 0, :1]], torch.rand(5))
    assert two == pytest.approx((0.5 * 17**0.5 - 1) ** 2)  # one norm over all inputs
    assert adversarial.gradient_penalty(Linear(0.25), [real], [fake], torch.rand(5)) == pytest.approx(0, abs=1e-9)


def test_the_gradient_penalty_is_taken_between_real_and_fake():
    class Square:
        def value(self, inputs, labels=None):
            return inputs[0].flatten(1).square().sum(1) / 2  # its gradient at x is x

    real, fake, share = torch.full((4, 1), 1.0), torch.full((4, 1), 5.0), torch.tensor([0.0, 0.25, 0.5, 1.0])
    found = adversarial.gradient_penalty(Square(), [real], [fake], share).detach()
    assert found == pytest.approx(float(((share * 1 + (1 - share) * 5) - 1).square().mean()))


def test_the_gradient_penalty_teaches_the_critic():
    weight = torch.tensor(2.0, requires_grad=True)
    real = torch.rand(3, 1, 2, 2)
    adversarial.gradient_penalty(Linear(weight), [real], [-real], torch.rand(3)).backward()
    assert weight.grad == pytest.approx(2 * (2 * 2 - 1) * 2)  # d/dw (2 w - 1)^2


def test_cross_entropies_against_their_definitions():
    real, fake = torch.tensor([0.3, -1.0]), torch.tensor([0.7, 2.0])
    p, q = real.sigmoid(), fake.sigmoid()
    assert adversarial.cross_entropy_loss(real, fake) == pytest.approx(float(-(p.log() + (1 - q).log()).mean() / 2))
    assert adversarial.non_saturating_loss(fake) == pytest.approx(float(-q.log().mean()))
    smooth = adversarial.cross_entropy_loss(real, fake, torch.tensor([0.9, 0.9]))
    expected = -(0.9 * p.log() + 0.1 * (1 - p).log() + (1 - q).log()).mean() / 2
    assert smooth == pytest.approx(float(expected))
    assert adversarial.wasserstein_loss(real, fake) == pytest.approx(float(fake.mean() - real.mean()))


def test_the_zero_centred_penalty_of_a_linear_critic():
    """f(x) = w sum(x) has the gradient w everywhere, and w^2 times the number of entries as its squared length."""
    inputs = torch.randn(4, 3, 2, 2, requires_grad=True)
    weight = torch.tensor(0.5, requires_grad=True)
    penalty = adversarial.zero_centred_penalty(weight * inputs.flatten(1).sum(1), inputs)
    assert penalty.item() == pytest.approx(0.25 * 12)
    penalty.backward()
    assert weight.grad is not None and weight.grad.item() == pytest.approx(2 * 0.5 * 12)


def test_the_relativistic_loss_sees_only_differences():
    higher, lower = torch.tensor([1.0, 3.0]), torch.tensor([0.0, 5.0])
    loss = adversarial.relativistic_loss(higher, lower)
    assert loss.item() == pytest.approx((math.log1p(math.exp(-1)) + math.log1p(math.exp(2))) / 2, rel=1e-6)
    assert torch.allclose(loss, adversarial.relativistic_loss(higher + 7, lower + 7))
