from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dechaff.core import word_hashes as module
from dechaff.methods.duplicates.shingles import Shingles, grams, shingles
from tests.methods.duplicates.made_texts import words_of


def of(*texts: str) -> Shingles:
    return shingles(module.words_of(texts))


def test_words_are_hashed_by_content_and_not_by_order_of_appearance() -> None:
    first, second = of("a b c"), of("x y z", "a b c")
    assert first.hashes.tolist() == second.hashes[1:].tolist()


def test_a_text_of_one_or_two_words_is_one_shingle() -> None:
    found = of("a", "", "a b", "a b c", "b a")
    assert np.diff(found.starts).tolist() == [1, 0, 1, 1, 1]
    assert len(np.unique(found.hashes)) == 4


def test_content_knows_the_order_of_words() -> None:
    content = of("a b c d", "a b d c", "A, b: c; d", "", "...").content
    assert content[0].tolist() == content[2].tolist()
    assert (content[0] != content[1]).all()
    assert content[3:].tolist() == [[0, 0], [0, 0]]


any_text = st.text(st.characters(), max_size=40)  # surrogates, too
odd_text = st.text(st.sampled_from("aAbZ09_ -\n\0\t'éÉßŁſﬁ²ΣςİI我喜ー・が\u0301\u200b\ud800𝔸"), max_size=30)


def test_no_texts_have_no_runs() -> None:
    assert len(grams(module.words_of([])).hashes) == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.sampled_from("aAbZ09_ -\n\0\t'dx"), max_size=30), max_size=8))
def test_the_runs_of_characters_are_those_of_the_joined_words(texts: list[str]) -> None:
    found = grams(module.words_of(texts))
    lines = [" ".join(words_of(text)) for text in texts]
    runs = [[line[at : at + 8] for at in range(max(1, len(line) - 7))] if line else [] for line in lines]
    assert found.counts.tolist() == [len(some) for some in runs]
    flat = [run for some in runs for run in some]
    known = dict(zip(flat, found.hashes.tolist(), strict=True))
    assert [known[run] for run in flat] == found.hashes.tolist()
    assert len(set(known.values())) == len(known)


@given(st.lists(any_text | odd_text, max_size=8))
def test_a_character_of_any_script_counts_as_one(texts: list[str]) -> None:
    found = grams(module.words_of(texts))
    lengths = np.array([len(" ".join(words_of(text))) for text in texts], dtype=np.int64)
    assert found.counts.tolist() == np.where(lengths > 8, lengths - 7, np.minimum(lengths, 1)).tolist()


def test_letters_of_one_alphabet_stay_different() -> None:
    assert len(np.unique(grams(module.words_of(list("абвгдежзийклмнопрстуфхцчшщъыьэюя"))).hashes)) == 32
