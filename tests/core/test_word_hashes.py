from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dechaff.core.word_hashes import word_hashes
from tests.methods.duplicates.made_texts import words_of

any_text = st.text(st.characters(), max_size=40)  # surrogates, too
odd_text = st.text(st.sampled_from("aAbZ09_ -\n\0\t'éÉßŁſﬁ²ΣςİI我喜ー・が\u0301\u200b\ud800𝔸"), max_size=30)


@settings(max_examples=200, deadline=None)
@given(st.lists(any_text | odd_text, max_size=8))
def test_the_words_are_those_of_a_regular_expression(texts: list[str]) -> None:
    hashes, counts = word_hashes(texts)
    words = [words_of(text) for text in texts]
    assert counts.tolist() == [len(some) for some in words]
    flat = [word for some in words for word in some]
    known = dict(zip(flat, hashes.tolist(), strict=True))
    assert [known[word] for word in flat] == hashes.tolist()
    assert len(set(known.values())) == len(known)


def test_no_texts_have_no_words() -> None:
    hashes, counts = word_hashes([])
    assert len(hashes) == len(counts) == 0


def test_words_of_any_length_count_to_their_last_letter() -> None:
    words = ["a" * length + end for length in (1, 7, 8, 9, 15, 16, 17, 1000) for end in "xy"]
    hashes, _ = word_hashes(words)
    assert len(np.unique(hashes)) == len(words)


def test_a_word_is_the_same_beside_other_scripts() -> None:
    alone, beside = word_hashes(["door"])[0], word_hashes(["Döner DOOR 門"])[0]
    assert alone[0] == beside[1]
    assert len(beside) == 3
