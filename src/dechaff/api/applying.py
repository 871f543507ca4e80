"""The improved data of an audit out of core: files in, files out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import polars as pl

from dechaff.api.files_again import files_of_run
from dechaff.core.progress import Progress
from dechaff.errors import InputError
from dechaff.recipe.outcome.apply import Change, change_of
from dechaff.recipe.outcome.apply_in_passes import apply_in_passes
from dechaff.records.run import Run


def apply_files(run: Run, source: Any, path: str | os.PathLike[str] | None, *, progress: Progress) -> Path:
    """Write the improved files of a run, and the list of changes beside them; the path."""
    if path is None:
        raise no_path()
    files, roles = files_of_run(run, source, progress=progress)
    apply_in_passes(run, files, roles, run.options.get("test_size"), Path(path), progress=progress)
    return Path(path)


def changes_of(run: Run) -> tuple[Change, ...]:
    """The changes that `apply_files` makes, from the run alone."""
    decided = run.decided()
    why = run.why_of(decided.values())
    names = pl.scan_parquet(run.scores_path).select("row", "key", "given")
    lines = names.filter(pl.col("key").is_in(list(decided))).collect()
    changes = (change_of(decided[key], row, key, given, why) for row, key, given in lines.iter_rows())
    return tuple(change for change in changes if change is not None)


def no_path() -> InputError:
    """The error if several files were audited and no output folder is given."""
    return InputError(
        "apply()",
        "have a path, because a file was audited",
        "no path",
        "Call apply('improved.csv').",
    )
