"""The GAN page's choices, its game, and what a model's critic says of the pictures, as a histogram and in words."""

import secrets

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import torch

from gen_lab import data
from gen_lab.checkpoint import Checkpoint
from gen_lab.links import SEEDS
from gen_lab.metrics.adversarial import verdicts
from gen_lab.ui import charts, frame, models
from gen_lab.ui.controls.hand import keep
from gen_lab.ui.hashes import HASHES
from gen_lab.ui.history import History
from gen_lab.ui.language import _, later
from pages.gan import game
from pages.gan.control import game_control
from pages.gan.state import COUNT, ROWS, Samples, start

SAMPLES = 256  # random samples, and as many test pictures, to compare a picture's value with


# -- choices -----------------------------------------------------------------------------------------------------------


def model_choice(history: History, cards: dict[str, dict]) -> None:
    """Chooses the model, which starts at its own truncation. Failed runs are named so."""
    failure = _("{name}: a failure")
    titles = {name: failure.format(name=name) if card.get("lesson") else name for name, card in cards.items()}
    arguments = history.widget("model", list(cards))

    def changed() -> None:
        name = st.session_state[arguments["key"]]
        if name in cards:
            history.push(model=name, truncation=start(cards[name]), moves=Samples.moves, plane=False)

    st.selectbox(_("Model"), format_func=titles.get, width=300, **arguments | {"on_change": changed})


def arrangement(history: History) -> None:
    """Many samples, or one and what lies around it."""
    names = {False: _("Many samples"), True: _("Around one")}
    text = _("Many samples, which all move alike; or one sample, and what lies around it along the dragged directions.")
    st.segmented_control(
        _("Grid"), format_func=names.get, required=True, help=text, **history.widget("plane", list(names))
    )


