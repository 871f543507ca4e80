"""Decisions turned into new files, block by block: the same bytes as in memory, whatever the size."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from dechaff.core.files import folders_of
from dechaff.core.progress import Progress, silent
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.formats.files import TableFiles
from dechaff.data.formats.part import FilePart
from dechaff.data.formats.source import targets_of
from dechaff.data.read import Read
from dechaff.data.write import csv_table_bytes
from dechaff.recipe.outcome.apply import Change, change_of, changes_columns, changes_path
from dechaff.recipe.outcome.full_disk import explain_full_disk
from dechaff.recipe.outcome.run_rows import RunRows
from dechaff.recipe.passes.read_plan import usual_values
from dechaff.recipe.passes.scan import Scanned, scan
from dechaff.records.decisions import Event
from dechaff.records.run import Run

WRITING = "writing the improved data"


@dataclass(frozen=True)
class Improvement:
    """Files with the decisions about them."""

    source: TableFiles
    scanned: Scanned
    decided: Mapping[str, Event]
    why: Mapping[str, str]
    rows: RunRows

    def blocks(self, changes: list[Change]) -> Iterator[tuple[FilePart, Read, Any, dict[int, str]]]:
        """Every block with the rows that stay and the labels that change; these are noted, too."""
        for block, read in self.source.read(self.source.parts):
            keep, labels = np.ones(read.n_rows, dtype=bool), {}
            places = np.flatnonzero(~self.scanned.held_out.mask(read, block.first_row))
            lines = self.rows.next(len(places)).iter_rows()
            for place, (name, key, given) in zip(places.tolist(), lines, strict=True):
                change = change_of(self.decided.get(key), name, key, given, self.why)
                if change is not None:
                    changes.append(change)
                    keep[place] = change.change != "dropped"
                    if change.new and keep[place]:
                        labels[place] = change.new
            yield block, read, keep, labels


def apply_in_passes(
    run: Run,
    source: TableFiles,
    roles: ColumnRoles,
    test_size: float | None,
    target: Path,
    *,
    progress: Progress = silent,
) -> tuple[Change, ...]:
    """Write the improved data in the format of the original, a folder for a folder, and the list of changes beside it.

    Every file is written beside its place first and takes its name once all of them are whole.

    Parameters
    ----------
    run : of the audit; its source must be the one that was audited.
    source : the files.
    roles, test_size : how the audit read them.
    target : file or, for several files, folder to write.
    progress : is called with the megabytes that are read, and of the rows that are written.

    Raises
    ------
    DataError
        Where the target is the input, or has another format.
    """
    places = targets_of(source, target)
    with explain_full_disk(places[0].parent, "nothing was written, and the input is untouched"), folders_of(places):
        seed = int(run.options.get("seed", 0))
        scanned = scan(
            source,
            roles,
            test_size=test_size,
            most=1,
            seed=seed,
            progress=progress,
            unlabelled_is_a_class=run.metrics.positives is not None,
        )
        decided = run.decided()
        improvement = Improvement(source, scanned, decided, run.why_of(decided.values()), RunRows(run.scores_path))
        return _written(improvement, places, changes_path(target), progress)


def _written(improvement: Improvement, places: list[Path], listed: Path, progress: Progress) -> tuple[Change, ...]:
    changes: list[Change] = []
    parts = {place: place.with_name(f".{place.name}.part") for place in [*places, listed]}
    try:
        _write(improvement, places, parts, changes, progress)
        if not changes:
            _copy(improvement.source, places, parts)
        parts[listed].write_bytes(csv_table_bytes(changes_columns(tuple(changes))))
        for place, part in parts.items():
            part.replace(place)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return tuple(changes)


def _write(
    improvement: Improvement, places: list[Path], parts: dict[Path, Path], changes: list[Change], progress: Progress
) -> None:
    scanned, source = improvement.scanned, improvement.source
    spellings = usual_values(scanned.tally)
    progress(WRITING, 0, scanned.n_rows)
    for file, some in groupby(improvement.blocks(changes), key=lambda one: one[0].file):
        place = places[file]
        with parts[place].open("wb") as stream:
            packed = place.name.lower().endswith(".gz")
            writer = source.writer(file, stream, scanned.tally.name, spellings, gzipped=packed)
            for block, read, keep, labels in some:
                writer.add(block, read, keep, labels)
                progress(WRITING, block.first_row + block.n_rows, scanned.n_rows)
            writer.close()


def _copy(source: TableFiles, places: list[Path], parts: dict[Path, Path]) -> None:
    """Nothing changes: the very bytes of the input, unless they are to be packed in another way."""
    for file, place in zip(source.files, places, strict=True):
        if file.name.lower().endswith(".gz") == place.name.lower().endswith(".gz"):
            shutil.copyfile(file, parts[place])
