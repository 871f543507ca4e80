"""A spot-check before a bulk decision: a random sample of it, reviewed first, and the precision that it shows."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import msgspec
import numpy as np

from dechaff.api.review.decide import meant, preview
from dechaff.api.review.desk import Desk
from dechaff.errors import InputError
from dechaff.methods.label_reviews.reviewed_bands import errors_interval
from dechaff.records.review import Filter, QueueItem, SpotCheck
from dechaff.records.run import json_bytes

_FOLDER = "spot-checks"


class _Drawn(msgspec.Struct, frozen=True):
    """What is kept of a spot-check: the filter, the sample, the findings chosen by hand, and the population."""

    filter: Filter | None
    sample: tuple[str, ...]
    by_hand: tuple[str, ...]
    n: int


def begin(desk: Desk, wanted: Filter | None, by_hand: Sequence[str], n: int) -> SpotCheck:
    """Draw a sample of the open findings of a filter."""
    if n < 1:
        raise InputError("n", "be 1 or more", str(n), "Draw 20 findings, for instance.")
    state = desk.state
    mask = meant(desk, wanted, by_hand)[1] & (state.status == 0)
    order = state.index.order("random")
    among = order[mask[order]]
    if not len(among):
        raise InputError("the filter", "leave open findings", "none", "Choose another filter.")
    sample = tuple(item.finding_id for item in desk.items(among[:n], state))
    name = secrets.token_hex(4)
    _keep(desk, name, _Drawn(wanted, sample, tuple(by_hand), len(among)))
    return look(desk, name)


def look(desk: Desk, name: str) -> SpotCheck:
    """A spot-check as it stands now."""
    drawn = _drawn(desk, name)
    state, numbers = desk.state, desk.numbers(drawn.sample)
    items = tuple(desk.items(numbers, state))
    seen = [item for item, number in zip(items, numbers, strict=True) if not state.unseen[number]]
    judged = [item for item in seen if item.status not in ("open", "flagged")]
    right = sum(_is_right(item) for item in judged)
    counts = (np.array([number]) for number in (drawn.n, len(judged), right))
    low, high = errors_interval(*counts)
    return SpotCheck(
        name,
        drawn.filter,
        items,
        drawn.n,
        len(judged),
        right,
        right / len(judged) if judged else None,
        low / drawn.n,
        high / drawn.n,
        preview(desk, drawn.filter, drawn.by_hand),
    )


def _is_right(item: QueueItem) -> bool:
    """Whether accepting the finding would have been right: it was, or the same was done in another way."""
    return item.status in ("accepted", "merged") or (item.accepts == "drop" and item.status == "excluded")


def rest_of(desk: Desk, name: str) -> tuple[Filter | None, tuple[str, ...]]:
    """The filter of a spot-check, and the findings chosen by hand."""
    drawn = _drawn(desk, name)
    return drawn.filter, drawn.by_hand


def _drawn(desk: Desk, name: str) -> _Drawn:
    path = desk.folder / _FOLDER / f"{name}.json"
    if not name.isalnum() or not path.is_file():
        raise InputError("the spot-check", "be one of this run", repr(name), "Draw a new sample.")
    return msgspec.json.decode(path.read_bytes(), type=_Drawn)


def _keep(desk: Desk, name: str, drawn: _Drawn) -> None:
    desk.run.write({f"{_FOLDER}/{name}.json": json_bytes(drawn)})
