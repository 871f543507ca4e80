"""``dechaff pu``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from dechaff import api
from dechaff.surfaces.cli.arguments import keywords
from dechaff.surfaces.cli.audit import print_found
from dechaff.surfaces.cli.gate import parse_gates
from dechaff.surfaces.cli.options import Columns, Output, Place, Reading, Room, Sealed, Work
from dechaff.surfaces.cli.progress import counted_stops, shown_progress

Scheme = Literal["single-training-set", "case-control"]


def pu(
    source: Path,
    /,
    *,
    positive: str | None = None,
    scheme: Scheme = "single-training-set",
    columns: Columns = Columns(),
    sealed: Sealed = Sealed(),
    reading: Reading = Reading(),
    work: Work = Work(),
    room: Room = Room(),
    place: Place = Place(),
    fail_on: tuple[str, ...] = (),
    output: Output = Output(),
) -> int:
    """Find the positives among unlabelled rows, and how many there are.

    For data in which some rows are labelled positive, and of all others nothing is known. Writes a run folder
    beside the file, as an audit does. The file itself is only read.

    Parameters
    ----------
    source
        File (CSV, TSV, Parquet, JSONL, npz), folder or pattern of such files, or image folder.
    positive
        Value of the label column in labelled rows; all other rows, empty or of one other value, are unlabelled.
        May be left out for one value and empty cells, 1 and 0, 1 and -1, true and false.
    scheme
        Whether the rows are one sample, labelled in part, or the unlabelled ones are a sample of the population of
        their own.
    fail_on
        CODE:LIMIT, such as P001:1% or P002:10; more findings than that end with exit code 1. Repeatable.
    """
    gates = parse_gates(fail_on)
    given = keywords(columns, sealed, reading, work, room, place)
    with counted_stops() as stops, shown_progress(quiet=output.quiet) as progress:
        result = api.pu(source, positive=positive, scheme=scheme, **given, progress=progress)
    return print_found(result, source, gates, work.policy, output, stopped=bool(stops.count))
