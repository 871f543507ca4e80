"""The commands on a run folder: ``report``, ``apply``, ``log`` and ``predict``; and ``explain``, on its codes."""

from __future__ import annotations

import json
import shlex
import sys
import webbrowser
from csv import DictWriter
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from dechaff.core.outputs import write_outputs
from dechaff.errors import InputError
from dechaff.recipe.outcome.apply import changes_path, named_like
from dechaff.recipe.outcome.content import flag_words
from dechaff.records.codes import CODES, code_named
from dechaff.records.codes import explain as page_of
from dechaff.records.decisions import Event
from dechaff.records.options import ColumnOptions, FileOptions, ModelOptions, SpellingOptions, deciding
from dechaff.records.run import read_run
from dechaff.report.json_form import render_json
from dechaff.report.markdown import render_markdown
from dechaff.report.record import open_record, record_of
from dechaff.report.words import one_line
from dechaff.surfaces.cli.console import print_json, print_next, shown_progress, stdout, table
from dechaff.surfaces.cli.main import FINE
from dechaff.surfaces.cli.options import FileFlags


def next_commands(run: Path, source: Path | None = None) -> tuple[str, str, str]:
    """The usual commands after an audit: open the report, review the findings, write the improved file."""
    audited, folder = source or Path(str(read_run(run).options.get("source") or "")), _quoted(run)
    improve = f"dechaff apply {folder} -o {named_like(audited, 'improved')}"
    return f"dechaff report {folder} --open", f"dechaff review {folder}", improve


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


Form = Literal["html", "md", "json"]
OutputFile = Annotated[Path | None, Parameter(name=["--output", "-o"])]


def report(run: Path, /, *, format: Form = "html", output: OutputFile = None, open: bool = False) -> int:
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
        from dechaff.api.auditing import open_run  # loads what the other formats do not need

        path = open_run(run).report(output)
        print(path)
        if open and sys.stdout.isatty():
            webbrowser.open(path.resolve().as_uri())
        print_next(next_commands(run)[-1])
        return FINE
    text = _text(run, format)
    if output is None:
        print(text)
    else:
        write_outputs({output: f"{text}\n".encode()}, "the report")
        print(output)
    return FINE


def _text(run: Path, form: Form) -> str:
    found = read_run(run)
    if form == "json":
        record = record_of(found.metrics, found.examples, found.options, found.findings)
        return json.dumps(render_json(record), indent=2, ensure_ascii=False)
    return render_markdown(open_record(found))


_SHARED = tuple(name for part in (ColumnOptions, SpellingOptions, FileOptions, ModelOptions) for name in deciding(part))
"""Options of the audit that apply to the proof too."""


def apply(
    run: Path,
    /,
    *,
    output: OutputFile = None,
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
    from dechaff.api.auditing import apply as apply_decisions  # loads what the work needs, which --help does not
    from dechaff.api.auditing import open_run

    if output is None and export_decisions is None:
        fix = f"For example: {next_commands(run)[-1]}"
        raise InputError("dechaff apply", "be given -o or --export-decisions", "neither", fix)
    if export_decisions is not None:
        open_run(run).export_decisions(export_decisions)
        print(export_decisions)
        print_next(f"{next_commands(run)[-1]} --decisions {_quoted(export_decisions)}")
    if output is not None:
        with shown_progress(quiet=False) as progress:
            apply_decisions(run, output, decisions=decisions, source=source, progress=progress)
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
    if options.get("positive") is not None or (options.get("out_of_core") and sealed_inside):
        return f"dechaff log {_quoted(run)}"
    source = str(moved or options.get("source") or "BEFORE")
    label, *others = [flag_words(name, options.get(name)) for name in _SHARED]
    test = [] if sealed_inside else ["--test", str(options.get("test") or "TEST_FILE")]
    beside = run.absolute().parent == Path(source).absolute().parent
    named = [] if beside else ["--run", str(run)]
    words = ["dechaff", "prove", source, str(improved), *label, *test, *(word for flags in others for word in flags)]
    return shlex.join([*words, *named])


_SHOWN = ("time", "actor", "source", "row", "action", "old", "new", "code", "note")


def log(run: Path, /, *, csv: bool = False, json: bool = False) -> int:
    """List the decisions about rows, with their source and reason.

    Parameters
    ----------
    run
        Folder that an audit wrote.
    csv
        Print every field of every event as CSV.
    json
        Print every field of every event as JSON.
    """
    events = [asdict(event) for event in read_run(run).events()]
    if json:
        print_json(events)
    elif csv:
        writer = DictWriter(sys.stdout, [field.name for field in fields(Event)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(events)
    else:
        shown = table(*_SHOWN)
        for event in events:
            shown.add_row(*(one_line(event[name], 60) for name in _SHOWN))
        stdout().print(shown)
    return FINE


def predict(run: Path, source: Path, /, *, output: OutputFile = None, reading: FileFlags = FileFlags()) -> int:
    """Predict the labels of new rows with the model that a recipe kept.

    Parameters
    ----------
    run
        Folder that a recipe wrote.
    source
        New rows, in any form that an audit reads; labels are not needed.
    output
        CSV to write; without it the predictions go to stdout.
    """
    from dechaff.api.in_rounds import predict as predict_rows  # loads what the work needs, which --help does not

    predictions = predict_rows(run, source, output=output, **asdict(reading))
    print(predictions.write_csv().rstrip("\n") if output is None else output)
    return FINE


def explain(code: str | None = None, /, *, json: bool = False) -> int:
    """Explain a code of a finding: what it means and what to do about it.

    Parameters
    ----------
    code
        Such as L001; without one, all codes are listed.
    json
        Print the result as JSON.
    """
    if code is None:
        text = "\n".join(f"{code.code}  {code.title}" for code in CODES.values())
        plain: object = [asdict(code) for code in CODES.values()]
    else:
        text = page_of(code)
        plain = {**asdict(code_named(code)), "page": text}
    if json:
        print_json(plain)
    else:
        print(text)
    return FINE
