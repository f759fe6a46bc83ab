"""The guided steps of the Conditional page."""

from gen_lab.ui.guide import Step, slider, widget
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Drag the mixture from one label to the other."), slider("mix"), changes=("mix",)),
        Step(_("Drag the pictures: all change alike, and keep their labels."), "canvas.draggable", changes=("moves",)),
        Step(
            _("Press **Another**, and look for a row with a wrong label."),
            widget("conditional another"),
            changes=("seed",),
        ),
    ]
