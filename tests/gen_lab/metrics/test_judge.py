"""What judges say, brought to the classes of a model."""

import numpy as np
import pytest
import torch

from gen_lab.metrics.judge import class_probabilities
from gen_lab.models import judge


def test_what_a_judge_says_is_brought_to_the_models_classes():
    pictures = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 1), dtype=np.uint8)
    names = tuple("0123456789")
    digits = judge.Judge(judge.Config(names, image_size=28, channels=1, widths=(8, 8), exclusive=True)).eval()
    backwards = class_probabilities(digits, names[::-1], pictures)
    assert torch.allclose(backwards.flip(1), class_probabilities(digits, names, pictures))
    assert torch.allclose(backwards.sum(1), torch.ones(3))
    attributes = judge.Judge(judge.Config(("Smiling", "Blond_Hair"), image_size=28, channels=1, widths=(8, 8))).eval()
    said = class_probabilities(attributes, ("not Blond_Hair", "Blond_Hair"), pictures)
    assert torch.allclose(said.sum(1), torch.ones(3))
    with pytest.raises(ValueError, match="tell"):
        class_probabilities(attributes, names, pictures)
