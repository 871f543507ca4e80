"""``dechaff learn``: labels and cells judged anew from the decisions of reviewers."""

from __future__ import annotations

from pathlib import Path

from msgspec import to_builtins

from dechaff.records.review import Learned
from dechaff.report.words import of_things, one_line
from dechaff.surfaces.cli.console import print_json, print_next, say, shown_progress, stdout, table
from dechaff.surfaces.cli.main import FINE
from dechaff.surfaces.cli.options import Output
from dechaff.surfaces.cli.runs import next_commands

_LISTED = 10


def learn(run: Path, /, *, models: bool = False, source: Path | None = None, output: Output = Output()) -> int:
    """Judge labels and cells anew from the decisions of reviewers.

    Writes a new version of the findings into the run folder; decisions and old versions stay. Two reviewed labels or
    one reviewed cell are enough; about twenty reviewed rows say most.

    Parameters
    ----------
    run
        Folder that an audit wrote.
    models
        Train the models again, too, on the corrected labels.
    source
        The audited file, if it has moved.
    """
    from dechaff.api.auditing import open_run  # loads what the work needs, which --help does not

    audit = open_run(run, source=source)
    with shown_progress(quiet=output.quiet or output.json) as progress:
        learned = audit.learn(models=models, progress=progress)
    if output.json:
        print_json(to_builtins(learned))
        return FINE
    _print(learned)
    if not output.quiet:
        print_next(next_commands(run, source)[1])
    return FINE


def _print(learned: Learned) -> None:
    console = stdout()
    say(
        console,
        f"{of_things(len(learned.new), 'finding')} new, {of_things(len(learned.gone), 'finding')} gone.",
        "bold",
    )
    for words in learned.words:
        say(console, one_line(words, 300))
    for title, items in (("new", learned.new), ("gone", learned.gone)):
        if not items:
            continue
        shown = table(title, "row", "column", "given → suggested")
        for one in items[:_LISTED]:
            pair = " → ".join(one_line(str(value), 40) for value in (one.given, one.suggested) if value)
            shown.add_row(one.finding_id, one_line(one.row, 40), one_line(one.field, 40), pair)
        console.print(shown)
