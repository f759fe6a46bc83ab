"""Captions: A model describes a picture; each word lights up the part of the picture that it came from."""

import streamlit as st
from PIL import Image

from gen_lab import registry
from gen_lab.ui import frame, models, pictures
from gen_lab.ui.history import History
from pages.captions import widgets
from pages.captions.batch import caption_batch
from pages.captions.control import caption_control
from pages.captions.cover import cover_control
from pages.captions.pictures import PHOTOS
from pages.captions.state import Captions
from pages.captions.tree import caption_tree

TREE = (
    "**The beams as a tree:** every sentence that the search followed; the figure is the log-probability of all words "
    "up to there. Point at a word, or go there with the arrow keys: the picture shows where the model looked for it."
)
SCORES = (
    "Of captions for pictures that it did not learn from, against five that people wrote for each. BLEU-n (Papineni et "
    "al. 2002), in per cent: how often n of its words in a row, or fewer, stand in one of theirs. CIDEr (Vedantam et "
    "al. 2015), where 1 is 100 %: the same, but what is said of every picture counts less."
)
COVER = (
    "Attention says what the decoder *weighed*, which is no proof of *why* it said a word. So take the place away: "
    "grey pixels, and the encoder looks again. If a word hardly suffers when its bright place is gone, the model had "
    "it from elsewhere: from the words before it, from its habits, or from other positions, for each of the 7 × 7 has "
    "seen a large part of the picture."
)

frame.head(
    "Captions",
    "**Go through the words with the mouse, a finger or the arrow keys: the picture shows where the model looked.** "
    "Another word takes a word's place at a click, and the sentence goes on from there.",
)

# Source: which captioner, which picture
cards = registry.having("caption")
name = models.first(cards, "caption-photos")
history = History("captions", Captions, model=name)
history.write_link()
state = history.current
if len(cards) > 1:
    models.choice(history, cards, prefix=(), word=None)
with frame.remedies():
    checkpoint = models.load(state.model, "caption")
picture = widgets.find_picture(state.picture)
if picture is None:
    st.info("This picture is not here: links hold none of one's own. Here is another.", icon=":material/link_off:")
    picture = widgets.find_picture(Captions.picture)

if pictures.dialog_for("captions"):
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
    st.button("Reset", icon=":material/restart_alt:", **reset)
    widgets.download(picture, sentence, state)
    if picture.name in PHOTOS:
        history.link()

st.subheader("What if it could not see this?", anchor=False)
st.markdown(COVER)
cover_control(checkpoint, picture, sentence, state, key="captions cover", on_release=change)

st.subheader("Three ways to a sentence", anchor=False)
widgets.side_by_side(history, checkpoint, picture)
st.markdown(TREE)
caption_tree(
    widgets.tree(checkpoint, picture, state.beam, state.prefix), checkpoint.model.vocabulary,
    Image.fromarray(picture.pixels), widgets.whole_features(checkpoint, picture).shape[1:3],
    strength=state.strength, colours=state.colours, key="captions tree",
)  # fmt: skip
many = st.container()

scores = widgets.scores(checkpoint.card)
if scores:
    st.subheader("How good it is", anchor=False)
    st.table(scores, border="horizontal", hide_index=True)
    st.caption(SCORES)

frame.below("captions", checkpoint.card)
with many:  # last, because what follows it has to wait while it works
    caption_batch(checkpoint, state.beam)
