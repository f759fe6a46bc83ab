"""Can you beat the critic? Ten rounds of two pictures each, of which one is real; the critic answers too.

    game = play(model, reals(checkpoint), seed=7, truncation=1.0)
    game.choices == game.sides  # (ROUNDS,): where the critic was right

A choice between two pictures needs no threshold, so it is fair to a discriminator, whose verdicts are probabilities,
and to a critic, whose values have no scale. The real pictures are of the test split: the critic has never seen them.
"""

from dataclasses import dataclass

import numpy as np
import torch

from gen_lab import data, registry
from gen_lab.checkpoint import Checkpoint, held_out
from gen_lab.device import decode
from gen_lab.latent.principal import truncated
from gen_lab.metrics.adversarial import verdicts

ROUNDS = 10
TELLING = 8  # rounds in which a measure has to tell the two apart, to have given the generator away


@dataclass(frozen=True, eq=False)
class Game:
    """The rounds of a game. Each has two pictures: number 0 is on the left, number 1 on the right."""

    pictures: np.ndarray  # uint8 (ROUNDS, 2, H, W, C)
    sides: np.ndarray  # int (ROUNDS,): which picture is real
    values: np.ndarray  # float (ROUNDS, 2): the critic's verdicts

    @property
    def choices(self) -> np.ndarray:
        """Which picture the critic takes for the real one, int (ROUNDS,)."""
        return self.values.argmax(1)


def play(model, reals: np.ndarray, seed: int, truncation: float) -> Game:
    """A game between a model's pictures and ROUNDS of the `reals`, uint8 (N, H, W, C), N >= ROUNDS.

    All pictures are bytes before the critic sees them, as they are for the player.
    """
    random = np.random.default_rng(seed)
    generator = torch.Generator().manual_seed(seed)
    real = reals[np.sort(random.choice(len(reals), ROUNDS, replace=False))]
    fake = decode(model, truncated(model.sample(ROUNDS, generator).float().cpu(), truncation))
    sides = random.integers(2, size=ROUNDS)
    pictures = np.stack([fake, fake], 1)
    pictures[np.arange(ROUNDS), sides] = random.permutation(real)
    values = verdicts(model, pictures.reshape(2 * ROUNDS, *fake.shape[1:])).reshape(ROUNDS, 2).numpy()
    return Game(pictures, sides, values)


def reals(checkpoint: Checkpoint) -> np.ndarray | None:
    """Real pictures that the model was not trained on, uint8 (N, H, W, C): the data's test split, or those that came
    with the model. None where there are neither, or where they do not fit it."""
    name = checkpoint.card["data"]["name"]
    is_ready = data.is_ready(name)
    pictures = data.load(name, "test").images if is_ready else held_out.load(registry.folder(checkpoint.card["name"]))
    channels, height, width = checkpoint.model.image_shape
    fits = pictures is not None and pictures.shape[1:] == (height, width, channels) and len(pictures) >= ROUNDS
    return pictures if fits else None


def substitute(cards: dict[str, dict]) -> str | None:
    """The first model whose real pictures came with it."""
    return next((name for name in cards if (registry.folder(name) / held_out.FILE).is_file()), None)


def measures(pictures: np.ndarray) -> dict[str, np.ndarray]:
    """What can be said of pictures uint8 (..., H, W, C) without having learned anything: a number (...,) for each."""
    grey = pictures.mean(-1) / 255
    across, down = (np.abs(np.diff(grey, axis=axis)).mean((-1, -2)) for axis in (-1, -2))
    return {"sharp": across + down, "contrast": grey.std((-1, -2)), "bright": grey.mean((-1, -2))}


def tell(game: Game) -> tuple[str, bool, int]:
    """Which of the `measures` tells the two apart best, whether the real pictures have more of it, and in how many
    rounds."""
    rounds = np.arange(ROUNDS)
    counts = {}
    for name, values in measures(game.pictures).items():
        real, fake = values[rounds, game.sides], values[rounds, 1 - game.sides]
        counts[name, True], counts[name, False] = int((real > fake).sum()), int((real < fake).sum())
    (name, is_more), count = max(counts.items(), key=lambda item: item[1])
    return name, is_more, count


def surest(game: Game) -> int:
    """The round in which the critic's two verdicts lie furthest apart."""
    return int(np.abs(np.diff(game.values, axis=1)).argmax())
