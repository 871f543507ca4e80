"""The queue: findings that a filter leaves, in order, page by page, with counts per filter value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import structs

from dechaff.api.review.desk import Desk
from dechaff.errors import InputError
from dechaff.records.decisions import STATUSES
from dechaff.records.review import Filter, QueuePage
from dechaff.records.review_index import pair_name
from dechaff.records.review_state import ReviewState
from dechaff.typing import Mask, Rows

SORTS = ("score", "code", "row", "pair", "random", "proposed")
_MOST = 1000
_STATUS_NUMBERS: dict[str, int] = {name: number for number, name in enumerate(STATUSES)}
_PAIRS = 50
"""Most pairs of classes that are counted one by one."""


@dataclass(frozen=True)
class Filtered:
    """The findings of a filter, criterion by criterion, so that each can be left out for its own counts."""

    state: ReviewState
    filter: Filter

    @cached_property
    def criteria(self) -> dict[str, Mask]:
        """Filter field -> (n,) findings that pass it; fields that restrict nothing are left out."""
        wanted = self.filter
        asked = {
            "codes": wanted.codes,
            "status": wanted.status,
            "reviewers": wanted.reviewers,
            "slices": wanted.slices,
            "pairs": wanted.given is not None or wanted.suggested is not None,
            "score": wanted.least > 0 or wanted.most < 1,
            "text": wanted.text.strip(),
            "group": wanted.group,
            "row": wanted.row,
            "conflicts": wanted.conflicts,
        }
        return {name: getattr(self, f"_{name}")() for name, given in asked.items() if given}

    def _codes(self) -> Mask:
        index = self.state.index
        return _among(index.code, index.numbers["codes"], self.filter.codes, "the code")

    def _status(self) -> Mask:
        return _among(self.state.status, _STATUS_NUMBERS, self.filter.status, "the status")

    def _reviewers(self) -> Mask:
        known = {name: number for number, name in enumerate(self.state.reviewers)}
        return np.isin(self.state.reviewer, [known[name] for name in self.filter.reviewers if name in known])

    def _slices(self) -> Mask:
        index = self.state.index
        return _among(index.slice, index.numbers["slices"], self.filter.slices, "the slice")

    def _score(self) -> Mask:
        score = self.state.index.score
        return np.asarray((score >= self.filter.least) & (score <= self.filter.most))

    def _text(self) -> Mask:
        return self.state.index.search(self.filter.text)

    def _group(self) -> Mask:
        code, _, group = self.filter.group.partition(":")
        return self._only(self.state.index.of_group(code, group))

    def _row(self) -> Mask:
        return self._only(self.state.index.of_row(self.filter.row))

    def _conflicts(self) -> Mask:
        return self.state.conflict

    def _only(self, numbers: list[int]) -> Mask:
        mask: Mask = np.zeros(len(self.state.index), dtype=np.bool_)
        mask[numbers] = True
        return mask

    def mask(self, *, without: str = "") -> Mask:
        """(n,) findings that pass all criteria, or all but one."""
        kept: Mask = np.ones(len(self.state.index), dtype=np.bool_)
        for name, passes in self.criteria.items():
            if name != without:
                kept &= passes
        return kept

    def _pairs(self) -> Mask:
        numbers = self.state.index.numbers["pairs"]
        given, suggested = self.filter.given, self.filter.suggested
        if given is not None and suggested is not None:
            return np.asarray(self.state.index.pair == numbers.get(pair_name(given, suggested), -2))
        name = pair_name(given or "", suggested or "")
        fits = [n for one, n in numbers.items() if (one.startswith(name) if given is not None else one.endswith(name))]
        return np.isin(self.state.index.pair, fits)

    def facets(self) -> dict[str, dict[str, int]]:
        """Filter field -> value -> findings, under all the other filters."""
        state, index = self.state, self.state.index
        found = {
            "codes": _counts(index.code, index.names["codes"], self.mask(without="codes")),
            "status": _counts(state.status, STATUSES, self.mask(without="status")),
            "reviewers": _counts(state.reviewer, state.reviewers, self.mask(without="reviewers")),
            "slices": _counts(index.slice, index.names["slices"], self.mask(without="slices")),
            "pairs": _counts(index.pair, index.names["pairs"], self.mask(without="pairs")),
        }
        pairs = sorted(found["pairs"].items(), key=lambda item: -item[1])[:_PAIRS]
        return {**found, "pairs": dict(pairs)}


def _among(values: npt.NDArray[Any], numbers: dict[str, int], wanted: tuple[str, ...], what: str) -> Mask:
    unknown = next((name for name in wanted if name not in numbers), None)
    if unknown is not None:
        known = ", ".join(list(numbers)[:12]) or "none"
        raise InputError(what, "be one of this audit", repr(unknown), f"There are: {known}.")
    if len(wanted) == 1:
        return np.asarray(values == numbers[wanted[0]])
    return np.isin(values, [numbers[name] for name in wanted])


def _counts(values: npt.NDArray[Any], names: Any, mask: Mask) -> dict[str, int]:
    if not len(names):
        return {}
    some = values[mask]
    counts = np.bincount(some[some >= 0] if some.dtype.kind == "i" else some, minlength=len(names))
    return {name: int(count) for name, count in zip(names, counts.tolist(), strict=False) if count}


def ordered(desk: Desk, state: ReviewState, sort: str) -> Rows:
    """All findings in an order; `proposed` is that of the last imported proposals, which come first."""
    if sort not in SORTS:
        raise InputError("sort", f"be one of {', '.join(SORTS)}", repr(sort), "Choose one of them.")
    if sort != "proposed":
        return state.index.order(sort)
    from dechaff.api.review.proposals import proposed_order

    return proposed_order(desk, state)


def queue_page(desk: Desk, wanted: Filter, *, sort: str, after: str, size: int) -> QueuePage:
    """One page of the queue."""
    if not 1 <= size <= _MOST:
        raise InputError("size", f"be from 1 to {_MOST}", str(size), "Ask for fewer findings, page by page.")
    state = desk.state
    filtered, order = Filtered(state, wanted), ordered(desk, state, sort)
    places = np.flatnonzero(filtered.mask()[order])
    first = int(np.searchsorted(places, _cursor(after), side="right"))
    page = places[first : first + size]
    ahead = places[max(0, first - size - 1) : first]
    return QueuePage(
        items=tuple(desk.items(order[page], state)),
        total=len(places),
        of=len(order),
        facets=filtered.facets(),
        after=str(int(page[-1])) if first + size < len(places) else "",
        before="" if not first else str(int(ahead[0]) if first > size else -1),
        first=first,
    )


def _cursor(after: str) -> int:
    try:
        return int(after or -1)
    except ValueError:
        raise InputError("the cursor", "be one that a page gave", repr(after), "Begin with the first page.") from None


def with_fields(wanted: Filter | None, fields: dict[str, object]) -> Filter:
    """A filter, with single fields set by keyword; a text stands for a tuple of one."""
    known = {name: getattr(Filter(), name) for name in Filter.__struct_fields__}
    unknown = next((name for name in fields if name not in known), None)
    if unknown is not None:
        raise InputError("the filter", f"have only the fields {', '.join(known)}", unknown, "Check the spelling.")
    values = {
        name: (value,) if isinstance(known[name], tuple) and isinstance(value, str) else value
        for name, value in fields.items()
    }
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return structs.replace(wanted or Filter(), **values)
