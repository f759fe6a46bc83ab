"""The widgets of the Novelty page: the choice of a picture, its neighbours, the usual distances, the whole model."""

from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gen_lab import data, registry
from gen_lab.checkpoint import Checkpoint, CheckpointError, demonstration, usual_distances
from gen_lab.checkpoint.demonstration import Demonstration
from gen_lab.checkpoint.usual_distances import SPACES, Distances
from gen_lab.data import Dataset
from gen_lab.metrics.novelty import MOST_SHIFT, NEAR, NEIGHBOURS, handful_spaces, rank, shifted
from gen_lab.metrics.spaces import Space, features_path, read_features
from gen_lab.sources import as_channels, pack_picture
from gen_lab.ui import charts, jobs, models, pictures
from gen_lab.ui.hashes import HASHES
from gen_lab.ui.language import _
from pages.novelty.state import SOURCES, is_demonstrated, power_of, verdict
from pages.novelty.verdict import evidence, sources, space_names, summary, text


def choose(history, checkpoint, handful: Demonstration | None) -> None:
    """A row of widgets that choose the picture of `history.current`; each change is a new state. With a demonstration,
    they choose one of its pictures where they can."""
    state, name = history.current, checkpoint.card["data"]["name"]
    seeds = handful.seeds if handful else {}
    widget = history.widget("source", [source for source in SOURCES if source != "latent" or state.latent])

    def begin() -> None:
        source = st.session_state[widget["key"]]
        if (source == "data" and not data.is_ready(name)) or (source == "photo" and not state.photo):
            pictures.ask(history.page, source)  # nothing to show yet: the picture stays until there is
        elif state.seed not in seeds.get(source, [state.seed]):
            history.push(source=source, seed=seeds[source][0])
        else:
            widget["on_change"]()

    names = sources().__getitem__
    st.segmented_control(_("Picture"), format_func=names, required=True, **{**widget, "on_change": begin})
    dialog = pictures.dialog_for(history.page)
    classes = getattr(checkpoint.model, "classes", ())
    if classes and state.source in ("sample", "latent"):
        labels = history.widget("label", ["", *classes])
        any_class = _("Any")
        st.selectbox(
            _("Class"), width=150, format_func=lambda label: charts.words(label) if label else any_class, **labels
        )
    if state.source in ("sample", "memoriser"):
        st.number_input(_("Seed"), 0, 999_999, width=130, **history.widget("seed"))
        others = [seed for seed in seeds.get(state.source, ()) if seed != state.seed] or 1_000_000
        st.button(
            _("Another"), icon=":material/casino:", help=_("Draw another picture"),
            on_click=lambda: history.push(seed=int(np.random.default_rng().choice(others))),
        )  # fmt: skip
    if state.source == "memoriser":
        cheat = _("A planted cheat: it returns a training picture, moved to the right and down.")
        st.slider(_("Moved by (pixels)"), 0, MOST_SHIFT, width=200, help=cheat, **history.widget("shift"))
    elif state.source == "data":
        st.number_input(_("Picture number"), 0, 999_999, width=150, **history.widget("index"))
        if st.button(_("Browse …"), icon=":material/grid_view:"):
            dialog = "data"
    elif state.source == "photo" and st.button(_("Choose a picture …"), icon=":material/photo_camera:"):
        dialog = "photo"
    if dialog == "data":
        pictures.browse(history.page, name, lambda index: history.push(source="data", index=index))
    elif dialog == "photo":
        photo(history, checkpoint)


def photo(history, checkpoint) -> None:
    """A dialog for an upload or the camera's picture; what is cut out of it becomes the page's picture."""

    @st.dialog(_("Your picture"), width="medium")
    def dialog() -> None:
        size = checkpoint.model.image_shape[-1]
        st.caption(
            _(
                "What you cut out, {size} pixels a side, becomes part of this page's link, and whoever gets the link "
                "sees it. It is stored nowhere else."
            ).format(size=size)
        )
        pixels = pictures.crop(checkpoint)
        if pixels is not None:
            channels = as_channels(pixels, checkpoint.model.image_shape[0])
            history.push(source="photo", photo=pack_picture(channels))
            st.rerun()

    dialog()


