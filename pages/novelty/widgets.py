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
from pages.novelty.state import SOURCES, SPACE_NAMES, is_demonstrated, power_of, summary, verdict

UNITS = {"pixels": "mean difference in grey levels, 0 to 255", "features": "distance in standard deviations"}
LEGEND = {"held_out": "pictures the model never saw", "train": "training pictures", "samples": "the model's samples"}
MEMORISER = "A planted cheat: it returns a training picture, moved to the right and down."
NO_JUDGE = "There is no judge of such pictures, and so no comparison by features."
WHOLE = (
    "Near: nearer to a training picture than 99 of 100 held-out pictures; 1 % is what chance gives. C_T: the test with "
    "three samples of Meehan et al. 2020; far below zero the pictures lie nearer to the training set than held-out "
    "ones do. p: how often chance alone gives a C_T as low."
)


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

    st.segmented_control("Picture", format_func=SOURCES.get, required=True, **{**widget, "on_change": begin})
    dialog = pictures.dialog_for(history.page)
    classes = getattr(checkpoint.model, "classes", ())
    if classes and state.source in ("sample", "latent"):
        labels = history.widget("label", ["", *classes])
        st.selectbox("Class", width=150, format_func=lambda label: charts.words(label) if label else "Any", **labels)
    if state.source in ("sample", "memoriser"):
        st.number_input("Seed", 0, 999_999, width=150, **history.widget("seed"))
        others = [seed for seed in seeds.get(state.source, ()) if seed != state.seed] or 1_000_000
        st.button(
            "Another", icon=":material/casino:", help="Draw another picture",
            on_click=lambda: history.push(seed=int(np.random.default_rng().choice(others))),
        )  # fmt: skip
    if state.source == "memoriser":
        st.slider("Moved by (pixels)", 0, MOST_SHIFT, width=200, help=MEMORISER, **history.widget("shift"))
    elif state.source == "data":
        st.number_input("Picture number", 0, 999_999, width=150, **history.widget("index"))
        if st.button("Browse …", icon=":material/grid_view:"):
            dialog = "data"
    elif state.source == "photo" and st.button("Choose a picture …", icon=":material/photo_camera:"):
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
        st.caption(NO_JUDGE)
        return pixels
    judge = models.load(checkpoint.card["judge"])
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


@st.cache_resource(max_entries=4, show_spinner="Opening the training pictures' features …", hash_funcs=HASHES)
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
        st.caption(NO_JUDGE)
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
            st.button("To the demonstration", icon=":material/play_arrow:", on_click=history.push, kwargs=start)
    jobs.offer(name, done=lambda: None)


def neighbours(
    space: Space, pixels: np.ndarray, images: np.ndarray, rows: Sequence[int], usual: Distances | None
) -> float:
    """The training pictures nearest to a picture, uint8 (H, W, C), with their distances, and the chart of the usual
    distances. Returns the smallest distance. `rows` (N,) are where the `images` (N, H, W, C) stand in the training
    set."""
    with st.spinner("Searching …", show_time=True):
        distances, indices = space.nearest(pixels[None], min(NEIGHBOURS, len(images)))
    nearest = [
        (np.asarray(images[index]), f"{distance:.3g}", f"Training picture {rows[index]}, at distance {distance:.3g}")
        for distance, index in zip(distances[0], indices[0].tolist(), strict=True)
    ]
    charts.show(charts.strip(nearest))
    if usual and space.name in usual:
        charts.plot(chart(usual[space.name], space.name, float(distances[0, 0])))
    return float(distances[0, 0])


def chart(usual: dict[str, np.ndarray], space: str, mark: float | None = None) -> go.Figure:
    """How far pictures usually are from their nearest training picture, with a mark for this one."""
    longest = max(max(distances.max() for distances in usual.values()), mark or 0) * 1.02
    edges = np.linspace(0, longest, 61)
    figure = charts.figure(
        height=280, margin_t=20, legend_y=-0.3,
        xaxis={"range": [0, longest], "title_text": UNITS[space], "showgrid": False},
        yaxis={"rangemode": "tozero", "tickformat": ".0%", "nticks": 4, "showgrid": False},
    )  # fmt: skip
    for (name, legend), colour in zip(LEGEND.items(), charts.colours(), strict=False):
        shares = np.histogram(usual[name], edges)[0] / len(usual[name])
        line = {"color": colour, "width": 2, "shape": "hvh", "dash": "dot" if name == "samples" else "solid"}
        figure.add_scatter(
            x=(edges[1:] + edges[:-1]) / 2, y=shares, name=legend, mode="lines", line=line,
            fill="tozeroy" if name == "held_out" else None,
            hovertemplate=f"{legend}: %{{y:.1%}} at %{{x:.3g}}<extra></extra>",
        )  # fmt: skip
    limit, ink = float(np.percentile(usual["held_out"], 100 * NEAR)), charts.ink()
    figure.add_vrect(0, limit, fillcolor=ink, opacity=0.07, line_width=0)
    if mark is not None:
        figure.add_vline(mark, line={"color": ink, "width": 2})
        figure.add_annotation(
            x=mark, y=1, yref="paper", yanchor="bottom", text="<b>this picture</b>", showarrow=False,
            font={"color": ink, "size": 13},
        )  # fmt: skip
    return figure


