"""One finding with its evidence, bounded in length, and as many of them as fit into the space of a code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass

from dechaff.records.metrics import Example, OtherRow
from dechaff.report.text import Excerpt, escaped_size, excerpt

MOST_EXAMPLES = 10
_CELLS, _NEIGHBOURS, _MEMBERS, _CLASSES = 8, 3, 5, 5
_CELL_TEXT, _OTHER_TEXT, _NAME = 300, 200, 60
_TAGS = 150
"""Bytes of markup around one piece of text, at most."""


@dataclass(frozen=True)
class Other:
    """A neighbour, or a member of the group."""

    row: str
    label: str
    text: Excerpt


@dataclass(frozen=True)
class Evidence:
    """One finding as the page shows it."""

    row: str
    field: str
    score: float | None
    given: str
    suggested: str
    why: str
    fix: str
    cells: tuple[tuple[str, Excerpt], ...]
    hidden_cells: int
    probs: tuple[tuple[str, float], ...]
    neighbours: tuple[Other, ...]
    group: tuple[Other, ...]

    @property
    def is_short(self) -> bool:
        """True if there are only words to show: one line of a table is enough."""
        return not (self.cells or self.probs or self.neighbours or self.group or self.given or self.suggested)


def show_evidence(example: Example) -> Evidence:
    """The finding with the cells that matter first, and the most likely classes first."""
    cells = sorted(example.cells, key=lambda cell: not cell[2])
    return Evidence(
        row=_name(example.row),
        field=_name(example.field),
        score=example.score,
        given=_name(example.given),
        suggested=_name(example.suggested),
        why=_plain(example.why, _CELL_TEXT),
        fix=_plain(example.fix, _CELL_TEXT),
        cells=tuple(
            (_name(name), excerpt(text or "", _CELL_TEXT, mark=mark or "")) for name, text, mark in cells[:_CELLS]
        ),
        hidden_cells=max(len(cells) - _CELLS, 0),
        probs=tuple((_name(name), p) for name, p in sorted(example.probs, key=lambda pair: -pair[1])[:_CLASSES]),
        neighbours=tuple(map(_other, example.neighbours[:_NEIGHBOURS])),
        group=tuple(map(_other, example.group[:_MEMBERS])),
    )


def fitting(evidence: Iterable[Evidence], room: int) -> tuple[Evidence, ...]:
    """The first ten at most, and no more than fit into ``room`` bytes of HTML; always at least one."""
    shown: list[Evidence] = []
    for one in list(evidence)[:MOST_EXAMPLES]:
        room -= _size(one)
        if room < 0 and shown:
            break
        shown.append(one)
    return tuple(shown)


def _other(row: OtherRow) -> Other:
    return Other(_name(row.row), _name(row.label), excerpt(row.text or "", _OTHER_TEXT))


def _name(text: str | None) -> str:
    return _plain(" ".join((text or "")[: 4 * _NAME].split()), _NAME)


def _plain(text: str, limit: int) -> str:
    return excerpt(text, limit).before


def _size(part: object) -> int:
    if isinstance(part, str):
        return escaped_size(part)
    if isinstance(part, tuple):
        return _TAGS + sum(map(_size, part))
    if is_dataclass(part):
        return _TAGS + sum(_size(getattr(part, field.name)) for field in fields(part))
    return 2 * _TAGS if isinstance(part, float) else 0
