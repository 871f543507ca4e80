"""Conditions on a text column."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.noisy_slices.column_conditions import text_conditions


def held(texts, *, smallest=1, largest=None):
    """Words of every condition with the rows on which it holds."""
    column = np.array(texts, dtype=object)
    found = text_conditions(column, "t", smallest=smallest, largest=largest or len(texts))
    return {item.words: found.rows(place).tolist() for place, item in enumerate(found.items)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("so <b>good</b>", "t contains markup (<…>)"),
        ("1 < 2", "t contains markup signs ('<' or '>')"),
        ("this &amp; that", "t contains an HTML entity (&…;)"),
        ("see www.example.org", "t contains a web address"),
        ("cafÃ© au lait", "t contains broken encoding"),
        ("a\x07b", "t contains control characters"),
        ("one\ntwo", "t contains a line break"),
        ("naïve", "t contains letters outside ASCII"),
        ("SHOUTED", "t has no lower-case letter"),
        ("what?!!", "t contains repeated punctuation"),
    ],
)
def test_artefacts_are_seen_on_the_rows_that_have_them(text, words):
    assert held(["plain words", text, "other words"])[words] == [1]


def test_a_lone_sign_is_no_markup():
    assert "t contains markup (<…>)" not in held(["1 < 2 and 3 > 2", "i < 3"])


def test_short_and_long_texts_are_told_by_their_words():
    texts = ["one two"] * 2 + ["one two three four five six"] * 18
    assert held(texts)["t has at most 2 words"] == [0, 1]


def test_a_phrase_is_named_in_full_and_not_by_its_end_as_well():
    texts = [f"text {i} sent from my phone" for i in range(3)] + ["other end", "no such thing"]
    ends = [words for words in held(texts, smallest=2) if "ends with" in words]
    assert ends == ["t ends with 'sent from my phone'"]


def test_a_shorter_end_on_more_rows_is_named_too():
    texts = ["a my old phone", "b my old phone", "c her phone", "d his phone"]
    found = held(texts, smallest=2)
    assert found["t ends with 'my old phone'"] == [0, 1]
    assert found["t ends with 'phone'"] == [0, 1, 2, 3]


def test_a_phrase_is_incidental_and_a_single_word_is_not():
    column = np.array(["x by the editor", "y by the editor", "z editor"], dtype=object)
    items = {item.words: item for item in text_conditions(column, "t", smallest=2, largest=3).items}
    assert items["t ends with 'by the editor'"].incidental
    assert not items["t ends with 'editor'"].incidental
    assert not items["t contains 'editor'"].incidental


def test_words_are_conditions_where_enough_texts_have_them():
    found = held(["good film", "good book", "bad film"], smallest=2)
    assert found["t contains 'good'"] == [0, 1]
    assert "t contains 'book'" not in found


@pytest.mark.parametrize("texts", [["", "", ""], ["a"] * 3, []])
def test_texts_without_a_word_are_no_trouble(texts):
    column = np.array(texts, dtype=object)
    found = text_conditions(column, "t", smallest=1, largest=2)
    assert all("contains '" not in item.words for item in found.items)
