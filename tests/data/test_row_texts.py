"""Texts of some rows in few bytes."""

from __future__ import annotations

import pytest

from dechaff.data.row_texts import RowTexts


def test_it_is_the_mapping_that_it_was_made_of():
    texts = {9: "b", 2: "a", 5: "a", 4: ""}
    made = RowTexts.of(texts)
    assert dict(made) == texts
    assert list(made) == sorted(texts)
    assert RowTexts.of(made) is made
    assert made.between(3, 9) == {4: "", 5: "a"}
    assert sorted(made.distinct) == ["", "a", "b"]


@pytest.mark.parametrize("row", [0, 3, 10])
def test_a_row_without_a_text_has_none(row):
    assert row not in RowTexts.of({1: "a", 4: "b"})
    with pytest.raises(KeyError):
        RowTexts.of({1: "a", 4: "b"})[row]


def test_without_rows_it_is_empty():
    assert dict(RowTexts.of({})) == {}
    assert RowTexts.of({}).between(0, 9) == {}
