"""The error of a full disk, which numpy, polars, Arrow and SQLite each report differently."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from polars.exceptions import PolarsError

from dechaff.errors import RunError

FULL = (errno.ENOSPC, errno.EDQUOT)
_SAID = ("No space left on device", "Disk quota exceeded", " requested and ", "disk is full")


@contextmanager
def explain_full_disk(folder: Path, then: str) -> Iterator[None]:
    """A RunError that names the folder if the block fills its disk; `then` is what to do once there is space."""
    try:
        yield
    except (OSError, PolarsError, sqlite3.Error) as error:
        if getattr(error, "errno", None) not in FULL and not any(words in str(error) for words in _SAID):
            raise
        raise RunError(f"No space left in {folder}: the disk is full.", fix=f"Free some space; {then}.") from error
