"""The guided steps of the GANs page."""

from gen_lab.ui.guide import Step, slider, widget
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Drag the pictures to the left or to the right."), "canvas.draggable", changes=("moves",)),
        Step(
            _("Lower **Truncation**: are they more typical, or just alike?"),
            slider("truncation"),
            changes=("truncation",),
        ),
        Step(_("Choose a model that failed. What does it paint?"), widget("gan model"), changes=("model",)),
    ]
