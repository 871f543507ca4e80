"""Conditions on one column."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.noisy_slices.column_conditions import (
    category_conditions,
    finer_ranges,
    missing_condition,
    range_conditions,
    tells_provenance,
    text_conditions,
)

TENS = np.arange(100.0)


def words(conditions):
    return [item.words for item in conditions.items]


@pytest.mark.parametrize("name", ["source", "data source", "annotator_id", "Batch", "upload.site", "entry date"])
def test_names_of_columns_that_tell_where_rows_come_from_are_known(name):
    assert tells_provenance(name)


@pytest.mark.parametrize("name", ["resource", "age", "composite", "camerad", ""])
def test_other_names_do_not_tell_provenance(name):
    assert not tells_provenance(name)


def test_missingness_is_a_condition_where_it_is_neither_too_rare_nor_too_frequent():
    missing = np.array([True] * 3 + [False] * 7)
    assert words(missing_condition(missing, "age", smallest=3, largest=5)) == ["age is missing"]
    assert words(missing_condition(missing, "age", smallest=4, largest=5)) == []
    assert words(missing_condition(missing, "age", smallest=1, largest=2)) == []


def test_missing_cells_are_no_category():
    values = np.array(["", "", "", "a", "a"], dtype=object)
    assert words(category_conditions(values, "kind", smallest=1, largest=5)) == ["kind is 'a'"]


def test_the_most_frequent_categories_come_first_and_ties_in_their_order():
    values = np.array(["b", "a", "c", "c"], dtype=object)
    assert words(category_conditions(values, "kind", smallest=1, largest=4)) == [
        "kind is 'c'",
        "kind is 'a'",
        "kind is 'b'",
    ]


def test_many_categories_are_cut_off_after_those_that_are_missing_or_too_frequent():
    values = np.array(["most"] * 500 + [f"c{i:03d}" for i in range(250) for _ in range(2)], dtype=object)
    found = category_conditions(values, "kind", smallest=1, largest=400)
    assert len(found.items) == 200
    assert all("most" not in one for one in words(found))


def test_a_category_of_a_provenance_column_is_incidental():
    values = np.array(["x", "x"], dtype=object)
    assert category_conditions(values, "source", smallest=1, largest=2).items[0].incidental
    assert not category_conditions(values, "colour", smallest=1, largest=2).items[0].incidental


def test_ranges_hold_on_the_rows_that_their_words_say():
    found = range_conditions(TENS, "age", smallest=5, largest=95)
    held = {item.words: found.rows(place) for place, item in enumerate(found.items)}
    assert held["age ≤ 9"].tolist() == list(range(10))
    assert held["age > 89"].tolist() == list(range(90, 100))
    assert held["9 < age ≤ 29"].tolist() == list(range(10, 30))


def test_a_missing_number_is_in_no_range():
    values = np.where(np.arange(100) % 2 == 0, np.nan, TENS)
    found = range_conditions(values, "age", smallest=1, largest=100)
    assert all(not np.isnan(values[found.rows(place)]).any() for place in range(len(found.items)))


@pytest.mark.parametrize("values", [np.full(30, np.nan), np.zeros(0), np.full(30, 7.0)])
def test_a_column_without_two_values_has_no_range_but_all_or_nothing(values):
    assert range_conditions(values, "age", smallest=1, largest=29).items == ()


def test_dates_are_shown_as_days_and_as_moments_where_they_are():
    days = np.arange(10) * 86_400.0
    assert "at ≤ 1970-01-05" in words(range_conditions(days, "at", smallest=5, largest=5, dates=True))
    moments = words(range_conditions(days + 3_661, "at", smallest=5, largest=5, dates=True))
    assert "at ≤ 1970-01-05 01:01:01" in moments


def test_dates_are_incidental_and_numbers_are_not():
    assert range_conditions(TENS, "at", smallest=5, largest=95, dates=True).items[0].incidental
    assert not range_conditions(TENS, "age", smallest=5, largest=95).items[0].incidental


def test_finer_bounds_lie_up_to_a_tenth_on_either_side():
    values = np.arange(1000.0)
    found = words(finer_ranges(values, "age", "age > 499", smallest=5, largest=950))
    assert {"age > 399", "age > 449", "age > 499", "age > 599"} <= set(found)
    assert all(399 <= float(one.removeprefix("age > ")) <= 599 for one in found)


def test_both_ends_of_a_middle_range_are_moved():
    values = np.arange(1000.0)
    found = words(finer_ranges(values, "age", "199 < age ≤ 299", smallest=5, largest=950))
    assert {"189 < age ≤ 319", "249 < age ≤ 259"} <= set(found)


def test_words_of_no_range_have_no_finer_ones():
    assert finer_ranges(TENS, "age", "age > 1000", smallest=5, largest=95).items == ()


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
