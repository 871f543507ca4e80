"""Parquet files whose last column, the flags, is known only after all of them are written: set where it stands.

Flags that wait lie near the end of a file as a pattern, a bit a row, that is found by looking for it. A file that has
few rows, or in which they lie in another way, is written anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.files import begin_to_disk, write_inside
from dechaff.data.streams.frame_files import write_frame
from dechaff.typing import Mask

FLAG = "flag"
_BEHIND = 2**16
"""Bytes that may follow the flags: what the file says of itself."""
_FEWEST_ROWS = 2**13
"""Of fewer rows the pattern might be found by chance."""


def write_unflagged(path: Path, frame: pl.DataFrame) -> None:
    """The frame, with a last column of flags that mean nothing until they are `set_flags`."""
    _write(path, frame, _waiting(len(frame)), to_disk=False)
    begin_to_disk(path)


def set_flags(path: Path, flags: Mask) -> None:
    """Sets the flags of all rows of a file, whether they were set before or not; then the file is on the disk.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "scores.parquet"
    >>> write_unflagged(path, pl.DataFrame({"score": [0.5, 0.75, 0.25]}))
    >>> set_flags(path, np.array([False, True, False]))
    >>> pl.read_parquet(path).rows()
    [(0.5, False), (0.75, True), (0.25, False)]
    """
    place = _waiting_place(path, len(flags))
    if place is not None:
        write_inside(path, place, _packed(flags))
    else:
        _write(path, pl.read_parquet(path).drop(FLAG), flags, to_disk=True)


def _write(path: Path, frame: pl.DataFrame, flags: Mask, *, to_disk: bool) -> None:
    """One row group and one page of flags; statistics would be of flags that change."""
    flagged = frame.with_columns(pl.Series(FLAG, flags, dtype=pl.Boolean))
    whole = {"row_group_size": max(1, len(frame)), "data_page_size": 2**30}
    write_frame(path, flagged, to_disk=to_disk, statistics=False, **whole)


def _waiting_place(path: Path, n_rows: int) -> int | None:
    """Where the flags of so many rows wait; None where they do not, or cannot be told from something else."""
    if n_rows < _FEWEST_ROWS:
        return None
    wanted = _packed(_waiting(n_rows))
    with path.open("rb") as stream:
        start = max(0, stream.seek(0, os.SEEK_END) - len(wanted) - _BEHIND)
        stream.seek(start)
        place = stream.read().rfind(wanted)
    return None if place < 0 else start + place


def _waiting(n_rows: int) -> Mask:
    """Flags that are not set, which look like nothing else that may stand there."""
    flags = np.zeros(n_rows, dtype=bool)
    flags[::2] = True
    return flags


def _packed(flags: npt.NDArray[np.bool_]) -> bytes:
    return np.packbits(flags, bitorder="little").tobytes()
