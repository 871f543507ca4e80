from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dechaff.report.html.charts.svg import fit
from dechaff.report.words import escaped_size, excerpt, shorten, visible

any_text = st.text(st.characters(codec=None), max_size=400)


@given(any_text, st.integers(5, 60))
def test_shortened_text_is_bounded_in_characters_and_bytes(text: str, limit: int) -> None:
    short = shorten(visible(text), limit)
    assert len(short) <= limit + 1
    assert escaped_size(short) <= 3 * limit + 3
    short.encode("utf-8")


@given(any_text)
def test_visible_text_holds_no_control_characters_and_no_overrides(text: str) -> None:
    clean = visible(text)
    assert len(clean) == len(text)
    assert not set(clean) & set("\x00\x07\x1b\x7f\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069")


@given(any_text, st.integers(0, 380), st.integers(1, 30))
def test_an_excerpt_keeps_the_part_that_matters(text: str, start: int, length: int) -> None:
    mark = text[start : start + length]
    found = excerpt(text, 100, mark=mark)
    assert found.marked == (shorten(visible(mark), 50) if mark else "")
    assert len(found.before) + len(found.marked) + len(found.after) <= 100 + length + 24


def test_a_mark_deep_in_a_long_text_is_in_the_excerpt() -> None:
    found = excerpt("x" * 5000 + "HERE" + "y" * 5000, 100, mark="HERE")
    assert found.before.startswith("…")
    assert found.marked == "HERE"
    assert found.after.endswith("…")


@given(any_text, st.integers(2, 30))
def test_a_name_fits_its_columns(text: str, columns: int) -> None:
    assert len(fit(text, columns)) <= columns + 1
