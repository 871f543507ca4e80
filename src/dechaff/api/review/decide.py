"""Decisions: one or many in one transaction, and what accepting the fix of a finding means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np

from dechaff._version import __version__
from dechaff.api.review.desk import Desk, now
from dechaff.api.review.queue import Filtered
from dechaff.data.columns.names import closest
from dechaff.errors import DechaffError, InputError
from dechaff.records.decisions import BULK, Action, Event, Status
from dechaff.records.review import Decided, Filter, Preview, QueueItem
from dechaff.records.review_index import FIXES, ReviewIndex
from dechaff.typing import Mask

Decision = Literal["accept", "keep", "relabel", "exclude", "edit", "merge", "flag", "open"]
DECISIONS: tuple[Decision, ...] = ("accept", "keep", "relabel", "exclude", "edit", "merge", "flag", "open")
_PLAIN: dict[str, tuple[Action, Status]] = {
    "keep": ("keep", "kept"),
    "exclude": ("drop", "excluded"),
    "flag": ("review", "flagged"),
    "open": ("open", "open"),
}
_STEP = 20_000
"""Findings that are read at a time."""


@dataclass(frozen=True)
class ReviewerDecision:
    """One decision as a reviewer makes it: the decision, its label or cell, a note, and by whom."""

    decision: str
    to: str = ""
    field: str = ""
    note: str = ""
    reviewer: str = ""
    blind: bool = False


def decide(desk: Desk, where: str | Sequence[str] | Filter, made: ReviewerDecision) -> Decided:
    """Write one decision about each of some findings, as one batch."""
    _check(desk, made)
    if isinstance(where, Filter):
        state = desk.state
        numbers = np.flatnonzero(Filtered(state, where).mask()).tolist()
        return _record(desk, _items(desk, numbers), made, batch=BULK)
    named = [where] if isinstance(where, str) else list(where)
    if made.decision == "edit" and len(named) == 1:
        return _edit(desk, named[0], made)
    if not named:
        raise InputError("the findings", "be at least one", "none", "Pass the id of a finding, or a filter.")
    if made.decision == "merge":
        return _merge(desk, desk.items(desk.numbers(named)), made)
    found = desk.index.by_id(named)
    unknown = [name for name, number in zip(named, found, strict=True) if number < 0]
    rows = [_of_row(desk, name, made) for name in unknown]
    return _record(desk, desk.items([n for n in found if n >= 0]), made, rows)


def _edit(desk: Desk, name: str, made: ReviewerDecision) -> Decided:
    """One cell of one row, with the cell that it replaces."""
    (number,) = desk.index.by_id([name])
    items = desk.items([number] if number >= 0 else [])
    field = made.field or next((item.field for item in items), "")
    _check_cell(desk, field, made.to)
    if any(not item.about_row for item in items):
        return _record(desk, items, made)
    place, row, key, _ = desk.line(items[0].key if items else name)
    try:
        old = dict(desk.rows.cells(place, row, key)).get(field, "")
    except DechaffError:
        old = ""
    events = [_event(item, made, now()) for item in items] or [_of_row(desk, name, made)]
    written = desk.say([replace(event, old=old) for event in events if event is not None])
    return Decided(len(written), len(written), "")


def _items(desk: Desk, numbers: Sequence[int]) -> Iterable[QueueItem]:
    state = desk.state
    for start in range(0, len(numbers), _STEP):
        yield from desk.items(numbers[start : start + _STEP], state)


def _record(
    desk: Desk, items: Iterable[QueueItem], made: ReviewerDecision, rows: Sequence[Event] = (), *, batch: str = ""
) -> Decided:
    events, skipped = list(rows), 0
    stamp = now()
    for item in items:
        event = _event(item, made, stamp)
        if event is None:
            skipped += 1
        else:
            events.append(event)
    if skipped and not events and made.decision != "accept":
        raise InputError(
            "the findings", f"be about rows for the decision {made.decision}", "a column, class or value as a whole",
            "Accept, edit, keep or flag it instead.",
        )  # fmt: skip
    if skipped and not events:
        raise InputError(
            "the findings to accept", "suggest a fix", f"{skipped:,} without one",
            "Relabel, edit, exclude or keep them instead.",
        )  # fmt: skip
    written = desk.say(events, batch=batch)
    return Decided(len(written), len(written), written[0].batch if len(written) > 1 else "", skipped)


def _event(item: QueueItem, made: ReviewerDecision, stamp: str) -> Event | None:
    """The decision about one finding; None if it suggests nothing to accept, or is about no row that could change."""
    old, field = item.given, item.field
    if not item.about_row and not _may_be(item, made):
        return None
    action: Action
    status: Status
    if made.decision == "accept":
        if not item.accepts:
            return None
        action, status = cast("Action", item.accepts), "accepted"
        new = item.suggested if action in ("relabel", "edit") else ""
    elif made.decision == "relabel" and item.given and made.to == item.given:
        (action, status), new = _PLAIN["keep"], ""  # the class that it has: its label is right
    elif made.decision == "relabel":
        same = made.to == item.suggested
        action, new, status = "relabel", made.to, "accepted" if same else "relabelled"
    elif made.decision == "edit":
        field, old = made.field or item.field, "" if item.about_row else item.given
        same = item.accepts == "edit" and item.suggested == made.to
        action, new, status = "edit", made.to, "accepted" if same else "edited"
    else:
        (action, status), new = _PLAIN[made.decision], ""
    return Event(
        item.key,
        item.row,
        action,
        code=item.code,
        finding_id=item.finding_id,
        field=item.field if action != "edit" else field,
        old=old,
        new=new,
        score=round(item.score, 6),
        suggested=item.suggested,
        blind=int(made.blind),
        status=status,
        source="human",
        actor=made.reviewer,
        time=stamp,
        version=__version__,
        note=made.note,
    )


def _may_be(item: QueueItem, made: ReviewerDecision) -> bool:
    """Whether a decision can be made about a finding of no row: one about a value edits all cells that hold it."""
    if made.decision == "edit":
        return item.code[0] == "C" and bool(item.given) and made.field in ("", item.field)
    return made.decision not in ("relabel", "exclude", "merge") or item.code == "L002"


def _of_row(desk: Desk, key: str, made: ReviewerDecision) -> Event:
    """A decision about a row as a whole."""
    _, row, key, given = desk.line(key)
    if made.decision in ("accept", "merge"):
        raise InputError(
            "the finding", "be one of this audit", repr(row), "A row as a whole suggests nothing to accept."
        )
    item = QueueItem("", "", row, key, "", made.field, 0.0, given, "", "", "")
    event = _event(item, made, now())
    assert event is not None
    return replace(event, status="edited" if event.action == "edit" else "")


def _merge(desk: Desk, members: Sequence[QueueItem], made: ReviewerDecision) -> Decided:
    """One row of a group stays, the others are left out."""
    kept = next((one for one in members if made.to in (one.finding_id, one.row, one.key)), None) if made.to else None
    if made.to and kept is None:
        raise InputError(
            "the row to keep", "be one of the group", repr(made.to), "Name the finding of one of its rows."
        )
    kept = kept or best_of(members)
    stamp, events = now(), []
    for item in members:
        plain = _event(item, replace(made, decision="keep" if item is kept else "exclude"), stamp)
        assert plain is not None
        events.append(replace(plain, status="merged", new="", note=made.note or f"merged into {kept.row}"))
    written = desk.say(events)
    return Decided(len(written), len(written), written[0].batch)


def best_of(members: Sequence[QueueItem]) -> QueueItem:
    """The row of a group that is kept: of those with its most frequent label the one that the audit would keep."""
    labels = [one.given for one in members if one.given]
    usual = max(dict.fromkeys(labels), key=labels.count) if labels else ""
    first = [one for one in members if one.given == usual] or list(members)
    return next((one for one in first if one.fix.startswith("Keep ")), first[0])


def _check(desk: Desk, made: ReviewerDecision) -> None:
    if made.decision not in DECISIONS:
        raise InputError(
            "the decision", f"be one of {', '.join(DECISIONS)}", repr(made.decision), "Choose one of them."
        )
    if made.decision == "relabel" and made.to not in desk.classes:
        near = closest(made.to, list(desk.classes)) or list(desk.classes[:6])
        raise InputError("the new label", "be one of the classes", repr(made.to), f"Write one of: {', '.join(near)}.")
    if made.decision == "edit":
        columns = [column.name for column in desk.run.dataset.columns]
        if made.field and made.field not in columns:
            near = closest(made.field, columns) or columns[:6]
            raise InputError("the column", "be one of the data", repr(made.field), f"Write one of: {', '.join(near)}.")
        _check_cell(desk, made.field, made.to)


def _check_cell(desk: Desk, field: str, text: str) -> None:
    """Refuse a text in a column of numbers, which `apply` could not write."""
    numeric = any(one.name == field and one.kind == "numeric" for one in desk.run.dataset.columns)
    try:
        float(text.replace(",", ".") if numeric and text else "0")
    except ValueError:
        raise InputError(
            "the new cell", f"be a number, as {field} holds numbers, or empty", repr(text), "Write a number."
        ) from None


def preview(desk: Desk, wanted: Filter | None, by_hand: Sequence[str] = ()) -> Preview:
    """What accepting the findings of a filter, and some chosen by hand, would change."""
    state = desk.state
    by_filter, either = meant(desk, wanted, by_hand)
    chosen = either & (state.status == 0)
    late = np.flatnonzero(chosen & (state.index.fix == 0) & _may_suggest(desk, state.index))
    fix = state.index.fix[chosen]
    fix[np.searchsorted(np.flatnonzero(chosen), late)] = [
        FIXES.index(item.accepts) for item in _items(desk, late.tolist())
    ]
    counts = np.bincount(fix, minlength=len(FIXES))
    changes = {name: int(count) for name, count in zip(FIXES, counts, strict=True) if name and count}
    changed = state.index.place[chosen][np.isin(fix, [FIXES.index("drop"), FIXES.index("relabel")])]
    hand, decided = int((either & ~by_filter).sum()), int((either & ~chosen).sum())
    follow = len(desk.made.of_rows(changed[changed >= 0]))
    return Preview(int(by_filter.sum()), hand, len(either), decided, int(counts[0]), changes, follow)


def meant(desk: Desk, wanted: Filter | None, by_hand: Sequence[str]) -> tuple[Mask, Mask]:
    """(n,) findings of a filter (None = none of them), and these with the ones chosen by hand."""
    state = desk.state
    by_filter = np.zeros(len(state.index), dtype=np.bool_) if wanted is None else Filtered(state, wanted).mask()
    either = by_filter.copy()
    either[desk.numbers(by_hand)] = True
    return by_filter, either


def _may_suggest(desk: Desk, index: ReviewIndex) -> Mask:
    """(n,) findings that may suggest what the index does not know: rows of some slices, and imported proposals."""
    codes = [code for code, some in (("L002", desk.dropped_slices), ("L003", desk.proposed)) if some]
    return np.isin(index.code, [index.numbers["codes"][code] for code in codes])


def decide_rest(desk: Desk, wanted: Filter | None, by_hand: Sequence[str], made: ReviewerDecision) -> Decided:
    """One decision about the open findings of a filter, and of those chosen by hand, as one batch."""
    _check(desk, made)
    numbers = np.flatnonzero(meant(desk, wanted, by_hand)[1] & (desk.state.status == 0)).tolist()
    if not numbers:
        return Decided(0, 0, "")
    return _record(desk, _items(desk, numbers), made, batch=BULK)
