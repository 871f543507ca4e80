"""``dechaff audit``."""

from __future__ import annotations

from pathlib import Path

from dechaff import api
from dechaff.report.record import open_record
from dechaff.surfaces.cli.console import print_json, print_next, say, stderr, stdout
from dechaff.surfaces.cli.exits import FINE, GATE_FAILED, STOPPED
from dechaff.surfaces.cli.gate import Failure, Gate, failures, parse_gates
from dechaff.surfaces.cli.options import AuditFlags, Output, read_flags
from dechaff.surfaces.cli.progress import counted_stops, shown_progress
from dechaff.surfaces.cli.runs import next_commands
from dechaff.surfaces.cli.summary import print_summary
from dechaff.typing import Json


def audit(
    source: Path,
    /,
    *,
    options: AuditFlags = AuditFlags(),
    fail_on: tuple[str, ...] = (),
    output: Output = Output(),
) -> int:
    """Find errors in a data set, explain them, and propose fixes.

    Writes a run folder beside the file, with all findings and a report. The file itself is only read.

    Parameters
    ----------
    source
        File (CSV, TSV, Parquet, JSONL, npz), folder or pattern of such files, or image folder.
    fail_on
        CODE:LIMIT, such as L001:1% or D001:10; more findings than that end with exit code 1. Repeatable.
    """
    from dechaff.api.auditing import run_audit  # loads what the work needs, which --help does not

    gates = parse_gates(fail_on)
    with counted_stops() as stops, shown_progress(quiet=output.quiet) as progress:
        result = run_audit(source, read_flags(options, progress=progress))
    return print_found(result, source, gates, output, stopped=bool(stops.count))


def print_found(result: api.Audit, source: Path, gates: tuple[Gate, ...], output: Output, *, stopped: bool) -> int:
    """Prints the findings of an audit and the next commands; the exit code."""
    failed = failures(gates, result.run.metrics)
    if output.json:
        print_json(audit_json(result, failed))
    else:
        print_summary(stdout(), open_record(result.run))
    for failure in failed:
        say(stderr(), f"Gate failed: {failure.words}", "bold red")
    if stopped:
        say(stderr(), f"Stopped. The finished checks are in {result.folder}.")
        return STOPPED
    if not output.quiet:
        print_next(*next_commands(result.folder, source))
    return GATE_FAILED if failed else FINE


def audit_json(result: api.Audit, failed: tuple[Failure, ...] = ()) -> Json:
    """What ``--json`` prints: the run folder, the gates that failed, and all of ``metrics.json``."""
    return {
        "run": str(result.folder),
        "report": str(result.report()),
        "gates_failed": [{"gate": one.gate, "findings": one.findings, "words": one.words} for one in failed],
        **result.metrics,
    }
