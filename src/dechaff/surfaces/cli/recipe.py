"""``dechaff recipe``."""

from __future__ import annotations

import shlex
from pathlib import Path

from dechaff.records.run import Run
from dechaff.report.record import open_record
from dechaff.surfaces.cli.audit import audit_json
from dechaff.surfaces.cli.console import print_json, print_next, say, stderr, stdout
from dechaff.surfaces.cli.exits import FINE, STOPPED
from dechaff.surfaces.cli.options import Output, RecipeFlags, read_flags
from dechaff.surfaces.cli.progress import counted_stops, shown_progress
from dechaff.surfaces.cli.proof_words import print_proof
from dechaff.surfaces.cli.rounds import print_rounds
from dechaff.surfaces.cli.runs import next_commands
from dechaff.surfaces.cli.summary import print_summary


def recipe(
    source: Path,
    /,
    *,
    options: RecipeFlags = RecipeFlags(),
    output: Output = Output(),
) -> int:
    """Explore, train, improve and select, in rounds, and prove the result.

    Parameters
    ----------
    source
        File (CSV, TSV, Parquet, JSONL, npz) or image folder.
    """
    from dechaff.api.in_rounds import run_in_rounds  # loads what the work needs, which --help does not

    with counted_stops() as stops, shown_progress(quiet=output.quiet) as progress:
        result = run_in_rounds(source, read_flags(options, progress=progress))
    folder = result.audit.folder
    if output.json:
        verdict = None if result.proof is None else result.proof.verdict
        print_json({"verdict": verdict, **audit_json(result.audit)})
    else:
        print_outcome(result.audit.run)
    if stops.count:
        say(stderr(), f"Stopped. The finished steps are in {folder}.")
        return STOPPED
    if not output.quiet:
        predict = f"dechaff predict {shlex.quote(str(folder))} NEW_ROWS{source.suffix}"
        print_next(*next_commands(folder, source), predict)
    return FINE


def print_outcome(run: Run) -> None:
    """The audit, the rounds, the models and the proof."""
    record, console = open_record(run), stdout()
    print_summary(console, record)
    print_rounds(console, record.metrics)
    if record.metrics.proof is not None:
        console.print()
        print_proof(console, record.metrics.proof)
