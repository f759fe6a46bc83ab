"""The card's figures of a generator with a critic: how good and varied its samples are, and whether it obeys labels.
Also the critic's own verdicts on pictures."""

import numpy as np
import torch

from gen_lab import data, registry
from gen_lab.data import Dataset
from gen_lab.device import decode, in_batches
from gen_lab.images import to_float
from gen_lab.metrics.fidelity import compare, sample_count
from gen_lab.metrics.judge import class_probabilities


def labels_of(pictures: Dataset, classes: tuple[str, ...]) -> np.ndarray:
    """Which of a conditional model's classes each picture belongs to: (N,).

    Classes are attributes of which each picture has one, or ("not X", "X") for an attribute X.
    """
    if set(classes) <= set(pictures.attribute_names):
        return np.stack([pictures.attribute(name) for name in classes], 1).argmax(1)
    return pictures.attribute(classes[1]).astype(int)


def measure(checkpoint, log=print) -> dict:
    """Every figure of the card. A conditional model draws its labels as often as they occur in the training data."""
    model, card = checkpoint.model, checkpoint.card
    train, test = data.load(card["data"]["name"], "train"), data.load(card["data"]["name"], "test")
    log("samples ...")
    latents = model.sample(sample_count(train.images), torch.Generator().manual_seed(0)).cpu()
    labels = None
    if model.classes:
        targets = np.random.default_rng(0).choice(labels_of(train, model.classes), len(latents))
        labels = torch.eye(len(model.classes))[targets]
    samples = decode(model, latents, labels)
    log("Fréchet distances, precision and recall ...")
    metrics = compare(samples, train.name, card.get("judge") or "", next(model.parameters()).device)
    judge = registry.load(card["judge"]).model if card.get("judge") else None
    if judge and model.classes:
        log("labels ...")
        predictions, truth = _predictions(judge, samples, model.classes), labels_of(test, model.classes)
        metrics["label_accuracy"] = round(float((predictions == targets).mean()), 4)
        metrics["label_accuracy_by_class"] = _by_class(predictions, targets, model.classes)
        of_real = _predictions(judge, test.images, model.classes)
        metrics["judge_on_real"] = round(float((of_real == truth).mean()), 4)
        metrics["judge_on_real_by_class"] = _by_class(of_real, truth, model.classes)
    elif judge and judge.config.exclusive:
        names = judge.config.attribute_names
        predictions, truth = _predictions(judge, samples, names), labels_of(train, names)
        metrics["seen_as"] = _shares(predictions, names)
        metrics["seen_as_of_real"] = _shares(truth, names)
    return metrics


def _predictions(judge, images: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
    """Which of these classes the judge sees in each picture: (N,)."""
    return class_probabilities(judge, classes, images).argmax(1).numpy()


def _by_class(predictions: np.ndarray, truth: np.ndarray, classes: tuple[str, ...]) -> dict[str, float]:
    of_class = {name: predictions[truth == index] == index for index, name in enumerate(classes)}
    return {name: round(float(right.mean()), 4) for name, right in of_class.items() if len(right)}


def _shares(predictions: np.ndarray, names: tuple[str, ...]) -> dict[str, float]:
    return {name: round(float((predictions == index).mean()), 4) for index, name in enumerate(names)}


def verdicts(model, pictures: np.ndarray | torch.Tensor) -> torch.Tensor:
    """The critic's verdicts on pictures, uint8 (N, H, W, C), or on the decoded latents (N, D): (N,) on the CPU.

    A discriminator's probability of "real"; a Wasserstein critic's value, of which only differences mean something.
    """
    if isinstance(pictures, torch.Tensor):
        (scores,) = in_batches(model, lambda latents: model.score(model.decode(latents)), pictures)
    else:
        (scores,) = in_batches(model, model.score, to_float(pictures))
    return scores if model.is_critic else scores.sigmoid()
