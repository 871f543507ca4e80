"""The state of the review page, which its address holds: filter, order, page, the finding in focus, blind mode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from msgspec import structs
from starlette.datastructures import QueryParams

from dechaff.errors import InputError
from dechaff.records.record import Record
from dechaff.records.review import Filter

_MANY = ("codes", "status", "reviewers", "slices")
_WORDS = ("given", "suggested", "text", "group", "row")
_SCORES = ("least", "most")


class Address(Record, frozen=True):
    """What the query of an address says.

    Examples
    --------
    >>> address = read_address("codes=L001&least=0.9&at=L001-000017")
    >>> address.filter.codes, address.filter.least, address.at
    (('L001',), 0.9, 'L001-000017')
    >>> address.link(at="")
    '?codes=L001&least=0.9'
    """

    filter: Filter = Filter()
    sort: str = "score"
    after: str = ""
    at: str = ""
    blind: bool = False

    def link(self, **changes: Any) -> str:
        """The query of the same state with some fields changed, those of the filter too."""
        of_filter = {name: value for name, value in changes.items() if name in Filter.__struct_fields__}
        own = {name: value for name, value in changes.items() if name not in of_filter}
        changed = structs.replace(self, filter=structs.replace(self.filter, **of_filter), **own)
        return f"?{urlencode(changed.pairs() or [('sort', changed.sort)])}"

    def toggled(self, field: str, value: str) -> str:
        """The query with one value of a filter field added, or taken away if it is there; from the first page."""
        values: tuple[str, ...] = getattr(self.filter, field)
        changed = tuple(one for one in values if one != value) if value in values else (*values, value)
        return self.link(**{field: changed}, after="", at="")

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values that differ from the defaults, in order."""
        found: list[tuple[str, str]] = []
        for name, value in structs.asdict(self.filter).items():
            if name in _MANY:
                found += [(name, one) for one in value]
            elif value != getattr(_PLAIN.filter, name):
                found.append((name, "1" if value is True else f"{value:g}" if name in _SCORES else value))
        for name in ("sort", "after", "at", "blind"):
            value = getattr(self, name)
            if value != getattr(_PLAIN, name):
                found.append((name, "1" if value is True else value))
        return found


_PLAIN = Address()


def read_address(query: str | Sequence[tuple[str, str]]) -> Address:
    """The state that a query describes; unknown names are ignored, as other forms of the page add their own.

    Raises
    ------
    InputError
        If a bound of the score is no number.
    """
    given = QueryParams(query.lstrip("?") if isinstance(query, str) else list(query))
    words = {name: given[name] for name in _WORDS if given.get(name)}
    if "pair" in given and "→" in given["pair"]:
        words["given"], words["suggested"] = given["pair"].split(" → ", 1)
    many = {name: tuple(one for one in given.getlist(name) if one) for name in _MANY}
    scores = {name: _number(name, given[name]) for name in _SCORES if given.get(name)}
    wanted = structs.replace(Filter(conflicts=given.get("conflicts") == "1"), **words, **many, **scores)
    return Address(wanted, given.get("sort") or "score", given.get("after", ""), given.get("at", ""), "blind" in given)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(name, "be a number from 0 to 1", repr(text), "Correct the bound of the score.") from None
