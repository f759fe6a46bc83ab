"""The guided steps of the Training replay page."""

from gen_lab.ui.guide import Step, widget
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Press **Play**, and watch the model learn."), ".play", press=True),
        Step(_("Drag back to the first steps. What comes first?"), ".foot", changes=("step",)),
        Step(_("Choose another model. Did its training go well?"), widget("replay model"), changes=("model",)),
    ]
