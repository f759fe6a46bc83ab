"""What the page of the training replay shows, as a few plain values.

    view = View("gan-digits", step=5000, log_losses=True)
    links.read(View, links.write(view)) == view
"""

from dataclasses import dataclass

from gen_lab import links


@dataclass(frozen=True)
class View:
    """A run, a place in it and the look of its charts; all of it comes from a link and so from a stranger."""

    model: str = links.text()
    step: int | None = links.whole(None, 0, 10**12)  # None: the last one
    smoothing: float = links.number(0.6, 0.0, 0.99)  # weight of what was before
    log_losses: bool = links.flag(False)
    log_steps: bool = links.flag(False)