def references(card: dict) -> Distances | None:
    """The usual distances of a checkpoint; None where they were not measured. Raises `CheckpointError`."""
    if "novelty" not in card:
        return None
    name = card["name"]
    path = registry.folder(name) / usual_distances.FILE
    return _references(name, path.stat().st_mtime_ns if path.is_file() else None)


@st.cache_data(max_entries=16, show_spinner=False)
def _references(name: str, stamp: int | None) -> Distances:
    return usual_distances.load(registry.folder(name))


def spaces(checkpoint, train: Dataset) -> dict[str, Space]:
    """The spaces in which pictures can be compared: pixels, and features if they have been computed.

    If not, they are computed at once, which can be watched and stopped; or a note says that there is no judge.
    """
    pixels = {"pixels": Space.of_pixels(train.images)}
    if models.judge_for(checkpoint) is None:
        st.caption(_("There is no judge for such pictures, and so no comparison by features."))
        return pixels
    judge = models.load(checkpoint.card["judge"])
    with st.spinner(_("Opening the training pictures' features …")):
        features = _features(judge, train)
    if features is not None:
        return pixels | {"features": features}
    _features.clear(judge, train)
    key, place = ("features", features_path(judge.card, train).name), st.container()
    arguments = ["train.novelty", "--features", checkpoint.card["name"]]
    label, doing = _("Look at them now (seconds to minutes)"), _("The judge looks at the training pictures")
    jobs.background(key, lambda: jobs.Job(arguments), label, doing, at_once=True)
    if not jobs.is_running(key):
        with place:
            st.info(
                _(
                    "To compare by features, the judge has to look at all {count:,} training pictures once. Press the "
                    "button, or run:"
                ).format(count=len(train)),
                icon=":material/visibility:",
            )
            st.code(f"python -m {' '.join(arguments)}", language="bash")
    return pixels


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=HASHES)
def _features(judge: Checkpoint, train: Dataset) -> Space | None:
    features = read_features(features_path(judge.card, train), len(train))
    return None if features is None else Space.of_features(judge.model, features)


def handful(checkpoint: Checkpoint) -> Demonstration | None:
    """What a checkpoint can show without the data, if anything. Raises `CheckpointError`."""
    path = registry.folder(checkpoint.card["name"]) / demonstration.FILE
    return _handful(checkpoint, path.stat().st_mtime_ns if path.is_file() else None)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=HASHES)
def _handful(checkpoint: Checkpoint, stamp: int | None) -> Demonstration | None:
    return demonstration.load(registry.folder(checkpoint.card["name"]), checkpoint)


def spaces_of(checkpoint: Checkpoint, handful: Demonstration) -> dict[str, Space]:
    """The spaces of a demonstration's pictures. Raises `CheckpointError`."""
    judge = None if models.judge_for(checkpoint) is None else models.load(checkpoint.card["judge"])
    if judge is None:
        st.caption(_("There is no judge for such pictures, and so no comparison by features."))
    return handful_spaces(checkpoint, handful, judge)


def without_data(history, name: str, handful: Demonstration | None) -> None:
    """What can be shown without the training pictures, and how they come."""
    if handful is not None:
        seeds = {source: ", ".join(map(str, numbers)) for source, numbers in handful.seeds.items()}
        st.markdown(
            _(
                "**A demonstration.** Of the {total:,} training pictures, {count} ship with this model: those nearest "
                "to its own pictures {sample} and to the memoriser's {memoriser}. Any other picture needs them all."
            ).format(total=handful.count, count=len(handful.pictures), **seeds)
        )
        if not is_demonstrated(history.current, handful):
            start = {"source": "sample", "seed": handful.seeds["sample"][0], "label": ""}
            st.button(_("To the demonstration"), icon=":material/play_arrow:", on_click=history.push, kwargs=start)
    jobs.offer(name, done=lambda: None)


