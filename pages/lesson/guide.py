"""The guided steps of the Lesson page."""

from gen_lab.ui.guide import Step, widget
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Look at a lesson that is there already."), widget("lesson gallery"), changes=("shipped",)),
        Step(_("Press **Present**: **→** turns the slides, **Escape** ends."), widget("lesson present"), press=True),
        Step(_("For slides of your own, press **Slides** on any page."), widget("lesson slides"), press=True),
        Step(_("**Follow me** shows your page on the students' phones."), widget("lesson follow")),
    ]
