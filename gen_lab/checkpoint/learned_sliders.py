"""A model's learned sliders, stored beside its weights (`gen_lab.latent.learned`).

    sliders.safetensors      the networks, float16
    card.json                "learned": the settings, how the classifier did, how long it took

`python -m train.sliders NAME` makes both. They fit the model's latent space: a new prior leaves them as they are.
"""

from pathlib import Path

from gen_lab import files
from gen_lab.checkpoint import Checkpoint, CheckpointError, remedies
from gen_lab.checkpoint.weights import DAMAGED
from gen_lab.latent.learned import LearnedSliders

FILE = "sliders.safetensors"
MAKER = "train.sliders"


def save(folder: Path, learned: LearnedSliders) -> None:
    """Writes the file into a checkpoint's folder. Raises OSError, and ArithmeticError if a weight is not finite."""
    content = learned.content()
    with files.whole_file(Path(folder) / FILE) as file:
        file.write(content)


def load(folder: Path, loaded: Checkpoint) -> LearnedSliders | None:
    """The learned sliders in the folder of a checkpoint that has been loaded, in the order of its card; None where it
    has none. Raises `CheckpointError`, with the command that makes them again, for a damaged file and for others."""
    path = Path(folder) / FILE
    if not path.is_file():
        return None
    try:
        learned = LearnedSliders.load(path)
        if learned.lines.shape[1] != loaded.model.latent_dim:
            raise ValueError("they are another model's")
        return learned.only(loaded.card["sliders"])
    except (*DAMAGED, OSError) as error:
        raise CheckpointError(f"{path} cannot be used ({error})", remedies.file(path, MAKER)) from error
