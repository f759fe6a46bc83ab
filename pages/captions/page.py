"""Captions: A model describes a picture; each word lights up the part of the picture that it came from."""

import streamlit as st
from PIL import Image

from gen_lab import registry
from gen_lab.data import flickr8k
from gen_lab.ui import frame, models, pictures
from gen_lab.ui.history import History
from gen_lab.ui.language import _
from pages.captions import widgets
from pages.captions.batch import caption_batch
from pages.captions.control import caption_control
from pages.captions.cover import cover_control
from pages.captions.state import Captions
from pages.captions.tree import caption_tree

frame.head(
    _("Captions"),
    _(
        "**Point at a word: the picture lights up where the model looked.** Click another word, and the sentence "
        "goes on from there."
    ),
)

# Source: which captioner, which picture
cards = registry.having("caption")
name = models.first(cards, "caption-photos")
history = History("captions", Captions, model=name)
history.write_link()
state = history.current
if len(cards) > 1:
    models.choice(history, cards, frame.options(), prefix=(), word=None)
with frame.remedies():
    checkpoint = models.load(state.model, "caption")
picture = widgets.find_picture(state.picture)
if picture is None:
    st.info(_("This picture is not here: a link cannot hold your own. Here is another."), icon=":material/link_off:")
    picture = widgets.find_picture(Captions.picture)

dialog = pictures.dialog_for("captions")
if dialog == "picture":
    widgets.ask(history)


def change(changes):
    if changes.get("picture", "") is None:
        pictures.ask("captions", "picture")
    else:
        history.push(**changes | (widgets.INITIAL if "picture" in changes else {}))


# What it says, and where it looked
with frame.remedies():
    sentence = widgets.main_sentence(history, checkpoint, picture)
caption_control(sentence, picture, state, key="captions control", on_change=change)
with st.container(horizontal=True, vertical_alignment="center"):
    history.buttons()
    initial = Captions(state.model, state.picture)
    reset = {"on_click": history.push, "kwargs": vars(initial), "disabled": state == initial}
    st.button(_("Reset"), icon=":material/restart_alt:", **reset)
    widgets.download(picture, sentence, state)
    if flickr8k.is_ready() and st.button(_("Photos of its own world"), icon=":material/grid_view:"):
        widgets.browse(history)
    if not picture.name.startswith(widgets.OWN):
        history.link()

# The slow parts
frame.picture_first()
st.subheader(_("What if it could not see this?"), anchor=False)
st.markdown(
    _(
        "Attention says what the decoder *weighed*; it does not prove *why* it said a word. So cover the place with "
        "grey and let the encoder look again. If a word hardly suffers when its bright place is gone, it came from "
        "elsewhere: the words before it, habit, or other places, since each has seen much of the picture."
    )
)
cover_control(checkpoint, picture, sentence, state, key="captions cover", on_release=change)

st.subheader(_("Three ways to a sentence"), anchor=False)
widgets.side_by_side(history, checkpoint, picture)
st.markdown(
    _(
        "**The beams as a tree:** every sentence that the search followed, with the log-probability up to each word. "
        "Point at a word, or go there with the arrow keys. Scroll sideways for the rest of the tree."
    )
)
caption_tree(
    widgets.tree(checkpoint, picture, state.beam, state.prefix), checkpoint.model.vocabulary,
    Image.fromarray(picture.pixels), widgets.whole_features(checkpoint, picture).shape[1:3],
    strength=state.strength, colours=state.colours, key="captions tree",
)  # fmt: skip
many = st.container()

scores = widgets.scores(checkpoint.card)
if scores:
    st.subheader(_("How good it is"), anchor=False)
    st.table(scores, border="horizontal", hide_index=True)
    st.caption(
        _(
            "Captions of pictures that the model did not learn from, compared with five that people wrote for each. "
            "BLEU-n (Papineni et al. 2002), in per cent: how often n of its words in a row, or fewer, are in one of "
            "theirs. CIDEr (Vedantam et al. 2015), where 1 is 100%: the same, but common phrases count less."
        )
    )

frame.below("captions", checkpoint.card)
with many:  # last, because what follows it has to wait while it works
    caption_batch(checkpoint, state.beam)
