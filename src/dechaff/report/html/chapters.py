"""What the chapters show beyond the figures of the run: findings by code, duplicates, columns, and classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass

import polars as pl

from dechaff.records.codes import CODES, Code
from dechaff.records.metrics import Check, ClassHealth, Example, OtherRow
from dechaff.records.record import Column, Strip
from dechaff.records.wrong_cells import ValueCount
from dechaff.report.record import RunRecord
from dechaff.report.words import Excerpt, escaped_size, excerpt, one_line

_ROOM = 1_100_000
"""Bytes that all examples together may take; with the other chapters at their bounds the page stays under 2 MB."""
_SLICES = "L002"


@dataclass(frozen=True)
class Block:
    """All findings of one code."""

    code: Code
    check: Check
    fraction: float | None
    examples: tuple[ShownFinding, ...]
    left_out: int

    @property
    def as_table(self) -> bool:
        """True if every example is short enough for one line of a table."""
        return all(example.is_short for example in self.examples)


@dataclass(frozen=True)
class Findings:
    """The blocks with findings, the checks without, and those that could not be run."""

    blocks: tuple[Block, ...]
    clean: tuple[Check, ...]
    missed: tuple[Check, ...]


def findings_chapter(record: RunRecord) -> Findings:
    """The findings, in the order in which they should be read."""
    checks = sorted(_checks(record), key=lambda check: _reading_order(check.code))
    found = [check for check in checks if check.findings > 0 or record.examples.get(check.code)]
    return Findings(
        blocks=tuple(_blocks(record, found)),
        clean=tuple(check for check in checks if check not in found and check.status == "done"),
        missed=tuple(check for check in checks if check.status != "done"),
    )


def _checks(record: RunRecord) -> tuple[Check, ...]:
    """The checks of the run; codes with examples or slices but without a check still get their block."""
    known = {check.code for check in record.metrics.checks}
    extra = [code for code, rows in record.examples.items() if rows and code not in known]
    if record.metrics.slices and _SLICES not in known and _SLICES not in extra:
        extra.append(_SLICES)
    found = {**record.examples, _SLICES: record.metrics.slices}
    return (*record.metrics.checks, *(Check(code=code, findings=len(found[code])) for code in extra))


def _reading_order(code: str) -> tuple[bool, int, str]:
    return code != _SLICES, list(CODES).index(code) if code in CODES else len(CODES), code


def _blocks(record: RunRecord, checks: list[Check]) -> Iterator[Block]:
    about_rows, n_rows = _about(record.findings, "row").unique(["code", "row"]), record.metrics.dataset.rows
    rows = dict(about_rows.group_by("code").len().iter_rows())
    for check in checks:
        code = CODES.get(check.code) or Code(check.code, check.title or check.code, "", "")
        examples = record.examples.get(check.code, ())[:MOST_EXAMPLES]
        if check.code == _SLICES and record.metrics.slices:
            examples = tuple(one for one in examples if one.row)  # the slices stand above their rows
        shown = fitting(map(show_finding, examples), _ROOM // len(checks))
        found = rows.get(check.code)
        yield Block(code, check, found / n_rows if found and n_rows else None, shown, len(examples) - len(shown))


MOST_EXAMPLES = 10
_CELLS, _NEIGHBOURS, _MEMBERS, _CLASSES, _VALUES = 6, 3, 5, 5, 5
_CELL_TEXT, _OTHER_TEXT, _NAME = 300, 200, 60
_DRAWN = 30
"""Most characters of a value in a chart."""
_LONGEST_IMAGE = 30_000
"""Bytes of the address of a thumbnail; any that an audit has made is shorter."""
_TAGS = 150
"""Bytes of markup around one piece of text, at most."""


Other = tuple[str, str, Excerpt, str]
"""A neighbour, or a member of the group: its row, its label, its text, and its thumbnail."""


@dataclass(frozen=True)
class ShownFinding:
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
    image: str
    strip: Strip | None
    values: tuple[ValueCount, ...]

    @property
    def is_short(self) -> bool:
        """True if there are only words to show: one line of a table is enough."""
        return not (self.cells or self.probs or self.neighbours or self.group or self.given or self.suggested)


def show_finding(example: Example) -> ShownFinding:
    """The finding with the cells that matter first, and the most likely classes first."""
    cells = sorted(example.cells, key=lambda cell: not cell[2])
    return ShownFinding(
        row=_name(example.row),
        field=_name(example.field),
        score=example.score,
        given=_name(example.given),
        suggested=_name(example.suggested),
        why=excerpt(example.why, _CELL_TEXT).before,
        fix=excerpt(example.fix, _CELL_TEXT).before,
        cells=tuple(
            (_name(name), excerpt(text or "", _CELL_TEXT, mark=mark or "")) for name, text, mark in cells[:_CELLS]
        ),
        hidden_cells=max(len(cells) - _CELLS, 0) + example.more_cells,
        probs=tuple((_name(name), p) for name, p in sorted(example.probs, key=lambda pair: -pair[1])[:_CLASSES]),
        neighbours=tuple(map(_other, example.neighbours[:_NEIGHBOURS])),
        group=tuple(map(_other, example.group[:_MEMBERS])),
        image=_image(example.image),
        strip=example.strip,
        values=example.values[:_VALUES],
    )


def fitting(findings: Iterable[ShownFinding], room: int) -> tuple[ShownFinding, ...]:
    """The first ones that fit into ``room`` bytes of HTML; always at least one."""
    shown: list[ShownFinding] = []
    for one in findings:
        room -= _size(one)
        if room < 0 and shown:
            break
        shown.append(one)
    return tuple(shown)


def _other(row: OtherRow) -> Other:
    return _name(row.row), _name(row.label), excerpt(row.text or "", _OTHER_TEXT), _image(row.image)


def _image(address: str) -> str:
    return address if len(address) <= _LONGEST_IMAGE else ""


def _name(text: str | None) -> str:
    return one_line(text or "", _NAME)


def _size(part: object) -> int:
    if isinstance(part, str):
        return escaped_size(part)
    if isinstance(part, ValueCount):  # drawn, and said to those who cannot see it
        return 3 * _TAGS + 2 * escaped_size(part.value[:_DRAWN])
    if isinstance(part, tuple):
        return _TAGS + sum(map(_size, part))
    if is_dataclass(part):
        return _TAGS + sum(_size(getattr(part, field.name)) for field in fields(part))
    return 2 * _TAGS if isinstance(part, float) else 0


def without_images(record: RunRecord) -> bool:
    """Whether the data are images, and none is shown."""
    examples = [one for rows in record.examples.values() for one in rows if one.row]
    of_images = any(column.kind == "image" for column in record.metrics.dataset.columns)
    return of_images and bool(examples) and not any(one.image for one in examples)


def duplicates_chapter(record: RunRecord) -> list[tuple[Check, int, int]]:
    """Each check on duplicates and leakage, also if it found nothing; how many groups it found, and the largest one."""
    groups = _about(record.findings, "group").group_by("code", "group").len().group_by("code")
    sizes = {code: size for code, *size in groups.agg(pl.len().alias("groups"), pl.col("len").max()).iter_rows()}
    return [
        (check, *sizes.get(check.code, (0, 0)))
        for check in sorted(record.metrics.checks, key=lambda check: check.code)
        if check.code.startswith("D") and check.code in CODES
    ]


def columns_chapter(record: RunRecord) -> list[tuple[Column, float | None, list[tuple[str, int]]]]:
    """The feature columns, those with findings first: the fraction of missing values, and the findings by code."""
    found: dict[str, list[tuple[str, int]]] = {}
    by_column = _about(record.findings, "field").group_by("field", "code").len().sort("code")
    for field, code, number in by_column.iter_rows():
        if code in CODES:
            found.setdefault(field, []).append((code, number))
    dataset = record.metrics.dataset
    rows = [(one, _missing_fraction(one, dataset.rows), found.get(one.name, [])) for one in dataset.columns]
    return sorted(rows, key=lambda row: (not row[2], -(row[1] or 0.0)))


def _missing_fraction(column: Column, n_rows: int) -> float | None:
    return column.missing / n_rows if column.missing is not None and n_rows else None


def _about(findings: pl.DataFrame, thing: str) -> pl.DataFrame:
    """The findings about a thing. The frame may hold millions of rows, the page only shows sums over them."""
    return findings.filter(pl.col(thing).fill_null("") != "")


def together(classes: Sequence[ClassHealth]) -> ClassHealth:
    """Classes that are not listed, as one; its noise rate is the mean over their rows."""
    rows = sum(one.rows for one in classes)
    wrong = sum((one.noise_rate or 0.0) * one.rows for one in classes)
    flagged = sum(one.flagged for one in classes)
    return ClassHealth(f"{len(classes)} other classes", rows, flagged, wrong / rows if rows else None)
