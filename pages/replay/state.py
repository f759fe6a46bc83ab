"""What the Training replay page shows, as a few plain values.

    view = View("gan-digits", step=5000, log_losses=True)
    links.read(View, links.write(view)) == view
"""

from dataclasses import dataclass

from gen_lab import links


@dataclass(frozen=True)
class View:
    """A run, a step of it and the look of its charts. They come from a link, so they are not to be trusted."""

    model: str = links.text()
    step: int | None = links.whole(None, 0, 10**12)  # None: the last one
    smoothing: float = links.number(0.6, 0.0, 0.99)  # weight of the values before
    log_losses: bool = links.flag(False)
    log_steps: bool = links.flag(False)
