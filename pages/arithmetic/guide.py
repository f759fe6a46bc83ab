"""The guided steps of the Arithmetic page."""

from gen_lab.ui.guide import Step, slider, widget
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Read the row: **A − B + C** makes the result."), widget("arithmetic row")),
        Step(_("Drag **Difference**: how much of it does the face bear?"), slider("strength"), changes=("strength",)),
        Step(_("Press **Change A**, and choose other pictures."), widget("arithmetic change a"), press=True),
    ]
