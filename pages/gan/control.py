"""The game's control: two pictures a round, the player's answers and the critic's, and what it came to.

The browser gets a whole game at once, a few tens of kilobytes, and needs no server until another one is asked for.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st

from gen_lab.images import grid
from gen_lab.ui.controls.hand import data_url
from gen_lab.ui.controls.modules import component
from gen_lab.ui.language import _
from pages.gan.game import ROUNDS, TELLING, Game, surest, tell

_component = component("game", Path(__file__).parent, "control")


def game_control(game: Game, *, is_critic: bool, key: str, on_again: Callable[[], None]) -> None:
    """A game, from its first round to its end. `on_again` is called when the player wants another one."""

    def again() -> None:
        if st.session_state[key]["again"]:
            on_again()

    height, width = game.pictures.shape[2:4]
    flat = game.pictures.reshape(2 * ROUNDS, *game.pictures.shape[2:])
    _component(
        key=key,
        data={
            "sheet": data_url(grid(np.broadcast_to(flat, (*flat.shape[:3], 3)), 2)),
            "width": width,
            "height": height,
            "sides": game.sides.tolist(),
            "choices": game.choices.tolist(),
            "values": [[reading(value, is_critic) for value in pair] for pair in game.values.tolist()],
            "words": words(game, is_critic),
        },
        on_again_change=again,
    )


def reading(value: float, is_critic: bool) -> str:
    """A verdict for readers: a probability, or a value without a scale."""
    return f"{value:+.2f}".replace("-", "−") if is_critic else f"{value:.0%}"


def words(game: Game, is_critic: bool) -> dict[str, str]:
    """What the control says, in the reader's language. The browser fills in {round}, {side}, {you} and {rival}."""
    rival = _("The critic") if is_critic else _("The discriminator")
    return {
        "question": _("Which one is real?"),
        "round": _("Round {round} of {rounds}").replace("{rounds}", str(ROUNDS)),
        "you": _("You"),
        "rival": rival,
        "left": _("the left one"),
        "right": _("the right one"),
        "choose": _("Choose {side}"),
        "real": _("Real"),
        "generated": _("Generated"),
        "correct": _("Right!"),
        "wrong": _("No."),
        "truth": _("Real is {side}."),
        "rivalRight": _("{rival} knew it too.").format(rival=rival),
        "rivalWrong": _("{rival} fell for the other one.").format(rival=rival),
        "next": _("Next"),
        "result": _("See the result"),
        "again": _("Play again"),
        "keys": _("Click a picture, or press ← or →. Enter goes on."),
        "won": _("You win, {you} to {rival}."),
        "lost": _("The machine wins, {rival} to {you}."),
        "drawn": _("A draw, {you} to {rival}."),
        "review": _("All rounds: the real picture has a frame, ✓ marks your choice, and the figures are the verdicts."),
        "tell": giveaway(game),
        "surest": _("{rival} was surest in round {round}.").format(rival=rival, round=surest(game) + 1),
    }


def giveaway(game: Game) -> str:
    """What gave the generator away, if anything simple did, in a sentence."""
    name, is_more, count = tell(game)
    hint = {
        ("sharp", True): _("was sharper"),
        ("sharp", False): _("was softer"),
        ("contrast", True): _("had more contrast"),
        ("contrast", False): _("had less contrast"),
        ("bright", True): _("was brighter"),
        ("bright", False): _("was darker"),
    }[name, is_more]
    if count >= TELLING:
        sentence = _("What gave it away: the real picture {hint} in {count} of {rounds} rounds.")
    else:
        sentence = _("Nothing simple gave it away: that the real picture {hint} is true of only {count} rounds.")
    return sentence.format(count=count, rounds=ROUNDS, hint=hint)
