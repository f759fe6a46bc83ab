"""The figures of a judge's card: accuracy on the test split, per attribute or per class."""

import numpy as np
import torch

from gen_lab import data
from gen_lab.device import on_device
from gen_lab.images import to_float

NOT = "not "  # before an attribute's name: the class of pictures without it


@torch.inference_mode()
def probabilities(judge, images, batch_size: int = 256) -> torch.Tensor:
    """The judge's probabilities for uint8 (N, H, W, C): (N, A) in [0, 1], on the CPU."""
    starts = range(0, len(images), batch_size)
    batches = (to_float(images[i : i + batch_size]) for i in starts)
    return torch.cat([on_device(judge, lambda batch: judge.probabilities(batch).cpu(), batch) for batch in batches])


def class_probabilities(judge, classes: tuple[str, ...], pictures: np.ndarray) -> torch.Tensor:
    """A judge's probabilities of these classes for pictures, uint8 (N, H, W, C): (N, L), rows sum to one.

    The classes are attributes that exclude each other for the judge, or one attribute and its absence, "not X" and "X".
    Raises ValueError for a judge of other things.
    """
    names = judge.config.attribute_names
    if judge.config.exclusive and set(classes) <= set(names):
        shares = probabilities(judge, pictures)[:, [names.index(name) for name in classes]]
        return shares / shares.sum(1, keepdim=True).clamp_min(1e-12)
    if len(classes) == 2 and classes[0] == NOT + classes[1] and classes[1] in names:
        presence = probabilities(judge, pictures)[:, names.index(classes[1])]
        return torch.stack([1 - presence, presence], 1)
    raise ValueError(f"this judge does not tell {', '.join(classes[:10])} apart")


def measure(checkpoint, log=print) -> dict:
    """Per attribute: accuracy at 0.5, accuracy of always guessing the commoner answer, and the area under the ROC.

    For exclusive attributes: the share of pictures whose class the judge gets right, in all and per class.
    """
    from sklearn.metrics import roc_auc_score

    test = data.load(checkpoint.card["data"]["name"], "test")
    answers = probabilities(checkpoint.model, test.images)
    truth = torch.from_numpy(test.attributes.copy())
    if checkpoint.model.config.exclusive:
        classes = truth.long().argmax(1)
        right = (answers.argmax(1) == classes).float()
        of_class = {
            name: round(float(right[classes == i].mean()), 4)
            for i, name in enumerate(test.attribute_names)
            if (classes == i).any()
        }
        return {"test_images": len(test), "accuracy": round(float(right.mean()), 4), "accuracy_by_class": of_class}
    accuracy = ((answers > 0.5) == truth).float().mean(0)
    share = truth.float().mean(0)
    per_attribute = {
        name: {
            "accuracy": round(float(accuracy[i]), 4),
            "guessing": round(float(max(share[i], 1 - share[i])), 4),
            "roc_auc": round(float(roc_auc_score(truth[:, i], answers[:, i])), 4) if 0 < share[i] < 1 else None,
        }
        for i, name in enumerate(test.attribute_names)
    }
    return {
        "test_images": len(test),
        "mean_accuracy": round(float(accuracy.mean()), 4),
        "mean_guessing": round(float(torch.maximum(share, 1 - share).mean()), 4),
        "attributes": per_attribute,
    }
