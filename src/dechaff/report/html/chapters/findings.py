"""The chapter of findings: one block per code, the noisy slices first."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from dechaff.records.codes import CODES, Code
from dechaff.records.metrics import Check, Metrics, Slice
from dechaff.report.html.chapters.evidence import MOST_EXAMPLES, Evidence, fitting, show_evidence
from dechaff.report.html.chapters.tally import rows_by_code
from dechaff.report.html.charts.slice_chart import draw_slice
from dechaff.report.record import RunRecord

_ROOM = 1_100_000
"""Bytes that all examples together may take; with the other chapters at their bounds the page stays under 2 MB."""
_DRAWN_SLICES, _LISTED_SLICES = 8, 40
_SLICES = "L002"


@dataclass(frozen=True)
class Block:
    """All findings of one code."""

    code: Code
    check: Check
    share: float | None
    examples: tuple[Evidence, ...]
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
    drawn_slices: tuple[tuple[Slice, Markup], ...]
    listed_slices: tuple[Slice, ...]
    hidden_slices: int


def findings_chapter(record: RunRecord) -> Findings:
    """The findings, in the order in which they should be read."""
    checks = sorted(_checks(record), key=lambda check: _reading_order(check.code))
    found = [check for check in checks if check.findings > 0 or record.examples.get(check.code)]
    slices = record.metrics.slices
    return Findings(
        blocks=_blocks(record, found),
        clean=tuple(check for check in checks if check not in found and check.status == "done"),
        missed=tuple(check for check in checks if check.status != "done"),
        drawn_slices=tuple((part, draw_slice(i, part)) for i, part in enumerate(slices[:_DRAWN_SLICES])),
        listed_slices=slices[_DRAWN_SLICES:_LISTED_SLICES],
        hidden_slices=max(len(slices) - _LISTED_SLICES, 0),
    )


def _checks(record: RunRecord) -> tuple[Check, ...]:
    """The checks of the run; codes with examples or slices but without a check still get their block."""
    known = {check.code for check in record.metrics.checks}
    extra = [code for code, rows in record.examples.items() if rows and code not in known]
    if record.metrics.slices and _SLICES not in known and _SLICES not in extra:
        extra.append(_SLICES)
    return (*record.metrics.checks, *(Check(code=code, findings=_findings(record, code)) for code in extra))


def _findings(record: RunRecord, code: str) -> int:
    return len(record.metrics.slices) if code == _SLICES else len(record.examples.get(code, ()))


def _reading_order(code: str) -> tuple[bool, int, str]:
    return code != _SLICES, list(CODES).index(code) if code in CODES else len(CODES), code


def _blocks(record: RunRecord, checks: list[Check]) -> tuple[Block, ...]:
    rows = rows_by_code(record.findings)
    room = _ROOM // max(len(checks), 1)
    return tuple(_block(record, check, rows, room) for check in checks)


def _block(record: RunRecord, check: Check, rows: dict[str, int], room: int) -> Block:
    code = CODES.get(check.code) or Code(check.code, check.title or check.code, "", "")
    examples = record.examples.get(check.code, ())[:MOST_EXAMPLES]
    shown = fitting(map(show_evidence, examples), room)
    return Block(code, check, _share(record.metrics, rows.get(check.code)), shown, len(examples) - len(shown))


def _share(metrics: Metrics, rows: int | None) -> float | None:
    return rows / metrics.dataset.rows if rows and metrics.dataset.rows else None
