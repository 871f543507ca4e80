"""Decisions turned into new files, block by block: the same bytes as in memory, whatever the size."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dechaff.core.progress import Progress, silent
from dechaff.data.blocks.block import Block
from dechaff.data.blocks.files import BlockFiles, format_of
from dechaff.data.read import Read
from dechaff.data.roles import Wishes
from dechaff.data.source import check_output
from dechaff.data.write import csv_table_bytes
from dechaff.errors import DataError
from dechaff.recipe.apply import Change, change_of, changes_columns, changes_path
from dechaff.recipe.large.known import usual_values
from dechaff.recipe.large.room import told_of_full_disk
from dechaff.recipe.large.run_rows import RunRows
from dechaff.recipe.large.scan import Scanned, scan
from dechaff.records.decisions import Event
from dechaff.records.run import Run

WRITING = "writing the improved data"


@dataclass(frozen=True)
class Improvement:
    """Files with the decisions about them."""

    source: BlockFiles
    scanned: Scanned
    decided: Mapping[str, Event]
    why: Mapping[str, str]
    rows: RunRows

    def blocks(self, changes: list[Change]) -> Iterator[tuple[Block, Read, Any, dict[int, str]]]:
        """Every block with the rows that stay and the labels that change; these are noted, too."""
        for block, read in self.source.read(self.scanned.blocks):
            keep, labels = np.ones(read.n_rows, dtype=bool), {}
            places = np.flatnonzero(~self.scanned.sealing.sealed(read))
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
    run: Run, source: BlockFiles, wishes: Wishes, share: float | None, target: Path, *, progress: Progress = silent
) -> tuple[Change, ...]:
    """Write the improved data in the format of the original, a folder for a folder, and the list of changes beside it.

    Every file is written beside its place first and takes its name once all of them are whole.

    Parameters
    ----------
    run : of the audit; its source must be the one that was audited.
    source : the files.
    wishes, share : how the audit read them.
    target : file or, for several files, folder to write.
    progress : is told of the megabytes that are read, and of the rows that are written.

    Raises
    ------
    DataError
        Where the target is the input, or has another format.
    """
    places = _targets(source, target)
    with told_of_full_disk(places[0].parent, "nothing was written, and the input is untouched"), _made_for(places):
        seed = int(run.options.get("seed", 0))
        scanned = scan(source, wishes, share=share, most=1, seed=seed, progress=progress)
        decided = run.decided()
        improvement = Improvement(source, scanned, decided, run.why_of(decided.values()), RunRows(run.scores_path))
        return _written(improvement, places, changes_path(target), progress)


@contextmanager
def _made_for(places: Sequence[Path]) -> Iterator[None]:
    """The folders of these files; those that were not there are gone again where the block fails."""
    missing = {folder for place in places for folder in place.parents if not folder.exists()}
    made = sorted(missing, key=lambda folder: len(folder.parts))
    try:
        for folder in made:
            folder.mkdir()
        yield
    except BaseException:
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        raise


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
    file, writer = -1, None
    progress(WRITING, 0, scanned.n_rows)
    for block, read, keep, labels in improvement.blocks(changes):
        if block.file != file:
            if writer is not None:
                writer.close()
            file = block.file
            writer = source.writer(file, parts[places[file]], scanned.tally.name, spellings)
        assert writer is not None
        writer.add(block, read, keep, labels)
        progress(WRITING, block.first_row + block.n_rows, scanned.n_rows)
    if writer is not None:
        writer.close()
    # A file without rows has no block, and is a file of the data all the same.
    for empty in set(range(len(places))) - {block.file for block in scanned.blocks}:
        source.writer(empty, parts[places[empty]], scanned.tally.name, spellings).close()


def _copy(source: BlockFiles, places: list[Path], parts: dict[Path, Path]) -> None:
    """Nothing changes: the very bytes of the input, unless they are to be packed in another way."""
    for file, place in zip(source.files, places, strict=True):
        if file.name.lower().endswith(".gz") == place.name.lower().endswith(".gz"):
            shutil.copyfile(file, parts[place])


def _targets(source: BlockFiles, target: Path) -> list[Path]:
    """Where each file goes."""
    if len(source.files) == 1 and source.path.is_file():
        if not target.parent.is_dir():
            fix = "Make the folder first, or choose another path."
            raise DataError("the output", "stand in a folder that exists", f"no folder {target.parent}", fix)
        return [check_output(target, source.files[0], source.format)]
    if target.is_file() or (format_of(target) and not target.is_dir()):
        raise DataError(
            "the output",
            "be a folder, because several files were audited",
            f"the name of a file, {target.name}",
            "Name a folder; each file gets its own name in it.",
        )
    folder = Path(os.path.commonpath([file.parent for file in source.files]))
    if target.resolve() == folder.resolve():
        raise DataError(
            "the output",
            "be another folder than the input, which is never overwritten",
            f"{target}, the audited data themselves",
            "Choose another folder.",
        )
    if source.path.is_dir() and folder.resolve() in target.resolve().parents:
        raise DataError(
            "the output",
            "lie outside of the audited folder, of which all files are one data set",
            f"{target}, inside of it",
            "Choose another folder.",
        )
    # Files of several folders, which may have one name, keep their folders.
    return [check_output(target / file.relative_to(folder), file, source.format) for file in source.files]
