"""``dechaff findings``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import polars as pl
from cyclopts import Group, Parameter

from dechaff.checks import check_count
from dechaff.core.outputs import write_outputs
from dechaff.errors import InputError
from dechaff.records.codes import code_named
from dechaff.records.decisions_csv import sheet_bytes
from dechaff.report.words import certainty, of_things, one_line
from dechaff.surfaces.cli.console import print_json, say, stdout, table
from dechaff.surfaces.cli.main import FINE

_WIDE = 110
"""In narrower terminals the reason of a finding stands below it."""


@Parameter(name="*", group=Group("Filter", sort_key=1))
@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which findings."""

    code: Annotated[tuple[str, ...], Parameter(negative="")] = ()
    """Code of the findings, such as L001; repeatable."""
    given: str | None = None
    """Given label of the rows."""
    suggested: str | None = None
    """Class that is suggested instead."""
    row: Annotated[tuple[str, ...], Parameter(negative="")] = ()
    """Name of a row; repeatable."""
    score: float = 0.0
    """Minimum score."""


def findings(
    run: Path,
    /,
    *,
    which: Filter = Filter(),
    limit: int = 50,
    csv: bool = False,
    json: bool = False,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
) -> int:
    """List the findings of an audit, all or some of them.

    Parameters
    ----------
    run
        Folder that an audit wrote.
    limit
        Number of lines of the table on the terminal; the other forms hold all.
    csv
        Print all columns as CSV, with the rows of the data beside the findings.
    json
        Print all columns as JSON.
    output
        CSV to write, as --csv prints it.
    """
    from dechaff.api.auditing import open_run  # loads what the work needs, which --help does not

    check_count("--limit", limit)
    result = open_run(run)
    found = _filtered(result.run.findings, which, result.metrics.dataset.classes)
    if json:
        print_json(found.to_dicts())
    elif csv or output is not None:
        text = found.with_columns(pl.col("score").round(6)).cast(pl.String).fill_null("")
        content = sheet_bytes(result.sheet(text.to_dict(as_series=False)))
        if output is None:
            print(content.decode().rstrip("\n"))
        else:
            write_outputs({output: content}, "the findings")
            print(output)
    else:
        _print(found, limit)
    return FINE


def _filtered(found: pl.DataFrame, which: Filter, classes: tuple[str, ...]) -> pl.DataFrame:
    for flag, label in (("--given", which.given), ("--suggested", which.suggested)):
        if label is not None and label not in (*classes, *found[flag.removeprefix("--")]):
            raise InputError(flag, "be a class of the data", repr(label), f"Write one of: {', '.join(classes[:20])}.")
    if which.code:
        found = found.filter(pl.col("code").is_in([code_named(code, "--code").code for code in which.code]))
    if which.row:
        found = found.filter(pl.col("row").is_in(which.row))
    for column in ("given", "suggested"):
        label = getattr(which, column)
        found = found if label is None else found.filter(pl.col(column) == label)
    return found.filter(pl.col("score") >= which.score)


def _print(found: pl.DataFrame, limit: int) -> None:
    console, shown = stdout(), table("code", "row", "given → suggested", "score", "why")
    for column in shown.columns[:4]:
        column.no_wrap = True
    for one in found.head(limit).iter_rows(named=True):
        pair = " → ".join(one_line(label, 24) for label in (one["given"], one["suggested"]) if label)
        where = one_line(one["row"] or one["field"] or "", 24)
        cells = (one["code"], where, pair, certainty(one["score"]), one_line(one["why"], 300))
        if console.width < _WIDE:
            say(console, "  ".join(filter(None, cells[:4])))
            say(console, cells[4], indent=6)
        else:
            shown.add_row(*cells)
    if shown.rows:
        console.print(shown)
    say(
        console,
        f"{of_things(found.height, 'finding')}" + (f", {limit:,} of them shown" if found.height > limit else ""),
    )
