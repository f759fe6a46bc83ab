"""The guided steps of the Paths page."""

from gen_lab.ui.guide import Step, widget
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Drag **Position**: one picture becomes the next."), "#position", changes=("t",)),
        Step(_("Press **Play**, and compare the three ways."), ".play", press=True),
        Step(_("Switch on **Constant speed**. Where did it jump before?"), widget("paths speed"), changes=("speed",)),
    ]
