"""``dechaff next``: which rows of a pool to label next."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from msgspec import to_builtins

from dechaff.records.keywords import with_options
from dechaff.report.words import of_things, one_line, percent
from dechaff.surfaces.cli.console import print_json, print_next, say, stdout, table
from dechaff.surfaces.cli.main import FINE
from dechaff.surfaces.cli.options import NextFlags, Output, read_flags

_SHOWN = 10
Run = Annotated[Path, Parameter(help="Folder that an audit of labelled rows wrote.")]
Pool = Annotated[Path, Parameter(help="Rows without labels, with the columns of the audited file.")]


def next(run: Run, /, *, pool: Pool, options: NextFlags = NextFlags(), output: Output = Output()) -> int:
    """Choose the rows of a pool to label next.

    Writes a CSV of row ids, the model's guesses, and why each row was chosen, for dechaff review --proposals.
    """
    from dechaff.api.next_run import next_of_run  # loads what the work needs, which --help does not

    found = with_options(next_of_run)(run, pool, replace(read_flags(options)))
    batch = found.batch
    lines = batch.table().to_dicts()
    if output.json:
        facts = to_builtins(found.labelling)
        print_json({"output": str(found.output), "notes": list(batch.notes), "labelling": facts, "rows": lines})
        return FINE
    console = stdout()
    head = f"{of_things(len(batch), 'row')} to label next, {batch.random.sum()} of them at random."
    say(console, head, "bold")
    if found.labelling.words:
        say(console, found.labelling.words)
    for note in (*batch.notes, *found.labelling.notes):
        say(console, one_line(f"{note[0].upper()}{note[1:]}.", 300))
    shown = table("row", "guess", "probability", "why")
    for line in lines[:_SHOWN]:
        sure = percent(line["probability"]) if "probability" in line else ""
        shown.add_row(one_line(line["row"], 40), one_line(line.get("label", ""), 40), sure, one_line(line["why"], 80))
    console.print(shown)
    say(console, f"All rows: {found.output}")
    if not output.quiet:
        print_next(shlex.join(["dechaff", "review", str(pool), *found.review]))
    return FINE
