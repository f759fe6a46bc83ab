"""How a judge's training pictures are changed, and that the judges of bricks learn kinds."""

import torch

from gen_lab import checkpoint
from train import judging, loop
from train.recipes import judge_bricks, judge_faces


def test_what_comes_in_from_outside_is_black_or_the_pictures_own():
    white = torch.ones(8, 1, 16, 16)

    def moved(outside: str) -> torch.Tensor:
        return judging.move(white, torch.Generator().manual_seed(0), (0.0, 0.0, 0.5), outside)

    assert moved("zeros").min() == -1
    assert torch.allclose(moved("reflection"), white, atol=1e-5)


def test_a_share_of_the_pictures_is_blended():
    images, attributes = torch.rand(8, 3, 4, 4), torch.eye(8, dtype=torch.bool)
    mixed, shares = judging.blend(images, attributes, torch.Generator().manual_seed(0), 0.5)
    assert torch.equal(mixed[:4], images[:4]) and not torch.allclose(mixed[4:], images[4:])
    assert torch.allclose(shares.sum(1), torch.ones(8))
    assert torch.equal(judging.blend(images, attributes, torch.Generator(), 0.0)[0], images)


def test_light_changes_contrast_and_brightness_alone():
    images = torch.linspace(-1, 1, 16).view(1, 1, 4, 4).expand(5, 1, 4, 4)
    lit = judging.light(images, torch.Generator().manual_seed(0)).flatten(1)
    steps = lit.diff(dim=1)
    assert torch.allclose(steps, steps[:, :1].expand_as(steps), atol=1e-6)
    assert lit.mean(1).std() > 0 and steps.std(0).max() > 0


def test_softening_is_the_same_however_the_run_came_to_its_step(tmp_path):
    settings = loop.dry_run(judge_faces.Settings())

    def softened(step: int) -> torch.Tensor:
        run = loop.Run(loop.make_fabric("32-true"), settings, tmp_path)
        run.step = step
        return judging.soften(run, torch.zeros(settings.batch_size, 3, 16, 16))

    one = softened(1)
    assert torch.equal(one, softened(1)) and 0.02 < one.std() < 0.04
    assert not torch.equal(one, softened(2))


def test_the_judge_of_bricks_tells_kinds_apart(tmp_path):
    settings = loop.dry_run(judge_bricks.Settings())
    folder = loop.train(judge_bricks, settings, runs=tmp_path / "runs", checkpoints=tmp_path)
    assert folder
    judging = checkpoint.load(folder).model
    assert folder.name == "judge-bricks" and judging.config.exclusive and judging.image_shape == (1, 64, 64)
    assert judging.config.attribute_names == ("Small_Square", "Small_Disc", "Large_Square", "Large_Disc")
