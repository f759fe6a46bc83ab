"""The guided steps of the Map page."""

from gen_lab.ui.guide import Step, widget
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Click a point to see its picture."), ".cloud", changes=("place",)),
        Step(_("Click between the points: what would be there?"), ".cloud", changes=("place",)),
        Step(_("Choose another layout. Which neighbours stay together?"), widget("map method"), changes=("method",)),
    ]
