"""The files of an audit out of core, opened again."""

from __future__ import annotations

from typing import Any

from dechaff.api.reading import audited_file
from dechaff.core.progress import Progress, silent
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.formats.files import Reading, TableFiles, open_files
from dechaff.errors import SourceChangedError
from dechaff.records.options import ReadOptions, restored
from dechaff.records.run import Run


def files_of_run(run: Run, source: Any = None, *, progress: Progress = silent) -> tuple[TableFiles, ColumnRoles]:
    """The audited files, and how they were read.

    Parameters
    ----------
    run : the run.
    source : where the files are now; None for where they were.
    progress : called with the megabytes that are read.

    Raises
    ------
    RunError
        If they are not found.
    SourceChangedError
        If they differ from the audited ones.
    """
    options = run.options
    where = audited_file(run) if source is None else source
    read = restored(ReadOptions, options)
    files = open_files(where, Reading(read.label, read.delimiter, read.encoding), progress=progress)
    if files.sha256 != run.metrics.dataset.sha256:
        raise SourceChangedError(
            f"{where} has changed since it was audited (another SHA-256).",
            fix="Audit the new data; decisions of reviewers stay in the run folder.",
        )
    return files, ColumnRoles.of(read)
