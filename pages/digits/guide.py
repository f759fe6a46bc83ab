"""The guided steps of the Digits page."""

from gen_lab.ui.guide import Step, widget
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Draw a **4** on the black pad."), ".pad", changes=("drawing",)),
        Step(_("Drag the ring, and watch what both models make of it."), ".planes", changes=("place",)),
        Step(_("Choose another **β**: how does the plane change?"), widget("digits beta"), changes=("beta",)),
        Step(
            _("Switch on **Where the judge is unsure**. Where are the holes?"), widget("digits sure"), changes=("sure",)
        ),
    ]
