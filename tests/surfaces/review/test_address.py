"""The address holds the state of the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dechaff.errors import InputError
from dechaff.records.review import Filter
from dechaff.surfaces.review.address import Address, read_address
from dechaff.surfaces.review.forms import _safe

_words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
_filters = st.builds(
    Filter,
    codes=st.tuples(_words),
    status=st.sampled_from([(), ("open",), ("open", "kept")]),
    given=st.none() | _words,
    suggested=st.none() | _words,
    least=st.sampled_from([0.0, 0.25, 0.9]),
    most=st.sampled_from([1.0, 0.5]),
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    conflicts=st.booleans(),
)


@given(_filters, st.sampled_from(["score", "row"]), _words, _words, st.booleans())
def test_an_address_that_is_read_again_is_the_same(filter: Filter, sort: str, after: str, at: str, blind: bool) -> None:
    address = Address(filter, sort, after, at, blind)
    assert read_address(address.link()) == address


def test_the_address_of_everything_is_not_empty() -> None:
    assert Address().link() == "?sort=score"  # an empty one leads to the open findings


def test_a_value_is_added_and_taken_away_and_the_page_begins_anew() -> None:
    address = read_address("codes=L001&after=100&at=L001-000003")
    assert address.toggled("codes", "D001") == "?codes=L001&codes=D001"
    assert address.toggled("codes", "L001") == "?sort=score"


def test_a_bound_that_is_no_number_is_an_error() -> None:
    with pytest.raises(InputError, match="least must be a number from 0 to 1"):
        read_address("least=much")


@pytest.mark.parametrize(
    ("back", "safe"),
    [
        ("//evil.example/x?a=1", "/x?a=1"),
        ("https://evil.example/x", "/x"),
        ("/\\evil.example", "/evil.example"),
        ("javascript:alert(1)", "/alert%281%29"),
        ("", "/"),
        ("/?status=open", "/?status=open"),
    ],
)
def test_a_form_leads_to_a_page_of_this_server_only(back: str, safe: str) -> None:
    assert _safe(back) == safe
