"""``dechaff pu``."""

from __future__ import annotations

from pathlib import Path

from dechaff.surfaces.cli.audit import print_found
from dechaff.surfaces.cli.gate import parse_gates
from dechaff.surfaces.cli.options import Output, PUFlags, read_flags
from dechaff.surfaces.cli.progress import counted_stops, shown_progress


def pu(
    source: Path,
    /,
    *,
    options: PUFlags = PUFlags(),
    fail_on: tuple[str, ...] = (),
    output: Output = Output(),
) -> int:
    """Find the positives among unlabelled rows, and how many there are.

    For data in which some rows are labelled positive and all others are unlabelled. Writes a run folder
    beside the file, as an audit does. The file itself is only read.

    Parameters
    ----------
    source
        File (CSV, TSV, Parquet, JSONL, npz), folder or pattern of such files, or image folder.
    fail_on
        CODE:LIMIT, such as P001:1% or P002:10; more findings than that end with exit code 1. Repeatable.
    """
    from dechaff.api.positive_unlabelled import run_pu  # loads what the work needs, which --help does not

    gates = parse_gates(fail_on)
    with counted_stops() as stops, shown_progress(quiet=output.quiet) as progress:
        result = run_pu(source, read_flags(options, progress=progress))
    return print_found(result, source, gates, output, stopped=bool(stops.count))
