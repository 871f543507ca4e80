"""``dechaff check``: which cells of new rows break the rules that an audit learned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

from dechaff.checks import check_count
from dechaff.core.outputs import write_outputs
from dechaff.core.words import counted
from dechaff.records.decisions_csv import sheet_bytes
from dechaff.records.keywords import with_options
from dechaff.report.words import one_line
from dechaff.surfaces.cli.console import print_json, say, stderr, stdout, table
from dechaff.surfaces.cli.main import FINE, GATE_FAILED
from dechaff.surfaces.cli.options import FileFlags

if TYPE_CHECKING:
    from dechaff.api.checking import CellCheck

_COLUMNS = ("row", "column", "given", "suggested", "rule", "why", "score")


def check(
    source: Path,
    /,
    *,
    rules: Path,
    limit: int = 50,
    csv: bool = False,
    json: bool = False,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    reading: FileFlags = FileFlags(),
) -> int:
    """List the cells of a new file that break the rules an audit learned; exit code 1 if there are any.

    A missing column ends with exit code 1 too; a new column is only said. Rules are listed in cell_rules.json of the
    run folder; "on": false switches one off.

    Parameters
    ----------
    source
        File (CSV, TSV, JSONL, Parquet, Arrow), folder or pattern of such files.
    rules
        Folder that an audit wrote, or a file of rules.
    limit
        Number of lines of the table on the terminal; the other forms hold all.
    csv
        Print all cells that break a rule as CSV.
    json
        Print the result as JSON.
    output
        CSV to write, as --csv prints it.
    """
    from dechaff.api import checking  # loads what the work needs, which --help does not

    check_count("--limit", limit)
    found = with_options(checking.check)(source, rules, reading)
    lines: list[dict[str, object]] = found.table().select(_COLUMNS).to_dicts()
    content = sheet_bytes({name: [_text(line[name]) for line in lines] for name in _COLUMNS})
    if output is not None:
        write_outputs({output: content}, "the findings", inputs=[source, rules if rules.is_file() else None])
    if json:
        about = {"passed": found.passed, "missing_columns": list(found.missing), "new_columns": list(found.extra)}
        print_json({**about, "rules": list(found.rules), "cells": lines})
    elif csv:
        print(content.decode().rstrip("\n"))
        _say_columns(found, stderr())
    else:
        _print(found, lines[:limit], output)
    return FINE if found.passed else GATE_FAILED


def rules(
    run: Path,
    /,
    *,
    format: Literal["words", "json", "pandera", "great-expectations"] = "words",
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
) -> int:
    """List the rules of cells that an audit learned, or write them for dechaff check and for other libraries.

    Parameters
    ----------
    run
        Folder that an audit wrote, or a file of rules.
    format
        Sentences; JSON for dechaff check, in which "on": false switches a rule off; or a Python file of checks for
        Pandera or Great Expectations.
    output
        File to write.
    """
    from dechaff.api.checking import kept_rules  # loads what the work needs, which --help does not
    from dechaff.recipe.explore.cell_rules import as_json
    from dechaff.recipe.explore.rule_exports import FORMS

    kept = kept_rules(run)
    if format == "words":
        text = "".join(f"{one_line(line.says, 300)}{'' if line.on else ' (off)'}\n" for line in kept.rules)
    else:
        text = as_json(kept) if format == "json" else FORMS[format](kept)
    if output is None:
        print(text.rstrip("\n"))
    else:
        write_outputs({output: text.encode()}, "the rules", inputs=[run if run.is_file() else None])
        print(output)
    return FINE


def _text(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else "" if value is None else str(value)


def _print(found: CellCheck, lines: list[dict[str, object]], output: Path | None) -> None:
    console, shown = stdout(), table("row", "column", "value → suggested", "rule")
    for line in lines:
        given, suggested = one_line(str(line["given"]), 40), line["suggested"]
        pair = given if suggested is None else f"{given} → {one_line(str(suggested), 40) or '(empty)'}"
        where = (one_line(str(line[name]), 40) for name in ("row", "column"))
        shown.add_row(*where, pair, one_line(str(line["rule"]), 200))
    if lines:
        console.print(shown)
    verb = "breaks" if found.n_flagged == 1 else "break"
    some = f", {len(lines):,} of them shown" if len(lines) < found.n_flagged else ""
    cells, rules = counted(found.n_flagged, "cell"), counted(len(found.rules), "rule")
    say(console, f"{cells} of {len(found):,} {verb} one of {rules}{some}.", "bold")
    _say_columns(found, console)
    if output is not None:
        say(console, f"All cells: {output}")


def _say_columns(found: CellCheck, console: Console) -> None:
    for names, words in ((found.missing, "Missing"), (found.extra, "New, not checked")):
        if names:
            say(console, one_line(f"{words}: {', '.join(names)}.", 400))
