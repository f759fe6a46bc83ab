"""The guided steps of the Novelty page."""

from gen_lab.ui.guide import Step, widget
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Read the verdict: did the model make this picture up?"), ".st-key-novelty-verdict"),
        Step(_("Now choose **A memoriser's** picture."), widget("novelty source"), changes=("source",)),
        Step(_("Move it. When does each comparison lose the trail?"), widget("novelty shift"), changes=("shift",)),
    ]
