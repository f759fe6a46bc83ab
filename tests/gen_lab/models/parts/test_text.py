"""Words: they come back from their numbers, and no text is too odd."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen_lab.models.parts.text import END, PAD, SPECIAL, START, UNKNOWN, Vocabulary, tokenize

WORDS = ("a", "dog", "runs", "snow", "2")
KNOWN = Vocabulary((*SPECIAL, *WORDS))


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_known_words_come_back(words):
    assert KNOWN.decode(KNOWN.encode(" ".join(words))) == tuple(words)


@given(st.text(max_size=200))
def test_any_text_becomes_lower_case_words_that_stay_as_they_are(text):
    words = tokenize(text)
    assert tokenize(" ".join(words)) == words
    assert all(word and not any(character.isspace() for character in word) for word in words)
    assert not set("".join(words)) & set("<>.,!?'\"-_")
    numbers = KNOWN.encode(text)
    assert numbers[0] == START and numbers[-1] == END and len(numbers) == len(words) + 2


@pytest.mark.parametrize(
    "text, words",
    [
        ("A dog , in a T-shirt !", ("a", "dog", "in", "a", "tshirt")),
        ("The man's dog 🐕🎉", ("the", "mans", "dog")),
        ("🐕", ()),
        ("", ()),
        ("Ein <end> süßes\tKätzchen\n", ("ein", "end", "süßes", "kätzchen")),
    ],
)
def test_punctuation_and_emoji_go(text, words):
    assert tokenize(text) == words


def test_a_caption_of_500_words_is_cut_and_still_ends():
    long = " ".join(["dog"] * 500)
    assert len(KNOWN.encode(long)) == 502
    assert KNOWN.encode(long, 20) == [START, *[KNOWN.numbers["dog"]] * 20, END]


def test_the_vocabulary_keeps_what_is_common_and_the_commonest_come_first():
    built = Vocabulary.build(["A dog.", "a dog", "A cat", "a bird bird"], minimum=2)
    assert built.words == (*SPECIAL, "a", "bird", "dog")
    assert built.encode("a cat") == [START, built.numbers["a"], UNKNOWN, END]


def test_no_word_of_a_text_is_a_special_one():
    assert set(KNOWN.encode("<pad> <start> <end> <unk>")[1:-1]) == {UNKNOWN}


def test_what_follows_the_end_is_not_read():
    dog = KNOWN.numbers["dog"]
    assert KNOWN.decode([START, dog, END, dog, PAD]) == ("dog",)
