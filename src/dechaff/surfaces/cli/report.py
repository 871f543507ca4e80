"""``dechaff report``."""

from __future__ import annotations

import json
import sys
import webbrowser
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from dechaff import api
from dechaff.core.files import write_whole
from dechaff.records.run import read_run
from dechaff.report.json_form import render_json
from dechaff.report.markdown.page import render_markdown
from dechaff.report.record import open_record, record_of
from dechaff.surfaces.cli.console import print_next
from dechaff.surfaces.cli.exits import FINE
from dechaff.surfaces.cli.runs import audited_source, next_commands

Form = Literal["html", "md", "json"]


def report(
    run: Path,
    /,
    *,
    format: Form = "html",
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    open: bool = False,
) -> int:
    """Open the report of an audit, or write it in another form.

    Prints the path of the report, or with --format md or json and no --output the report itself.

    Parameters
    ----------
    run
        Folder that an audit wrote.
    format
        One self-contained HTML file, Markdown, or JSON (its schema is docs/report-schema.json).
    output
        File to write.
    open
        Show the HTML report in the browser, if the terminal is interactive.
    """
    if format == "html":
        path = api.open_run(run).report(output)
        print(path)
        if open and sys.stdout.isatty():
            webbrowser.open(path.resolve().as_uri())
        print_next(next_commands(run, audited_source(run))[1])
        return FINE
    text = _text(run, format)
    if output is None:
        print(text)
    else:
        write_whole(output, f"{text}\n".encode())
        print(output)
    return FINE


def _text(run: Path, form: Form) -> str:
    found = read_run(run)
    if form == "json":
        record = record_of(found.metrics, found.examples, found.options, found.findings)
        return json.dumps(render_json(record), indent=2, ensure_ascii=False)
    return render_markdown(open_record(found))
