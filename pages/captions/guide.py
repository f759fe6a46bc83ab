"""The guided steps of the Captions page."""

from gen_lab.ui.guide import Step
from gen_lab.ui.language import _


def steps() -> list[Step]:
    return [
        Step(_("Go through the words: where did the model look for each?"), ".sentence", changes=("word",)),
        Step(_("Choose another word: the sentence goes on from there."), ".others", changes=("prefix",)),
        Step(_("Cover a part of the picture. Which words suffer?"), ".pad", changes=("cover",)),
    ]
