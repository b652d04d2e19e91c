"""Long texts cut into windows: each within what the model takes, together the whole text."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attnviz.resolution.cutting import cut_text

WORDS = "rain fell over hills that no one saw but birds sang their long slow song of sea".split()


def words(text):
    return len(text.split())


def pieces(text):
    """As a tokenizer of word pieces of three letters counts."""
    return sum(-(-len(word) // 3) for word in text.split())


def check(text, cut, count, room):
    assert all(count(text[a:b]) <= room for a, b in cut)
    assert cut[0][0] == 0
    assert cut[-1][1] == len(text.rstrip())
    for (a, b), (c, d) in pairwise(cut):
        assert a < c <= b + 1 + len(text[b:]) - len(text[b:].lstrip())
        assert d > b
    covered = "".join(
        text[max(a, b0) : b] for (a, b), b0 in zip(cut, [0, *(b for _, b in cut)], strict=False)
    )
    assert re.sub(r"\s", "", covered) == re.sub(r"\s", "", text)


def test_windows_are_as_long_as_they_may_be():
    text = " ".join(WORDS * 10)
    cut = cut_text(text, words, 40, 0)
    assert [words(text[a:b]) for a, b in cut] == [40, 40, 40, 40, 10]
    check(text, cut, words, 40)


def test_windows_overlap():
    text = " ".join(WORDS * 10)
    cut = cut_text(text, words, 40, 10)
    check(text, cut, words, 40)
    assert [words(text[c:b]) for (_, b), (c, _) in pairwise(cut)] == [10] * (len(cut) - 1)


def test_no_word_is_cut():
    text = " ".join(WORDS * 10)
    assert all(
        text[a:b].split()[0] in WORDS and text[a:b].split()[-1] in WORDS
        for a, b in cut_text(text, pieces, 20, 5)
    )


def test_a_word_longer_than_a_window_is_cut():
    text = "a " + "x" * 100 + " b"
    cut = cut_text(text, pieces, 10, 2)
    check(text, cut, pieces, 10)


def test_a_script_without_blanks_is_cut_between_characters():
    text = "雨が丘の上に降り誰も見なかったが鳥は歌った。" * 8
    cut = cut_text(text, len, 30, 5)
    assert [b - a for a, b in cut[:-1]] == [30] * (len(cut) - 1)
    check(text, cut, len, 30)


@given(
    st.text(alphabet="ab 雨\n", min_size=1, max_size=200).filter(
        lambda text: text.strip() == text and text
    ),
    st.integers(2, 20),
    st.integers(0, 10),
)
@example(text="aa aa雨 aaa", room=6, overlap=3)
@pytest.mark.parametrize("count", [words, pieces, len])
def test_any_text_is_covered(count, text, room, overlap):
    check(text, cut_text(text, count, room, min(overlap, room // 2)), count, room)
