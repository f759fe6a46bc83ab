"""The guided steps of the Faces page."""

from gen_lab.ui.guide import Step, slider, widget
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Drag **Smiling** to the right, and watch the face."), slider("Smiling"), changes=("Smiling",)),
        Step(_("Look at the bars: what moved although nobody asked?"), ".meter"),
        Step(_("Lock what moved, so that it stays."), ".rows", changes=("locked",)),
        Step(_("Drag **Smiling** again. What is different?"), slider("Smiling"), changes=("Smiling",)),
        Step(_("Switch on **Before and after** to compare."), widget("faces compare"), changes=("compare",)),
    ]
