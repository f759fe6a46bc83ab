"""A checkpoint is a folder: weights (safetensors, never a pickle) and a card that says what they are.

    model.safetensors        the weights, float16 or float32
    card.json                family, config, data, recipe, metrics, limits, ... and the SHA-256 of the weights
    directions.safetensors   concept directions, where the model has sliders
    sliders.safetensors      learned sliders, where they were trained
    samples.webp             pictures from the model
    replay.webp              the same latents through training, a row for each of the card's replay steps
    history.jsonl            the named losses as they were

The modules `card`, `weights` and `folder` (the whole) are exported here; `atlas`, `demonstration`, `held_out`,
`learned_sliders`, `replay` and `usual_distances` are imported by name.
"""

from gen_lab.checkpoint.card import CheckpointError, read_card, update_card, write_card
from gen_lab.checkpoint.folder import Checkpoint, check_replaceable, load, save
from gen_lab.checkpoint.weights import family_module

__all__ = [
    "Checkpoint", "CheckpointError", "check_replaceable", "family_module", "load", "read_card", "save", "update_card",
    "write_card",
]  # fmt: skip