def neighbours(
    space: Space, pixels: np.ndarray, images: np.ndarray, rows: Sequence[int], usual: Distances | None
) -> float:
    """The training pictures nearest to a picture, uint8 (H, W, C), with their distances, and the chart of the usual
    distances. Returns the smallest distance. `rows` (N,) are where the `images` (N, H, W, C) stand in the training
    set."""
    with st.spinner(_("Searching …"), show_time=True):
        distances, indices = space.nearest(pixels[None], min(NEIGHBOURS, len(images)))
    alt = _("Training picture {number}, at distance {distance}")
    nearest = [
        (np.asarray(images[index]), f"{distance:.3g}", alt.format(number=rows[index], distance=f"{distance:.3g}"))
        for distance, index in zip(distances[0], indices[0].tolist(), strict=True)
    ]
    charts.show(charts.strip(nearest))
    if usual and space.name in usual:
        charts.plot(chart(usual[space.name], space.name, float(distances[0, 0])))
    return float(distances[0, 0])


def chart(usual: dict[str, np.ndarray], space: str, mark: float | None = None) -> go.Figure:
    """How far pictures usually are from their nearest training picture, with a mark for this one."""
    units = {
        "pixels": _("mean difference in grey levels, 0 to 255"),
        "features": _("distance in standard deviations"),
    }
    legends = {
        "held_out": _("pictures the model never saw"),
        "train": _("training pictures"),
        "samples": _("the model's samples"),
    }
    longest = max(max(distances.max() for distances in usual.values()), mark or 0) * 1.02
    edges = np.linspace(0, longest, 61)
    figure = charts.figure(
        height=280, margin_t=20, legend_y=-0.3,
        xaxis={"range": [0, longest], "title_text": units[space], "showgrid": False},
        yaxis={"rangemode": "tozero", "tickformat": ".0%", "nticks": 4, "showgrid": False},
    )  # fmt: skip
    for (name, legend), colour in zip(legends.items(), charts.colours(), strict=False):
        shares = np.histogram(usual[name], edges)[0] / len(usual[name])
        line = {"color": colour, "width": 2, "shape": "hvh", "dash": "dot" if name == "samples" else "solid"}
        figure.add_scatter(
            x=(edges[1:] + edges[:-1]) / 2, y=shares, name=legend, mode="lines", line=line,
            fill="tozeroy" if name == "held_out" else None,
            hovertemplate=_("{legend}: {share} at {distance}").format(
                legend=legend, share="%{y:.1%}", distance="%{x:.3g}<extra></extra>"
            ),
        )  # fmt: skip
    limit, ink = float(np.percentile(usual["held_out"], 100 * NEAR)), charts.ink()
    figure.add_vrect(0, limit, fillcolor=ink, opacity=0.07, line_width=0)
    if mark is not None:
        figure.add_vline(mark, line={"color": ink, "width": 2})
        this = _("this picture")
        figure.add_annotation(
            x=mark, y=1, yref="paper", yanchor="bottom", text=f"<b>{this}</b>", showarrow=False,
            font={"color": ink, "size": 13},
        )  # fmt: skip
    return figure


def comparison(card: dict, distances: dict[str, float], usual: Distances | None) -> str:
    """The verdict in words, with the figures behind it."""
    if usual is None:
        return _("What is near and what is far was not measured for this model: see below.")
    ranks = {name: rank(distance, usual[name]["held_out"]) for name, distance in distances.items() if name in usual}
    power = power_of(card)
    counts = {name: len(usual[name]["held_out"]) for name in ranks}
    return text(verdict(distances, ranks, power), power) + "\n\n" + evidence(ranks, counts)


