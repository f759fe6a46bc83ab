"""The guided steps of Home."""

from gen_lab.ui.guide import Step
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Take the slider: how far does the smile go?"), ".hero .row", press=True),
        Step(_("Below are the pages, in the order of a course."), ".st-key-chapters h3"),
        Step(_("Press **Start here** to draw a digit."), ".st-key-start a", press=True),
    ]
