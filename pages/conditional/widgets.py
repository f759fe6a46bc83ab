"""What the Conditional page says after a release: the judge's reading of each picture and of the mixtures."""

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
from pages.conditional.state import STEPS, Conditional, sweep, whole

CSS = Path(__file__).parent / "widgets.css"
ACCURACY = ("label_accuracy", "judge_on_real")  # on a card: of random samples, and the judge's own on real pictures


def accuracy(card: dict) -> str:
    """What a card says of label accuracy, in a sentence."""
    metrics = card.get("metrics")
    found = [metrics.get(key) if isinstance(metrics, dict) else None for key in ACCURACY]
    of_samples, of_judge = (each if isinstance(each, (int, float)) else None for each in found)
    if of_samples is None:
        return f"Its label accuracy has not been measured yet: `python -m train.evaluate {card['name']}` does."
    said = f"Label accuracy, on the card: **{of_samples:.1%}** of random samples"
    return said + ("." if of_judge is None else f"; the judge itself is right on {of_judge:.1%} of real test pictures.")


def judged(checkpoint: Checkpoint, judge, shown: Conditional, directions: torch.Tensor):
    """What the judge says of every picture under a whole label (rows, L, L), and of the way between the two labels that
    are mixed (STEPS, rows, L). Raises ValueError for a judge of other things."""
    model, classes = checkpoint.model, checkpoint.model.classes
    parts = whole(model, shown, directions), sweep(model, shown, directions)
    latents, labels = map(torch.cat, zip(*parts, strict=True))
    said = class_probabilities(judge, classes, decode(model, latents, labels))
    return (
        said[: shown.rows * len(classes)].reshape(shown.rows, len(classes), -1),
        said[shown.rows * len(classes) :].reshape(STEPS, shown.rows, -1),
    )


def readings(classes: tuple[str, ...], said: torch.Tensor) -> str:
    """What the judge reads in each picture (rows, L, L), probabilities of the classes, as an HTML table: rows are
    latents, columns the labels that were asked for."""
    head = "".join(f'<th scope="col">{escape(words(name))}</th>' for name in classes)
    rows = []
    for number, row in enumerate(said, 1):
        cells = []
        for asked, probabilities in enumerate(row):
            seen = int(probabilities.argmax())
            text = f"{escape(words(classes[seen]))} <small>{float(probabilities[seen]):.0%}</small>"
            cells.append(f"<td>{text}</td>" if seen == asked else f'<td class="wrong">✗ {text}</td>')
        rows.append(f'<tr><th scope="row">{number}</th>{"".join(cells)}</tr>')
    right = int((said.argmax(2) == torch.arange(len(classes))).sum())
    caption = f"The judge reads {right} of {said.shape[0] * said.shape[1]} as asked; what it reads otherwise has a ✗."
    return (
        f'<div class="readings" role="group" tabindex="0" aria-label="What the judge reads"><table>'
        f"<caption>{caption}</caption>"
        f'<thead><tr><th scope="col">Latent</th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def way(classes: tuple[str, ...], pair: tuple[int, int], said: torch.Tensor, mix: float) -> go.Figure:
    """Probabilities of two classes along their mixture (STEPS, rows, L): thin each row's, thick their mean."""
    x = np.linspace(0, 1, STEPS)
    figure = charts.figure(
        height=260, margin_r=20, legend_y=1.15, hovermode="x",
        xaxis={"range": [0, 1], "title_text": "mixture", "tickformat": ".0%", "showgrid": False},
        yaxis={"range": [-0.02, 1.02], "title_text": "the judge sees", "tickformat": ".0%"},
    )  # fmt: skip
    for label, colour, dash in zip(pair, charts.colours(), ("solid", "dash"), strict=False):
        line = {"color": colour, "dash": dash}
        for row in said[:, :, label].T.numpy():
            figure.add_scatter(x=x, y=row, mode="lines", line=line | {"width": 1}, opacity=0.4, hoverinfo="skip",
                               showlegend=False)  # fmt: skip
        name = words(classes[label])
        figure.add_scatter(x=x, y=said[:, :, label].mean(1).numpy(), name=name, mode="lines", line=line | {"width": 3},
                           hovertemplate=f"{name}: %{{y:.0%}}<extra></extra>")  # fmt: skip
    figure.add_vline(mix, line={"color": charts.ink(), "width": 1})
    return figure
