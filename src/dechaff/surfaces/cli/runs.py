"""Reads a run folder for showing."""

from __future__ import annotations

from pathlib import Path

from dechaff.records.run import read_run
from dechaff.surfaces.report.record import RunRecord, read_record


def open_record(folder: Path) -> RunRecord:
    """The typed record of a run folder."""
    run = read_run(folder)
    return read_record(run.metrics, run.examples, run.options, run.findings)
