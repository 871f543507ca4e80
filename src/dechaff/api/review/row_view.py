"""One row as a reviewer sees it, and groups and slices as one decision."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from dechaff.api.review.decide import best_of
from dechaff.api.review.desk import Desk
from dechaff.api.review.evidence import details_of
from dechaff.api.review.made_rows import family_of
from dechaff.errors import DechaffError, InputError
from dechaff.recipe.outcome.apply import is_value
from dechaff.records.decision_log import read_events
from dechaff.records.decisions import Event, cell_edits, current_state
from dechaff.records.review import Cell, Group, GroupPage, QueueItem, RowView, SliceView

_GROUPS = ("D001", "D002", "D003", "D004")
_SAMPLE = 10
_QUOTED = re.compile(r"\('(.{1,80}?)'\)")
"""Where a reason quotes a piece of the text in brackets, that piece is marked."""
_CHARACTERS = 100_000
"""Of a cell; more are cut off."""


def row_view(desk: Desk, key: str, *, similar: bool = True) -> RowView:
    """The row of a finding, of a key or of an id; with the rows most like it if `similar`."""
    state = desk.state
    (number,) = state.index.by_id([key])
    if number >= 0:
        (item,) = desk.items([number], state)
        if state.index.place[number] < 0:
            raise InputError("the finding", "be about a row", f"{key}, which is not", "Look at it in the queue.")
        key = item.key
    place, row, key, given = desk.line(key)
    findings = desk.items(state.index.of_row(key), state)
    history = read_events(desk.run.decisions_path, keys=[key])
    family, holding = family_of(desk, place, current_state(history))
    excluded = holding is not None and holding.action == "drop"
    label = holding.new if holding is not None and holding.action == "relabel" else given
    edits, of_values, problem = cell_edits(history).get(key, {}), desk.value_edits(state), ""
    cells: tuple[Cell, ...] = ()
    evidence = details_of(desk)
    try:
        stored = desk.rows.cells(place, row, key)
        found = [(name, edits[name].new if name in edits else _edited(name, text, of_values)) for name, text in stored]
        cells = tuple(_cell(name, text, findings) for name, text in found)
        cells = evidence.marked(cells, given, _suggested(findings))
        neighbours = evidence.neighbours(place, row, key, found) if similar else ()
    except DechaffError as error:
        problem, neighbours = str(error), ()
    return RowView(
        row, key, given, "" if excluded else label, excluded, cells, desk.rows.image(row),
        evidence.probs(place), tuple(findings), neighbours, tuple(history), problem, family,
    )  # fmt: skip


def _edited(name: str, text: str, of_values: Sequence[Event]) -> str:
    """The text of a cell after the decisions about all cells with its value."""
    return next((one.new for one in of_values if one.field == name and is_value(text, one.old)), text)


def _suggested(findings: Sequence[QueueItem]) -> str:
    return next((item.suggested for item in findings if item.code[0] in "LP" and item.suggested), "")


def _cell(name: str, text: str, findings: Sequence[QueueItem]) -> Cell:
    """The text with the pieces that reasons quote."""
    shown, marks = text[:_CHARACTERS], []
    for item in findings:
        for quoted in _QUOTED.findall(item.why) if item.code[0] == "C" and item.field in ("", name) else ():
            place = shown.find(quoted)
            if place >= 0:
                marks.append((place, place + len(quoted), ""))
    odd = any(item.code[0] == "C" and item.field == name for item in findings)
    return Cell(name, shown, marks=tuple(sorted(set(marks))), odd=odd, cut=len(text) > len(shown))


def group_page(desk: Desk, code: str, *, after: str, size: int, open_only: bool) -> GroupPage:
    """Some of the groups of a code, or of all codes."""
    state = desk.state
    names = [
        (one, group) for one in ([code] if code else _GROUPS) for group, rows in state.index.groups(one) if rows > 1
    ]
    at = int(after or 0)
    found: list[Group] = []
    while at < len(names) and len(found) < size:
        one, name = names[at]
        group, at = _group(desk, one, state.index.of_group(one, name)), at + 1
        if group.open or not open_only:
            found.append(group)
    return GroupPage(tuple(found), len(names), str(at) if at < len(names) else "")


def group_of(desk: Desk, group: str) -> Group:
    """One group, by ``CODE:GROUP``."""
    code, _, name = group.partition(":")
    numbers = desk.index.of_group(code, name)
    if not numbers:
        raise InputError("the group", "be one of this audit, as CODE:GROUP", repr(group), "Take it from groups().")
    return _group(desk, code, numbers)


def _group(desk: Desk, code: str, numbers: Sequence[int]) -> Group:
    members = [item for item in desk.items(numbers) if item.key]
    labels = {item.given for item in members if item.given}
    return Group(
        f"{code}:{members[0].group}",
        code,
        tuple(members),
        len(labels) > 1,
        best_of(members).finding_id,
        sum(item.status == "open" for item in members),
    )


def slice_views(desk: Desk) -> tuple[SliceView, ...]:
    """Every noisy slice, with some of its rows."""
    state = desk.state
    index, found = state.index, []
    for number, name in enumerate(index.names["slices"]):
        mine = np.flatnonzero(index.slice == number)
        rows = mine[index.place[mine] >= 0]
        whole = mine[index.place[mine] < 0]
        if not len(whole):
            continue
        sample = np.random.default_rng(number).permutation(rows)[:_SAMPLE]
        (finding,) = desk.items(whole[:1], state)
        shown = tuple(desk.items(sample, state))
        found.append(SliceView(name, finding, len(rows), int((state.status[rows] == 0).sum()), shown))
    return tuple(found)
