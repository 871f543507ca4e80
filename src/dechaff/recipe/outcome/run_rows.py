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
                found = f"{self._read:,} lines, and a row more"
                must = "have a line for each row that was audited"
                raise RunError(f"the file {self._path}", must, found, "Audit again, or restore the file from a copy.")
            self._read += more.height
            self._held = pl.concat([self._held, more]) if self._held.height else more
        given, self._held = self._held.head(n_rows), self._held.slice(n_rows)
        return given
