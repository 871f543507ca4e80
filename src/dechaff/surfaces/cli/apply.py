"""``dechaff apply``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from dechaff import api
from dechaff.errors import InputError
from dechaff.recipe.outcome.apply import changes_path
from dechaff.records.options import ColumnOptions, FileOptions, ModelOptions, deciding, flag_words
from dechaff.records.run import read_run
from dechaff.surfaces.cli.console import print_next
from dechaff.surfaces.cli.exits import FINE
from dechaff.surfaces.cli.progress import shown_progress
from dechaff.surfaces.cli.runs import audited_source, improved_name

_SHARED = tuple(name for part in (ColumnOptions, FileOptions, ModelOptions) for name in deciding(part))
"""Options of the audit that apply to the proof too."""


def apply(
    run: Path,
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    decisions: Path | None = None,
    export_decisions: Path | None = None,
    source: Path | None = None,
) -> int:
    """Write the improved data set, in the format of the original.

    Writes the improved file and, beside it, a list of the changes; the original is never touched.

    Parameters
    ----------
    run
        Folder that an audit wrote.
    output
        File to write; the list of changes goes to the same name with .changes.csv.
    decisions
        Decisions to use: a CSV of --export-decisions that you edited.
    export_decisions
        Write the decisions as CSV, to edit in a spreadsheet.
    source
        The audited file, if it has moved.
    """
    if output is None and export_decisions is None:
        raise InputError(
            "dechaff apply",
            "have -o or --export-decisions",
            "neither",
            f"Add: -o {improved_name(audited_source(run))}",
        )
    if export_decisions is not None:
        api.open_run(run).export_decisions(export_decisions)
        print(export_decisions)
        edited = f"--decisions {_quoted(export_decisions)}"
        print_next(f"dechaff apply {_quoted(run)} -o {improved_name(audited_source(run))} {edited}")
    if output is not None:
        with shown_progress(quiet=False) as progress:
            api.apply(run, output, decisions=decisions, source=source, progress=progress)
        print(output)
        print(changes_path(output))
        print_next(_next_command(run, output, source))
    return FINE


def _next_command(run: Path, improved: Path, moved: Path | None) -> str:
    """The proof, if there are test rows with a known class; else the list of changes.

    >>> import json, tempfile
    >>> run = Path(tempfile.mkdtemp())
    >>> _ = (run / "options.json").write_text(json.dumps({"positive": "yes"}))
    >>> _next_command(run, Path("improved.csv"), None) == f"dechaff log {run}"
    True
    """
    options = read_run(run).options
    sealed_inside = options.get("test_size") or options.get("split")
    if options.get("positive") is not None or (options.get("in_passes") and sealed_inside):
        return f"dechaff log {_quoted(run)}"
    return _proof_command(run, improved, moved)


def _proof_command(run: Path, improved: Path, moved: Path | None) -> str:
    """How to prove the gain; only the recipe can use rows that were sealed inside the file."""
    options = read_run(run).options
    source = str(moved or options.get("source") or "BEFORE")
    label, *others = [flag_words(name, options.get(name)) for name in _SHARED]
    reading = [word for flags in others for word in flags]
    for inside, flag in (("test_size", "--test-size"), ("split", "--split")):
        if options.get(inside):
            return shlex.join(["dechaff", "recipe", source, *label, flag, str(options[inside]), *reading])
    test = str(options.get("test") or "TEST_FILE")
    return shlex.join(["dechaff", "prove", source, str(improved), *label, "--test", test, *reading])


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
