"""Sentences about wrong labels, in memory or in files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from dechaff.report.numbers import between, count, of_things, percent
from dechaff.surfaces.cli.console import one_line, title
from dechaff.typing import Json


def found_words(found: Any, flagged: int) -> str:
    """How many labels are wrong, and the kind of noise."""
    rate = found.noise_rate
    return (
        f"About {percent(rate.value)} of {count(len(found))} labels are wrong ({between(rate.low, rate.high)}); "
        f"{of_things(flagged, 'row')} flagged. Kind of noise: {found.kind} ({_sure(found.kind_sure)})."
    )


def print_worst(console: Console, rows: Any, shown: Sequence[str]) -> None:
    """The most doubtful rows, under their names."""
    if not len(rows):
        return
    title(console, "The most doubtful rows")
    table = Table(rows.columns[0], *shown, box=None, pad_edge=False, header_style="dim")
    for line in rows.select(rows.columns[0], *shown).iter_rows():
        table.add_row(*(one_line(f"{cell:.3f}" if isinstance(cell, float) else cell, 120) for cell in line))
    console.print(table)


def interval_json(estimate: Any) -> dict[str, float]:
    """A number with its interval."""
    return {"value": float(estimate.value), "low": float(estimate.low), "high": float(estimate.high)}


def rows_json(rows: Any) -> list[Json]:
    """One record a row; classes and ids may be dates, which JSON does not support."""
    return [dict(zip(rows.columns, map(_plain, line), strict=True)) for line in rows.iter_rows()]


def _plain(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, str | int | float) else str(cell)


def _sure(kind_sure: float) -> str:
    return "sure" if kind_sure > 0.9 else "likely" if kind_sure > 0.5 else "uncertain"
