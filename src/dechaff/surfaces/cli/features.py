"""``dechaff features``: the columns that a model needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dechaff.records.keywords import with_options
from dechaff.report.words import one_line, percent
from dechaff.surfaces.cli.audit import Data
from dechaff.surfaces.cli.console import print_json, say, shown_progress, stdout, table
from dechaff.surfaces.cli.main import FINE
from dechaff.surfaces.cli.options import FeatureFlags, Output, read_flags


def features(source: Data, /, *, options: FeatureFlags = FeatureFlags(), output: Output = Output()) -> int:
    """Find the columns that a model needs, and why not the others.

    Leaves out columns that name the rows, leak the label, are constant, copy another one, or matter no more than
    shuffled columns. Of the others, shows how much worse held-out rows are predicted if the column is shuffled, and on
    how many random halves of the rows it is selected. Test rows are not read. The file itself stays.
    """
    from dechaff.api.feature_selection import select_features  # loads what the work needs, which --help does not

    with shown_progress(quiet=output.quiet) as progress:
        given = read_flags(options, progress=progress)
        found = with_options(select_features)(source, given)
    lines = found.table.to_dicts()
    written = {name: None if path is None else str(path) for name, path in _outputs(given)}
    if output.json:
        tried = {"created": found.tried.to_dicts()} if given.create else {}
        print_json({"result": found.words, **written, "columns": lines, **tried})
        return FINE
    console = stdout()
    say(console, found.words, "bold")
    say(console, "Importance: growth of the log-loss of held-out rows if the column is shuffled, with 95 % interval.")
    shown = table("column", "stays", "importance", "interval", "stability", "")
    for line in sorted(lines, key=lambda one: (not one["kept"], -(one["importance"] or 0))):
        known = line["importance"] is not None
        alike = f"with {line['with']}" if line["with"] else ""
        drift = f"F006 {line['drift']}" if line["drift"] else ""
        why = f"{line['code']} {line['why']}" if line["code"] else "; ".join(filter(None, (alike, drift)))
        shown.add_row(
            one_line(line["column"], 40),
            "yes" if line["kept"] else "no",
            f"{line['importance']:.3f}" if known else "",
            f"{line['low']:.3f} to {line['high']:.3f}" if known else "",
            percent(line["stability"]) if known else "",
            one_line(why, 90),
        )
    console.print(shown)
    if not found.tried.is_empty():
        say(
            console,
            "Created features: gains of held-out rows in points, with corrected intervals; the Brier score decides.",
        )
        console.print(_tried(found.tried.to_dicts()))
    for name, path in written.items():
        if path is not None:
            say(console, f"{'The rows' if name == 'output' else 'The pipeline'}: {path}")
    return FINE


def _tried(lines: Sequence[Mapping[str, Any]]) -> Any:
    shown = table("feature", "accepted", "Brier score", "interval", "accuracy", "")
    for line in lines:
        measured = line["brier"] is not None
        gains = [100 * line[name] for name in ("brier", "brier_low", "brier_high", "accuracy")] if measured else []
        shown.add_row(
            one_line(line["feature"], 60),
            "yes" if line["accepted"] else "no",
            f"{gains[0]:+.2f}" if measured else "",
            f"{gains[1]:+.2f} to {gains[2]:+.2f}" if measured else "",
            f"{gains[3]:+.1f}" if measured else "",
            line["why"],
        )
    return shown


def _outputs(options: FeatureFlags) -> list[tuple[str, object]]:
    return [("output", options.output), ("pipeline", options.pipeline)]
