"""The guided steps of the Models page."""

from gen_lab.ui.guide import Step, widget
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Open a model: look at its samples before its figures."), widget("models cards"), press=True),
        Step(_("Read **What was tried**. What did not work, and why?"), widget("models cards")),
        Step(_("Open another: which is better, and at what?"), widget("models cards"), press=True),
    ]
