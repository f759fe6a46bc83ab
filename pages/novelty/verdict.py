"""What the Novelty page says of a picture and of a model, in the reader's language; `state` decides which of it."""

from collections.abc import Mapping

from gen_lab.metrics.novelty import MANY, RARE
from gen_lab.ui.language import _
from pages.novelty.state import overall


def sources() -> dict[str, str]:
    """The names of SOURCES."""
    return {
        "sample": _("The model's"),
        "latent": _("From another page"),
        "memoriser": _("A memoriser's"),
        "data": _("A test picture"),
        "photo": _("Your picture"),
    }


def space_names() -> dict[str, str]:
    return {"pixels": _("pixels"), "features": _("features of the judge")}


def text(decision: str, power: float) -> str:
    """A decision of `state.verdict` in words; `power` is that of the check by features."""
    texts = {
        "same": _("**This is a training picture**, pixel for pixel."),
        "pixels near": _(
            "**Pixels alone cannot tell** whether this is a copy. Few unseen pictures come so near, but a blurred or "
            "plain picture is near to many. Compare it with its neighbours."
        ),
        "pixels": _(
            "**Pixels alone cannot tell** whether this is a copy. One that was moved by a pixel or two is as far away "
            "as any other picture."
        ),
        "copy": _(
            "**This looks like a copy.** By pixels and by features it is nearer to a training picture than 99 of 100 "
            "real pictures that the model never saw."
        ),
        "moved": _(
            "**This looks like a copy that was moved or touched up.** By features it is nearer to a training picture "
            "than 99 of 100 real pictures that the model never saw; by pixels it is not."
        ),
        "near": _(
            "**Near by pixels alone.** Few unseen pictures come so near, yet the features differ. By pixels, a blurred "
            "or plain picture is near to many: compare it with its neighbours."
        ),
        "undecided": _(
            "**Undecided.** It is nearer to a training picture than 95 of 100 real pictures that the model never saw, "
            "but not nearer than 99. Compare it with its neighbours."
        ),
        "powerless": _(
            "**This check cannot tell.** It raises no alarm, but among such pictures it would hardly notice a copy: it "
            "finds {power} of a memoriser's. Compare the picture with its neighbours."
        ),
        "strange": _(
            "**No sign of copying, but strange.** By features it is farther from all training pictures than 99 of 100 "
            "real pictures that the model never saw. New is not the same as good."
        ),
        "new": _(
            "**No sign of copying.** Real pictures that the model never saw come just as near to the training "
            "pictures. This check finds {power} of a memoriser's copies."
        ),
    }
    return texts[decision].format(power=f"{power:.0%}")


def evidence(ranks: Mapping[str, float], counts: Mapping[str, int]) -> str:
    """The `rank` of a picture among the held-out pictures, of which there are `counts`, by space: a list."""
    rows = {
        "pixels": _(
            "By **pixels**, {share} of {count} held-out pictures are at least as far from the training set as this one."
        ),
        "features": _(
            "By **features of the judge**, {share} of {count} held-out pictures are at least as far from the training "
            "set as this one."
        ),
    }
    return "\n".join(
        "- " + rows[space].format(share=f"{1 - rank:.0%}", count=f"{counts[space]:,}") for space, rank in ranks.items()
    )


def summary(entry: dict) -> str:
    """The card's entry "novelty" in words. Raises KeyError or TypeError for one that is not in order."""
    space = "features" if "features" in entry else "pixels"
    model, memoriser = entry[space]["model"], entry[space]["memoriser"]
    texts = {
        "pixels": _("**Pixels alone cannot tell.**"),
        "many": _("**Many samples are too near.**"),
        "rule": _("**As a rule, samples are nearer than they should be.**"),
        "powerless": _("**This check cannot tell:** it does not find the planted memoriser."),
        "new": _("**No sign of copying.**"),
    }
    shares = {
        "model": f"{model['closer']:.1%}",
        "memoriser": f"{memoriser['closer']:.0%}",
        "pixels": f"{entry['pixels']['memoriser']['closer']:.0%}",
    }
    if space == "pixels":
        figures = _(
            "By pixels, {model} of the samples are nearer to a training picture than 99 of 100 held-out pictures. Of "
            "the planted memoriser's pictures {memoriser} are. A blurred picture is near to many by pixels, and a copy "
            "that was moved is far away."
        )
        return f"{texts[overall(entry)]} {figures.format(**shares)}"
    figures = _(
        "By features of the judge, {model} of the samples are nearer to a training picture than 99 of 100 held-out "
        "pictures. Of the planted memoriser's pictures {memoriser} are, and {pixels} by pixels."
    )
    sentences = [texts[overall(entry)], figures.format(**shares)]
    if memoriser["closer"] <= MANY and memoriser["p"] < RARE:
        sentences.append(_("Only their C_T gives them away."))
    if entry["pixels"]["model"]["p"] < RARE and not model["p"] < RARE:
        sentences.append(
            _("By pixels the samples are nearer as a rule, as blurred or plain pictures are without being copies.")
        )
    return " ".join(sentences)