def comparison(card: dict, distances: dict[str, float], usual: Distances | None) -> str:
    """The verdict in words, with the figures behind it."""
    if usual is None:
        return "What is near and what is far was not measured for this model: see below."
    ranks = {name: rank(distance, usual[name]["held_out"]) for name, distance in distances.items() if name in usual}
    rows = [
        f"- By **{SPACE_NAMES[name]}**, {1 - share:.0%} of {len(usual[name]['held_out']):,} held-out pictures are at "
        "least as far from the training set as this one."
        for name, share in ranks.items()
    ]
    return verdict(distances, ranks, power_of(card)) + "\n\n" + "\n".join(rows)


def shift_chart(space_by_name: dict[str, Space], picture: np.ndarray, usual: Distances) -> go.Figure:
    """The distance of a picture, uint8 (H, W, C), from the training set while it is moved by 0 to `MOST_SHIFT` pixels.

    Its unit is the first percentile of held-out pictures, below which the alarm is raised.
    """
    pixels = np.concatenate([shifted(picture[None], by) for by in range(MOST_SHIFT + 1)])
    figure = charts.figure(
        height=300, legend_y=1.14,
        xaxis={"dtick": 1, "title_text": "moved by (pixels)", "showgrid": False},
        yaxis={"rangemode": "tozero", "title_text": "distance ÷ 1st percentile", "showgrid": False},
    )  # fmt: skip
    measured = {name: space for name, space in space_by_name.items() if name in usual}
    for (name, space), colour in zip(measured.items(), charts.colours(), strict=False):
        limit = np.percentile(usual[name]["held_out"], 100 * NEAR) or 1.0  # zero where pictures repeat
        y = space.nearest(pixels, 1)[0][:, 0] / limit
        figure.add_scatter(
            x=np.arange(len(y)), y=y, name=SPACE_NAMES[name], mode="lines+markers",
            line={"color": colour, "width": 2.5},
            hovertemplate=f"moved by %{{x}}: %{{y:.2f}}, by {SPACE_NAMES[name]}<extra></extra>",
        )  # fmt: skip
    ink = charts.ink()
    figure.add_hline(1, line={"color": ink, "width": 1, "dash": "dot"})
    figure.add_annotation(
        x=MOST_SHIFT, y=1, text="below: an alarm", showarrow=False, xanchor="right", yanchor="top", font={"color": ink}
    )
    return figure


def whole_model(card: dict) -> None:
    """The card's entry "novelty" in words and as a table. Raises `CheckpointError` if it is not in order."""
    commands = [f"python -m {usual_distances.MAKER} {card['name']}"]
    if "novelty" not in card:
        st.info(
            f"What is usual for '{card['name']}' was not measured yet. With the training pictures, this command does "
            "it, in the folder of gen_lab:",
            icon=":material/straighten:",
        )
        st.code(commands[0], language="bash")
        return
    try:
        entry = card["novelty"]
        st.markdown(summary(entry))
        st.table(_rows(entry), border="horizontal", hide_index=True)
        st.caption(
            f"{entry['samples']:,} samples and as many pictures of the memoriser, moved by {entry['memoriser_shift']} "
            f"pixels, against {entry['train']:,} training pictures; {entry['held_out']:,} held-out pictures. {WHOLE}"
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"the card of '{card['name']}' is not in order ({error})", commands) from error


def _rows(entry: dict) -> dict[str, list[str]]:
    rows = [
        (f"{title}, by {SPACE_NAMES[space]}", entry[space][key])
        for key, title in (("model", "The model"), ("memoriser", "The memoriser"))
        for space in SPACES
        if space in entry
    ]
    return {
        "": [escape(title) for title, _ in rows],
        "Near": [f"{figures['closer']:.1%}" for _, figures in rows],
        "C_T": [f"{figures['c_t']:+.1f}".replace("-", "−") for _, figures in rows],
        "p": [f"{figures['p']:.2g}" if figures["p"] >= 1e-4 else "< 0.0001" for _, figures in rows],
    }