def shift_chart(space_by_name: dict[str, Space], picture: np.ndarray, usual: Distances) -> go.Figure:
    """The distance of a picture, uint8 (H, W, C), from the training set while it is moved by 0 to `MOST_SHIFT` pixels.

    Its unit is the first percentile of held-out pictures, below which the alarm is raised.
    """
    pixels = np.concatenate([shifted(picture[None], by) for by in range(MOST_SHIFT + 1)])
    figure = charts.figure(
        height=300, legend_y=1.14,
        xaxis={"dtick": 1, "title_text": _("moved by (pixels)"), "showgrid": False},
        yaxis={"rangemode": "tozero", "title_text": _("distance ÷ 1st percentile"), "showgrid": False},
    )  # fmt: skip
    names = space_names()
    measured = {name: space for name, space in space_by_name.items() if name in usual}
    for (name, space), colour in zip(measured.items(), charts.colours(), strict=False):
        limit = np.percentile(usual[name]["held_out"], 100 * NEAR) or 1.0  # zero where pictures repeat
        y = space.nearest(pixels, 1)[0][:, 0] / limit
        figure.add_scatter(
            x=np.arange(len(y)), y=y, name=names[name], mode="lines+markers",
            line={"color": colour, "width": 2.5},
            hovertemplate=_("moved by {shift}: {distance}, by {space}").format(
                shift="%{x}", distance="%{y:.2f}", space=f"{names[name]}<extra></extra>"
            ),
        )  # fmt: skip
    ink = charts.ink()
    figure.add_hline(1, line={"color": ink, "width": 1, "dash": "dot"})
    figure.add_annotation(
        x=MOST_SHIFT, y=1, text=_("below: an alarm"), showarrow=False, xanchor="right", yanchor="top",
        font={"color": ink},
    )  # fmt: skip
    return figure


def whole_model(card: dict) -> None:
    """The card's entry "novelty" in words and as a table. Raises `CheckpointError` if it is not in order."""
    commands = [f"python -m {usual_distances.MAKER} {card['name']}"]
    if "novelty" not in card:
        st.info(
            _(
                "The usual distances of '{name}' have not been measured yet. With the training pictures here, this "
                "command measures them, in the folder of gen_lab:"
            ).format(name=card["name"]),
            icon=":material/straighten:",
        )
        st.code(commands[0], language="bash")
        return
    try:
        entry = card["novelty"]
        st.markdown(summary(entry))
        st.table(_rows(entry), border="horizontal", hide_index=True)
        st.caption(
            _(
                "{samples} samples and as many pictures of the memoriser, moved by {shift} pixels, against {train} "
                "training pictures; {held_out} held-out pictures. Near: nearer to a training picture than 99 of 100 "
                "held-out pictures; chance alone gives 1%. C_T: the test with three samples of Meehan et al. 2020; "
                "far below zero, the pictures are nearer to the training set than held-out ones. p: how often chance "
                "alone gives a C_T as low."
            ).format(
                samples=f"{entry['samples']:,}",
                shift=entry["memoriser_shift"],
                train=f"{entry['train']:,}",
                held_out=f"{entry['held_out']:,}",
            )
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"the card of '{card['name']}' is not in order ({error})", commands) from error


def _rows(entry: dict) -> dict[str, list[str]]:
    titles = {
        ("model", "pixels"): _("The model, by pixels"),
        ("model", "features"): _("The model, by features of the judge"),
        ("memoriser", "pixels"): _("The memoriser, by pixels"),
        ("memoriser", "features"): _("The memoriser, by features of the judge"),
    }
    keys = [(key, space) for key in ("model", "memoriser") for space in SPACES if space in entry]
    rows = [entry[space][key] for key, space in keys]
    return {
        "": [escape(titles[key]) for key in keys],
        _("Near"): [f"{figures['closer']:.1%}" for figures in rows],
        "C_T": [f"{figures['c_t']:+.1f}".replace("-", "−") for figures in rows],
        "p": [f"{figures['p']:.2g}" if figures["p"] >= 1e-4 else "<\u00a00.0001" for figures in rows],
    }
