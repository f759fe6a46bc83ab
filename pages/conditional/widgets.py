"""What the Conditional page shows after a release: the judge's reading of each picture and of the mixtures."""

from html import escape
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import torch

from gen_lab.checkpoint import Checkpoint
from gen_lab.device import decode
from gen_lab.metrics.judge import class_probabilities
from gen_lab.ui import charts
from gen_lab.ui.charts import words
from gen_lab.ui.language import _
from pages.conditional.state import STEPS, Conditional, pairings, sweep

CSS = Path(__file__).parent / "widgets.css"
FEW = 4  # labels that have room for their shares on a phone
ACCURACY = ("label_accuracy", "judge_on_real")  # on a card: of random samples, and the judge's own on real pictures


def accuracy(card: dict) -> str:
    """What a card says of label accuracy, in a sentence."""
    metrics = card.get("metrics")
    figures = [metrics.get(key) if isinstance(metrics, dict) else None for key in ACCURACY]
    of_samples, of_judge = (figure if isinstance(figure, (int, float)) else None for figure in figures)
    if of_samples is None:
        text = _("Its label accuracy has not been measured yet: `python -m train.evaluate {name}` does.")
        return text.format(name=card["name"])
    if of_judge is None:
        text = _("On the card: the judge sees the right label in {share} of random samples.")
        return text.format(share=f"{of_samples:.1%}")
    text = _("On the card: the judge sees the right label in {share} of random samples and {real} of real pictures.")
    return text.format(share=f"{of_samples:.1%}", real=f"{of_judge:.1%}")


def judgements(
    checkpoint: Checkpoint, judge, state: Conditional, directions: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The judge's probabilities of the classes, for each picture under a label (rows, L, L), and along the mixture of
    two labels (STEPS, rows, L). Raises ValueError for a judge of other things."""
    model, classes = checkpoint.model, checkpoint.model.classes
    parts = pairings(model, state, directions), sweep(model, state, directions)
    latents, labels = map(torch.cat, zip(*parts, strict=True))
    probabilities = class_probabilities(judge, classes, decode(model, latents, labels))
    return (
        probabilities[: state.rows * len(classes)].reshape(state.rows, len(classes), -1),
        probabilities[state.rows * len(classes) :].reshape(STEPS, state.rows, -1),
    )


def readings(classes: tuple[str, ...], probabilities: torch.Tensor) -> str:
    """What the judge reads in each picture, as an HTML table: a row for each latent, a column for each label.

    The probabilities of the classes are (rows, L, L).
    """
    head = "".join(f'<th scope="col">{escape(words(name))}</th>' for name in classes)
    rows = []
    for number, row in enumerate(probabilities, 1):
        cells = []
        for label, shares in enumerate(row):
            reading = int(shares.argmax())
            text = f"{escape(words(classes[reading]))} <small>{float(shares[reading]):.0%}</small>"
            cells.append(f"<td>{text}</td>" if reading == label else f'<td class="wrong">✗ {text}</td>')
        rows.append(f'<tr><th scope="row">{number}</th>{"".join(cells)}</tr>')
    right = int((probabilities.argmax(2) == torch.arange(len(classes))).sum())
    count = probabilities.shape[0] * probabilities.shape[1]
    if right == count:
        caption = _("The judge reads all {count} as asked.").format(count=count)
    else:
        caption = _("The judge reads {right} of {count} as asked; a ✗ marks the others.")
        caption = caption.format(right=right, count=count)
    name, first = escape(_("What the judge reads")), escape(_("Row"))
    width = "many" if len(classes) > FEW else "few"
    return (
        f'<div class="readings {width}" role="group" aria-label="{name}"><table>'
        f"<caption>{escape(caption)}</caption>"
        f'<thead><tr><th scope="col">{first}</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def mixture_chart(
    classes: tuple[str, ...], pair: tuple[int, int], probabilities: torch.Tensor, mix: float
) -> go.Figure:
    """The probabilities of two classes along their mixture (STEPS, rows, L): a thin line for each row, a thick one for
    the mean."""
    x = np.linspace(0, 1, STEPS)
    figure = charts.figure(
        height=260, margin_r=20, legend_y=1.15, hovermode="x",
        xaxis={"range": [0, 1], "title_text": _("mixture"), "tickformat": ".0%", "showgrid": False},
        yaxis={"range": [-0.02, 1.02], "title_text": _("the judge sees"), "tickformat": ".0%"},
    )  # fmt: skip
    for label, colour, dash in zip(pair, charts.colours(), ("solid", "dash"), strict=False):
        line = {"color": colour, "dash": dash}
        for row in probabilities[:, :, label].T.numpy():
            figure.add_scatter(x=x, y=row, mode="lines", line=line | {"width": 1}, opacity=0.4, hoverinfo="skip",
                               showlegend=False)  # fmt: skip
        name = words(classes[label])
        mean = probabilities[:, :, label].mean(1).numpy()
        figure.add_scatter(x=x, y=mean, name=name, mode="lines", line=line | {"width": 3},
                           hovertemplate=f"{name}: %{{y:.0%}}<extra></extra>")  # fmt: skip
    figure.add_vline(mix, line={"color": charts.ink(), "width": 1})
    return figure
