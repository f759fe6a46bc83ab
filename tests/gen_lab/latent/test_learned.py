"""Learned sliders against closed forms."""

import json

import pytest
import torch
from safetensors.torch import load, save

from gen_lab.latent.learned import LearnedSliders

NAMES = ("Smiling", "Male", "Young")


def vectors(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def learned() -> LearnedSliders:
    torch.manual_seed(0)
    sliders = LearnedSliders(NAMES, vectors(0, 3, 5), width=8)
    for weight in sliders.parameters():
        weight.data += 0.3 * torch.randn(weight.shape)
    return sliders


def only(units: float, at: int) -> torch.Tensor:
    values = torch.zeros(4, 3)
    values[:, at] = units
    return values


def test_before_training_a_move_is_the_line():
    lines, values = vectors(0, 3, 5), vectors(1, 4, 3)
    sliders = LearnedSliders(NAMES, lines, width=8)
    assert torch.allclose(sliders.move(vectors(2, 4, 5), values), values @ lines, atol=1e-6)


def test_zero_units_are_no_move_at_all(learned):
    assert torch.equal(learned.move(vectors(2, 4, 5), torch.zeros(4, 3)), torch.zeros(4, 5))


def test_sliders_add_up_in_any_order(learned):
    latents, one, other = vectors(2, 4, 5), only(1.5, 0), only(-2.0, 2)
    assert torch.equal(learned.move(latents, one + other), learned.move(latents, one) + learned.move(latents, other))


def test_each_move_depends_on_where_the_picture_starts(learned):
    values = only(1.0, 1)
    assert not torch.allclose(learned.move(vectors(2, 4, 5), values), learned.move(vectors(3, 4, 5), values))


def test_gradients_reach_every_weight_but_the_lines(learned):
    learned.move(vectors(2, 4, 5), vectors(1, 4, 3)).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.abs().max() > 0 for weight in learned.parameters())
    assert "lines" not in dict(learned.named_parameters())


def test_a_part_moves_as_the_whole_does(learned):
    latents = vectors(2, 4, 5)
    part, whole = learned.only(["Young", "Smiling"]), only(2, 2) + only(1, 0)
    assert torch.allclose(part.move(latents, torch.tensor([[2.0, 1]] * 4)), learned.move(latents, whole))
    with pytest.raises(KeyError, match="Bald"):
        learned.only(["Bald"])


def test_what_was_stored_moves_the_same(learned, tmp_path):
    (tmp_path / "sliders.safetensors").write_bytes(learned.content())
    again = LearnedSliders.load(tmp_path / "sliders.safetensors")
    latents, values = vectors(2, 4, 5), vectors(1, 4, 3)
    assert again.names == NAMES and not any(weight.requires_grad for weight in again.parameters())
    assert torch.allclose(again.move(latents, values), learned.move(latents, values), atol=0.02)


def test_a_weight_that_is_no_number_is_not_stored(learned):
    learned.bias.data[0, 0] = float("nan")
    with pytest.raises(ArithmeticError, match="train them again"):
        learned.content()


def changed(content: bytes, names=NAMES, **tensors) -> bytes:
    kept = {key: value for key, value in (load(content) | tensors).items() if value is not None}
    return save(kept, {"names": json.dumps(names)})


HOSTILE = {
    "garbage": lambda _: b"\x08\0\0\0\0\0\0\0garbage!",
    "truncated": lambda content: content[:-10],
    "large": lambda content: content + bytes(4_000_001),
    "no names": lambda content: save(load(content)),
    "names that are none": lambda content: changed(content, names=7),
    "names that are numbers": lambda content: changed(content, names=[1, 2, 3]),
    "too few names": lambda content: changed(content, names=["Smiling"]),
    "a name twice": lambda content: changed(content, names=["Smiling", "Male", "Male"]),
    "a tensor missing": lambda content: changed(content, shift=None),
    "a tensor too many": lambda content: changed(content, more=torch.zeros(1).half()),
    "another shape": lambda content: changed(content, bias=torch.zeros(3, 9).half()),
    "no axes": lambda content: changed(content, lines=torch.tensor(1.0).half()),
    "another type": lambda content: changed(content, bias=torch.zeros(3, 8)),
    "not finite": lambda content: changed(content, bias=torch.full((3, 8), torch.inf).half()),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_file_that_holds_no_sliders_is_refused(learned, tmp_path, change):
    from gen_lab.checkpoint.weights import DAMAGED

    path = tmp_path / "sliders.safetensors"
    path.write_bytes(change(learned.content()))
    with pytest.raises(DAMAGED):
        LearnedSliders.load(path)
