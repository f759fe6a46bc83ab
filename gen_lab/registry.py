"""What is in `checkpoints/`, found by reading the cards. `$GEN_LAB_CHECKPOINTS` names another folder.

    for name, card in registry.having("encode", "decode", without=("classes",)).items(): ...

Ask for what a model can do, never for its family. Each ability has one word:

    encode, decode, sample, score, caption, probabilities, ...   a method of the family's `Model`
    classes                                                      an entry of its config that is not empty
    data, judge, sliders, replay, lesson                         an entry of its card that is not empty
    plane                                                        its latents are two numbers
"""

import reprlib
from collections.abc import Sequence
from pathlib import Path

import torch

from gen_lab import checkpoint, data, environment
from gen_lab.checkpoint import Checkpoint, CheckpointError, family_module, remedies
from gen_lab.device import best_device, place
from gen_lab.values import Name, remedy


def root() -> Path:
    """The folder that holds the checkpoints."""
    return environment.folder("CHECKPOINTS", Path(__file__).parent.parent / "checkpoints")


def folder(name: str) -> Path:
    """The folder of one checkpoint. Raises `CheckpointError` for a name that could leave `checkpoints/`."""
    if remedy(Name, name):
        raise CheckpointError(f"{reprlib.repr(name)} is not the name of a checkpoint: use one of {', '.join(names())}")
    return root() / name


def names() -> list[str]:
    """Every checkpoint that has a card, by name."""
    return sorted(path.parent.name for path in root().glob("[!.]*/card.json"))


def cards() -> dict[str, dict | CheckpointError]:
    """The card of every checkpoint; where a card is broken, the error that says so."""
    by_name = {}
    for name in names():
        try:
            by_name[name] = checkpoint.read_card(folder(name))
        except CheckpointError as error:
            by_name[name] = error
    return by_name


def offers(card: dict, ability: str) -> bool:
    """Whether a model has an ability, as its card and its family say. No weights are loaded."""
    try:
        model = family_module(card["family"]).Model
    except ValueError:
        return False
    config = card["config"] if isinstance(card["config"], dict) else {}
    if ability == "plane":
        return config.get("latent_dim") == 2
    return callable(getattr(model, ability, None)) or bool(config.get(ability) or card.get(ability))


def having(*abilities: str, without: Sequence[str] = ()) -> dict[str, dict]:
    """The cards of every checkpoint with all these abilities and none in `without`, by name.

    Models that were trained to fail, as a lesson, come last.
    """
    fitting = {
        name: card
        for name, card in cards().items()
        if isinstance(card, dict)
        and all(offers(card, ability) for ability in abilities)
        and not any(offers(card, ability) for ability in without)
    }
    return dict(sorted(fitting.items(), key=lambda item: offers(item[1], "lesson")))  # sorted keeps the names' order


def require(loaded: Checkpoint, *abilities: str, without: Sequence[str] = ()) -> None:
    """Raises `CheckpointError`, with the remedy, unless a checkpoint has all these abilities and none in `without`.

    "data" must be a known data set, and "sliders" must have their directions.
    """
    card, name = loaded.card, loaded.card["name"]
    lacking = [ability for ability in abilities if not offers(card, ability) or not _in_order(loaded, ability)]
    if lacking:
        plain = ", ".join(PLAIN.get(ability, ability) for ability in lacking)
        raise CheckpointError(f"'{name}' lacks {plain}: choose another one", remedies.checkpoint(folder(name), card))
    surplus = [ability for ability in without if offers(card, ability)]
    if surplus:
        plain = ", ".join(PLAIN.get(ability, ability) for ability in surplus)
        raise CheckpointError(f"'{name}' has {plain}, which is of no use here: choose another one")


PLAIN = {  # abilities in a sentence
    "encode": "an encoder", "decode": "a decoder", "sample": "random pictures", "score": "a critic",
    "judge": "a judge", "caption": "captions", "classes": "classes to choose from", "data": "a data set that we know",
    "sliders": "sliders that fit it", "plane": "a latent plane",
}  # fmt: skip


def _in_order(loaded: Checkpoint, ability: str) -> bool:
    try:
        if ability == "data":
            data.module(loaded.card["data"]["name"])
        elif ability == "sliders":
            directions, dim = loaded.directions, loaded.model.latent_dim
            if directions is None or directions.centre.shape != (dim,):
                return False
            sliders = loaded.card["sliders"]
            return len(sliders) == len(set(sliders)) and set(sliders) <= set(directions)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    return True


def load(name: str, device=None) -> Checkpoint:
    """A checkpoint by name: `.model` (eval, frozen, on the best device), `.card`, `.directions`.

    Raises `CheckpointError`, which names the commands that repair what is missing or broken.
    """
    loaded = checkpoint.load(folder(name))
    place(loaded.model.to(memory_format=torch.channels_last), device or best_device())
    return loaded