def more(history: History) -> None:
    """The choices that few need, behind a button."""
    pairs = {pair: _("{one} and {two}").format(one=2 * pair + 1, two=2 * pair + 2) for pair in range(COUNT // 2)}
    with st.popover(_("More"), icon=":material/tune:"):
        st.number_input(_("Seed"), 0, SEEDS - 1, **history.widget("seed"))
        st.segmented_control(_("Rows"), required=True, **history.widget("rows", list(ROWS)))
        text = _(
            "The directions along which the generator's first layer responds most: by its weights alone (Shen and Zhou "
            "2021, SeFa), or by principal components of its activations (Härkönen et al. 2020, GANSpace)."
        )
        st.segmented_control(
            _("Directions"), format_func=methods().get, required=True, help=text,
            **history.widget("method", list(methods()), moves=Samples.moves),
        )  # fmt: skip
        st.segmented_control(
            _("Dragging moves directions"), format_func=pairs.get, required=True, **history.widget("pair", list(pairs))
        )
        text = _(
            "A discriminator's bar is its probability that the picture is real, with a tick at 50%. A critic's is the "
            "share of random samples that it values less."
        )
        st.toggle(_("A bar under each picture: how real it looks"), help=text, **history.widget("scores"))


def methods() -> dict[str, str]:
    """The ways to find directions, by their names in a link."""
    return {"sefa": _("SeFa, closed form"), "pca": _("PCA of activations")}


def truncation_help() -> str:
    return _(
        "Keeps every number of the latent within this distance of zero: the lower, the more typical the pictures, and "
        "the more alike. 4 is as good as none."
    )


def warn(lesson: str) -> None:
    """Says that a run failed on purpose."""
    text = _("This run failed, and is kept as a lesson: {lesson}. *Training replay* shows how it happened.")
    st.warning(text.format(lesson=lesson), icon=":material/school:")


# -- the game ----------------------------------------------------------------------------------------------------------


@st.fragment
def challenge(checkpoint: Checkpoint, cards: dict[str, dict]) -> None:
    """The game against the critic of this model, or of another where the real pictures of this one are not here."""
    seed = "gan game seed"

    def begin() -> None:
        st.session_state[seed] = secrets.randbelow(SEEDS)

    st.subheader(_("Can you beat the critic?"), anchor=False)
    with frame.remedies(stop=False):
        player, pictures = checkpoint, game.reals(checkpoint)
        if pictures is None and (name := game.substitute(cards)):
            player = models.load(name, "decode", "sample", "score", "data", without=("classes",))
            pictures = game.reals(player)
            text = _("The real pictures behind {model} are not on this machine, so you play against {other}.")
            st.caption(text.format(model=checkpoint.card["name"], other=name))
        if pictures is None:
            text = _("The game needs real pictures, which this machine lacks: run `python -m train.data {data}`.")
            st.caption(text.format(data=checkpoint.card["data"]["name"]))
            return
        if seed not in st.session_state:
            st.markdown(
                _("Two pictures, one of them real. Find it, ten times, and see whether you do better than the network "
                  "that has learned nothing else.")
            )  # fmt: skip
            st.button(_("Play ten rounds"), icon=":material/sports_esports:", type="primary", on_click=begin)
            return
        basis = (player, st.session_state[seed])
        round_of_ten = keep("gan game", basis, lambda: game.play(player.model, pictures, basis[1], start(player.card)))
        game_control(round_of_ten, is_critic=player.model.is_critic, key="gan game control", on_again=begin)


# -- the critic --------------------------------------------------------------------------------------------------------


@st.cache_resource(max_entries=12, show_spinner=later("Asking the critic …"), hash_funcs=HASHES)
def _sample_values(checkpoint: Checkpoint) -> torch.Tensor:
    return verdicts(checkpoint.model, checkpoint.model.sample(SAMPLES, torch.Generator().manual_seed(0)).cpu())


@st.cache_resource(max_entries=12, show_spinner=later("Asking the critic …"), hash_funcs=HASHES)
def _picture_values(checkpoint: Checkpoint) -> torch.Tensor | None:
    images = data.load(checkpoint.card["data"]["name"], "test").images
    if images[:1].transpose(0, 3, 1, 2).shape[1:] != checkpoint.model.image_shape:
        return None
    return verdicts(checkpoint.model, np.asarray(images[:: max(len(images) // SAMPLES, 1)][:SAMPLES]))


def reference_values(checkpoint: Checkpoint) -> torch.Tensor:
    """The critic's values of random samples (N,), ascending. Those of other pictures are ranked among them."""
    return _sample_values(checkpoint).sort().values


def verdict(checkpoint: Checkpoint, latents: torch.Tensor) -> tuple[go.Figure, str]:
    """What the critic says of the pictures on screen, as a histogram and in words; latents (N, D).

    They are compared with random samples and, if those are on this machine, with real test pictures.
    """
    fakes, values = _sample_values(checkpoint), verdicts(checkpoint.model, latents)
    reals = _picture_values(checkpoint) if data.is_ready(checkpoint.card["data"]["name"]) else None
    return _histogram(checkpoint.model.is_critic, fakes, reals, values), _summary(checkpoint, fakes, reals, values)


def _histogram(is_critic: bool, fakes: torch.Tensor, reals: torch.Tensor | None, values: torch.Tensor) -> go.Figure:
    groups = {_("Random samples"): fakes} | ({} if reals is None else {_("Real test pictures"): reals})
    low, high = (min(map(torch.min, groups.values())), max(map(torch.max, groups.values()))) if is_critic else (0, 1)
    bins = {"start": float(low), "end": float(high), "size": max(float(high - low), 1e-6) / 40}
    hover = _("{name}: {share} at {value}") + "<extra></extra>"
    bars = [
        go.Histogram(
            x=group.numpy(), name=name, xbins=bins, marker={"color": colour}, opacity=0.65,
            histnorm="percent", hovertemplate=hover.format(name=name, share="%{y:.0f}%", value="%{x}"),
        )
        for (name, group), colour in zip(groups.items(), charts.colours(), strict=False)
    ]  # fmt: skip
    on_screen = _("On screen")
    marks = go.Scatter(
        x=values.numpy(), y=np.full(len(values), 0.0), name=on_screen, mode="markers", cliponaxis=False,
        marker={"symbol": "line-ns-open", "size": 16, "color": charts.ink(), "line": {"width": 2}},
        hovertemplate=f"{on_screen}: %{{x:.3g}}<extra></extra>",
    )  # fmt: skip
    title = _("the critic's value") if is_critic else _("the discriminator's probability of “real”")
    return charts.figure(
        [*bars, marks], height=260, barmode="overlay", bargap=0.05, legend_y=1.15,
        xaxis={"title_text": title, "showgrid": False} | ({} if is_critic else {"range": [0, 1]}),
        yaxis={"title_text": _("share, %")},
    )  # fmt: skip


def _summary(checkpoint: Checkpoint, fakes: torch.Tensor, reals: torch.Tensor | None, values: torch.Tensor) -> str:
    if checkpoint.model.is_critic:
        lower = float((fakes[None] < values[:, None]).float().mean())
        text = _("On average, the critic values the pictures on screen above {share} of random samples.")
        text = text.format(share=f"{lower:.0%}")
        if reals is not None:
            gap = float(reals.mean() - fakes.mean())
            if gap >= 0:
                other = _("It values real test pictures {gap} higher than random samples.")
            else:
                other = _("It values real test pictures {gap} lower than random samples.")
            text += " " + other.format(gap=f"{abs(gap):.3g}")
    elif reals is None:
        text = _("On average, the discriminator gives the pictures on screen {shown} and random samples {random}.")
        text = text.format(shown=f"{float(values.mean()):.0%}", random=f"{float(fakes.mean()):.0%}")
    else:
        text = _(
            "On average, the discriminator gives the pictures on screen {shown}, random samples {random}, and real "
            "test pictures {real}."
        )
        shares = {"shown": values, "random": fakes, "real": reals}
        text = text.format(**{name: f"{float(group.mean()):.0%}" for name, group in shares.items()})
    if reals is None:
        other = _("To compare with real pictures, run `python -m train.data {data}`.")
        text += " " + other.format(data=checkpoint.card["data"]["name"])
    return text
