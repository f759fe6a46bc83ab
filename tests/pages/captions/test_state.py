"""What the Captions page shows as plain values: links, rectangles, sentences, what a cover does."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gen_lab import checkpoint, links
from gen_lab.data import fake_captions
from pages.captions.pictures import COLOURS, PHOTOS
from pages.captions.state import LONGEST, SMALLEST, WAYS, Captions, alt_text, covered_image, focus, rectangle, say
from tests.tiny import make_captioner

sides = st.tuples(*[st.integers(0, 1000).map(lambda side: side / 1000)] * 4)
words = st.text("abcdefghijklmnopqrstuvwxyz0123456789é", min_size=1, max_size=12)
states = st.builds(
    Captions,
    model=st.just("caption-photos"),
    picture=st.sampled_from([*PHOTOS, "own-0123456789ab"]),
    way=st.sampled_from(list(WAYS)),
    beam=st.integers(1, 10),
    temperature=st.integers(1, 20).map(lambda tenths: tenths / 10),
    top_k=st.integers(0, 100),
    seed=st.integers(0, 999_999),
    prefix=st.lists(words, max_size=LONGEST).map(tuple),
    word=st.none() | st.integers(0, LONGEST),
    strength=st.integers(0, 20).map(lambda steps: steps / 20),
    colours=st.sampled_from(list(COLOURS)),
    cover=sides.map(rectangle),
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return checkpoint.load(make_captioner(tmp_path_factory.mktemp("captioner")) / "caption-photos").model


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.asarray(fake_captions.load("test").images[0])


@given(states)
def test_a_link_brings_the_same_state_back(state):
    assert links.read(Captions, links.write(state)) == state


@given(st.dictionaries(st.sampled_from(list(vars(Captions("x")))), st.text(max_size=60)))
def test_any_link_gives_a_state_within_its_ranges(query):
    state = links.read(Captions, query, model="caption-photos")
    assert 1 <= state.beam <= 10 and 0.1 <= state.temperature <= 2 and 0 <= state.top_k <= 100
    assert state.way in WAYS and state.colours in COLOURS and 0 <= state.strength <= 1
    assert len(state.prefix) <= LONGEST and (state.word is None or 0 <= state.word <= LONGEST)
    assert state.cover == () or (len(state.cover) == 4 and all(0 <= side <= 1 for side in state.cover))


@given(sides)
def test_a_rectangle_lies_between_its_corners_or_is_none(corners):
    edges = rectangle(corners)
    if edges:
        left, top, right, bottom = edges
        assert right - left >= SMALLEST and bottom - top >= SMALLEST
        assert {left, right} == {corners[0], corners[2]} and {top, bottom} == {corners[1], corners[3]}
    else:
        assert min(abs(corners[0] - corners[2]), abs(corners[1] - corners[3])) < SMALLEST


@given(st.integers(0, 6), st.integers(0, 6))
def test_the_place_that_was_looked_at_is_covered(row, column):
    attention = torch.full((7, 7), 0.01)
    attention[row, column] = 0.5
    left, top, right, bottom = focus(attention)
    assert left <= (column + 0.5) / 7 <= right and top <= (row + 0.5) / 7 <= bottom
    assert right - left == pytest.approx(3 / 7, abs=2e-3) and bottom - top == pytest.approx(3 / 7, abs=2e-3)


def test_a_cover_makes_its_place_grey_and_no_other():
    pixels = np.full((40, 80, 3), 255, np.uint8)
    image = covered_image(pixels, (0.25, 0.5, 0.75, 1.0))
    assert image.shape == (1, 3, 40, 80)
    assert (image[:, :, 20:, 20:60] == 0).all() and image.sum() == 3 * (40 * 80 - 20 * 40)
    assert (pixels == 255).all() and (covered_image(pixels, ()) == 1).all()


def test_each_way_says_what_the_model_says(model, picture):
    features = model.features(covered_image(picture, ()))
    state = Captions("caption-photos", beam=3, temperature=1.5, top_k=5, seed=7)
    expected = {
        "greedy": model.describe(features),
        "beam": model.describe(features, 3),
        "sampling": model.describe(features, temperature=1.5, top_k=5, seed=7),
    }
    for way in WAYS:
        sentence, (caption,) = say(model, features, state, way), expected[way]
        assert sentence.words == caption.words and sentence.ended and len(sentence.steps) == len(sentence.words) + 1
        assert sentence.log_probability == pytest.approx(caption.log_probability, abs=1e-3)
        for step, attention in zip(sentence.steps, caption.attention, strict=False):
            assert torch.allclose(step.attention, attention, atol=1e-5)
            assert float(step.attention.sum()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_goes_on_from_the_readers_words(model, picture, way):
    features = model.features(covered_image(picture, ()))
    state = Captions("caption-photos", prefix=("the", "disc", "is"))
    sentence = say(model, features, state, way)
    assert sentence.words[:3] == state.prefix and len(sentence.words) > 3


@pytest.mark.parametrize("prefix", [("zebra",), ("<end>",), ("a", "![x](http://x.org)")])
@pytest.mark.parametrize("way", WAYS)
def test_a_word_that_it_does_not_know_is_named(model, picture, way, prefix):
    features = model.features(covered_image(picture, ()))
    with pytest.raises(ValueError, match="does not know the word .*: choose another"):
        say(model, features, Captions("caption-photos", prefix=prefix), way)


def test_a_longest_prefix_is_the_whole_sentence(model, picture):
    features = model.features(covered_image(picture, ()))
    state = Captions("caption-photos", prefix=("red",) * LONGEST)
    for way in WAYS:
        assert say(model, features, state, way).words == state.prefix


def test_without_a_word_in_the_link_the_last_one_is_shown(model, picture):
    sentence = say(model, model.features(covered_image(picture, ())), Captions("caption-photos"), "greedy")
    last = len(sentence.words) - 1
    assert [sentence.place(word) for word in (None, 0, last + 1, last + 2, 20)] == [last, 0, last + 1, last, last]


@pytest.mark.parametrize(("words", "text"), [((), ""), (("a", "dog"), "A dog."), (("2", "dogs"), "2 dogs.")])
def test_alt_text_is_a_written_sentence(words, text):
    assert alt_text(words) == text
