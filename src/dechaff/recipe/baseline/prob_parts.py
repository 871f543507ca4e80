"""Probabilities of all rows, as Parquet parts in the run folder: one part a block, written whole and then renamed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.files import write_whole
from dechaff.records.run import parquet_bytes
from dechaff.typing import Labels, Probs

WIDE = 64
"""Up to this many classes have a column each, named by their position; more are one column of lists."""


@dataclass(frozen=True)
class Part:
    """Some rows: their numbers, their codes (-1 = no label) and their probabilities."""

    rows: npt.NDArray[np.int64]
    codes: Labels
    probs: Probs


@dataclass(frozen=True)
class ProbParts:
    """A folder of parts, in the order of rows."""

    folder: Path
    n_classes: int

    def write(self, first_row: int, rows: npt.NDArray[np.int64], codes: Labels, probs: Probs) -> None:
        """One part: all of it, or nothing."""
        columns: dict[str, object] = {"row": rows, "label": codes.astype(np.int32)}
        single = probs.astype(np.float32)
        if self.n_classes <= WIDE:
            columns |= {f"p{place}": np.ascontiguousarray(single[:, place]) for place in range(self.n_classes)}
        else:
            columns["probs"] = pl.Series(single, dtype=pl.Array(pl.Float32, self.n_classes))
        write_whole(self.folder / f"part-{first_row:012d}.parquet", parquet_bytes(pl.DataFrame(columns)))

    def paths(self) -> list[Path]:
        """The parts that are whole."""
        return sorted(self.folder.glob("part-*.parquet"))

    def parts(self) -> Iterator[Part]:
        """All rows, part by part."""
        for path in self.paths():
            yield self.read(path)

    def read(self, path: Path) -> Part:
        """One part."""
        frame = pl.read_parquet(path)
        if "probs" in frame.columns:
            probs = frame["probs"].to_numpy().reshape(frame.height, -1)
        else:
            probs = frame.select(f"p{place}" for place in range(self.n_classes)).to_numpy()
        wide = probs.astype(np.float64)  # in which rows sum to 1
        codes = frame["label"].to_numpy().astype(np.int64)
        return Part(frame["row"].to_numpy(), codes, wide / wide.sum(axis=1, keepdims=True))

    def of(self, rows: npt.NDArray[np.int64]) -> Probs:
        """The probabilities of a few rows, in their order; zeros for rows that have none."""
        found = np.zeros((len(rows), self.n_classes))
        for path in self.paths():
            start = int(path.stem.split("-")[1])
            if (rows >= start).any():
                part = self.read(path)
                hit = np.isin(rows, part.rows)
                found[hit] = part.probs[np.searchsorted(part.rows, rows[hit])]
        return found
