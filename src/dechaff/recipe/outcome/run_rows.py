"""The lines of ``scores.parquet`` in the order of rows, a few thousand at a time."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from dechaff.errors import RunError

_AT_ONCE = 100_000


class RunRows:
    """Hands out key, id and given label of the next training rows."""

    def __init__(self, scores: Path) -> None:
        self._path = scores
        self._lines = pl.scan_parquet(scores).select("row", "key", "given")
        self._held = pl.DataFrame()
        self._read = 0

    def next(self, n_rows: int) -> pl.DataFrame:
        """The next lines; a RunError if there are no more."""
        while self._held.height < n_rows:
            more = self._lines.slice(self._read, max(_AT_ONCE, n_rows)).collect()
            if not more.height:
                message = f"The file {self._path} has {self._read:,} lines, fewer than the rows that were audited."
                raise RunError(message, fix="Audit again, or restore the file from a copy.")
            self._read += more.height
            self._held = pl.concat([self._held, more]) if self._held.height else more
        given, self._held = self._held.head(n_rows), self._held.slice(n_rows)
        return given
