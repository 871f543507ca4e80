"""What is said where the disk has no more room: numpy, polars, Arrow and SQLite each say it in words of their own."""

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
    """A RunError that names the folder, where the block fills its disk; `then` says what to do once there is room."""
    try:
        yield
    except (OSError, PolarsError, sqlite3.Error) as error:
        if getattr(error, "errno", None) not in FULL and not any(words in str(error) for words in _SAID):
            raise
        raise RunError(f"No space left in {folder}: the disk is full.", fix=f"Free some space; {then}.") from error
