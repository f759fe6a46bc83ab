"""Directions against closed forms and properties."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_lab.latent import (
    ESTIMATORS,
    Directions,
    analogy,
    classifier_normal,
    cosines,
    mean_difference,
    project_out,
)


def vectors(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


seeds = st.integers(0, 10_000)
settings.register_profile("quick", deadline=None, max_examples=50)
settings.load_profile("quick")


def two_groups(seed: int = 0, dim: int = 12, count: int = 4000):
    """Two Gaussian clouds that differ along one known unit vector."""
    truth = torch.nn.functional.normalize(vectors(seed, dim), dim=0)
    labels = torch.rand(count, generator=torch.Generator().manual_seed(seed + 1)) < 0.3
    return vectors(seed + 2, count, dim) + 2.0 * labels[:, None] * truth, labels, truth


@pytest.mark.parametrize("find", [mean_difference, classifier_normal])
def test_direction_of_two_clouds_is_found(find):
    latents, labels, truth = two_groups()
    direction = find(latents, labels)
    assert direction.norm().item() == pytest.approx(1, abs=1e-5)
    assert (direction @ truth).item() > 0.97


def test_classifier_normal_sees_past_a_correlated_axis():
    """The mean difference takes a correlated axis along; the classifier's normal discounts it."""
    latents, labels, _ = two_groups(dim=2)
    latents = torch.stack([2.0 * labels + vectors(5, len(labels)), torch.zeros(len(labels))], 1)
    latents[:, 1] = 0.8 * latents[:, 0] + 0.5 * vectors(6, len(labels))  # follows the first axis, says nothing more
    assert mean_difference(latents, labels)[1].item() > 0.5
    assert abs(classifier_normal(latents, labels, strength=1.0)[1].item()) < 0.15


@given(seeds, st.integers(1, 6))
def test_projection_is_orthogonal_and_idempotent(seed, count):
    direction, others = vectors(seed, 16), vectors(seed + 1, count, 16)
    left = project_out(direction, others)
    assert torch.allclose(others @ left, torch.zeros(count), atol=1e-4)
    assert torch.allclose(project_out(left, others), left, atol=1e-5)
    assert left.norm() <= direction.norm() + 1e-5


def test_projection_with_dependent_others_and_with_none():
    direction, other = vectors(0, 8), vectors(1, 8)
    once = project_out(direction, other[None])
    assert torch.allclose(project_out(direction, torch.stack([other, 2 * other])), once, atol=1e-5)
    assert torch.allclose(once, direction - direction @ other / (other @ other) * other, atol=1e-5)
    assert torch.equal(project_out(direction, torch.zeros(0, 8)), direction)
    assert torch.allclose(project_out(other, other[None]), torch.zeros(8), atol=1e-5)


def test_cosines_by_hand():
    angles = cosines(torch.tensor([[2.0, 0.0], [0.0, 3.0], [1.0, 1.0]]))
    assert torch.allclose(angles, torch.tensor([[1, 0, 0.70711], [0, 1, 0.70711], [0.70711, 0.70711, 1]]), atol=1e-4)


@pytest.fixture
def directions() -> Directions:
    latents, attributes = vectors(0, 400, 6), vectors(1, 400, 3) > 0
    latents[:, 0] += attributes[:, 0]
    return Directions.fit(latents, attributes, ("Smiling", "Male", "Young"))


def test_one_unit_is_one_standard_deviation(directions):
    latents, attributes = vectors(0, 400, 6), vectors(1, 400, 3) > 0
    latents[:, 0] += attributes[:, 0]
    for method in ESTIMATORS:
        smile = directions.using(method)["Smiling"]
        unit = smile / smile.norm()
        assert smile.norm().item() == pytest.approx((latents @ unit).std().item(), rel=1e-5)


def test_a_lock_keeps_the_locked_classifier_still_and_the_others_free(directions):
    normals = directions.using("classifier")
    free, held = directions.locked(["Smiling", "Male"], ["Male"])
    assert abs((free @ normals["Male"]).item()) < 1e-4
    assert torch.equal(held, directions["Male"])  # a concept's own slider is not stopped by its lock


def test_what_a_lock_leaves_is_one_standard_deviation_again_or_nothing(directions):
    latents, attributes = vectors(0, 400, 6), vectors(1, 400, 3) > 0
    latents[:, 0] += attributes[:, 0]
    held = directions.locked(["Smiling"], ["Male", "Young"])[0]
    assert held.norm().item() == pytest.approx((latents @ (held / held.norm())).std().item(), rel=1e-4)

    one_dimensional = Directions.fit(latents[:, :1], attributes[:, :2], ("Smiling", "Male"))
    assert one_dimensional.locked(["Smiling"], ["Male"]).abs().max() < 1e-5


def test_directions_survive_the_disk(directions, tmp_path):
    directions.save(tmp_path / "directions.safetensors")
    again = Directions.load(tmp_path / "directions.safetensors")
    assert list(again) == list(directions)
    for method in ESTIMATORS:
        for name in directions:
            assert torch.equal(again.using(method)[name], directions.using(method)[name])
    assert torch.equal(again.group_mean("Male"), directions.group_mean("Male"))
    assert torch.equal(again.locked(["Smiling"], ["Male"]), directions.locked(["Smiling"], ["Male"]))


def test_what_cannot_be_found_says_so(directions):
    with pytest.raises(KeyError, match="Smiling, Male, Young"):
        directions["Grumpy"]
    with pytest.raises(KeyError, match="classifier"):
        directions.using("magic")
    with pytest.raises(ValueError, match="Bald"):
        Directions.fit(vectors(0, 5, 3), torch.zeros(5, 1, dtype=torch.bool), ("Bald",))


@given(seeds, st.integers(1, 5), st.integers(1, 5))
def test_arithmetic_closed_forms(seed, many, few):
    a, b, c = vectors(seed, many, 16), vectors(seed + 1, few, 16), vectors(seed + 2, many, 16)
    assert torch.allclose(analogy(a, b, c), a.mean(0) - b.mean(0) + c.mean(0), atol=1e-5)
    assert torch.allclose(analogy(a, b, b), a.mean(0), atol=1e-5)
    assert torch.allclose(analogy(a, a, c), c.mean(0), atol=1e-5)
    assert torch.equal(analogy(a, b, c, 0.0), a.mean(0))
    assert torch.allclose(analogy(a, b, c, 2.0) - analogy(a, b, c), c.mean(0) - b.mean(0), atol=1e-4)
    shift = vectors(seed + 3, 16)  # what all groups share cancels but once
    assert torch.allclose(analogy(a + shift, b + shift, c + shift), analogy(a, b, c) + shift, atol=1e-4)


def test_a_trait_that_is_a_direction_is_transferred_exactly():
    man, woman, glasses = vectors(0, 3, 16)
    a, b, c = (man + glasses)[None], man[None], woman[None]
    assert torch.allclose(analogy(a, b, c), woman + glasses, atol=1e-5)


def test_a_move_that_keeps_the_locked_concepts_has_nothing_along_their_normals():
    labels = vectors(3, 200, 3) > 0
    directions = Directions.fit(vectors(2, 200, 6), labels, ("a", "b", "c"))
    kept = directions.kept(["a", "b"], ["b", "c"])
    move = vectors(4, 6)
    normals = directions.using("classifier")
    assert torch.allclose((move @ kept[0]) @ normals.stack(["b", "c"]).T, torch.zeros(2), atol=1e-5)
    assert (move @ kept[1] @ normals["b"]).abs() > 1e-3  # its own lock does not hold it
    assert torch.equal(directions.kept(["a"], [])[0], torch.eye(6))
