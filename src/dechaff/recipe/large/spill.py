"""Findings of many rows: written as they are found, sorted and numbered at the end, without all of them in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dechaff.core.files import write_whole
from dechaff.records.codes import CODES
from dechaff.records.findings import Finding
from dechaff.records.frames import FINDINGS_SCHEMA
from dechaff.records.run import parquet_bytes

_IN_MEMORY = 20_000
_BUCKETS = 64
_FIELDS = ("group", "field", "given", "suggested", "why", "fix")
_SCHEMA = {"code": pl.String, "place": pl.Int64, "id": pl.String, "score": pl.Float64} | dict.fromkeys(
    _FIELDS, pl.String
)
NameOf = Callable[[int], str]
Numbered = Callable[[str, np.ndarray, np.ndarray], None]


@dataclass
class Spill:
    """Takes findings; the row of a finding is its number in the source.

    Files are named by code and score, so that each holds what comes together in the end: noisy slices first, then by
    code, score from high to low, and row.
    """

    folder: Path
    counts: dict[str, int] = field(default_factory=dict)
    _waiting: dict[tuple[str, int], list[tuple[object, ...]]] = field(default_factory=dict)
    _held: int = 0
    _files: int = 0

    def add(self, findings: Iterable[Finding], name_of: NameOf) -> None:
        """More findings; `name_of` gives the id of a row."""
        for one in findings:
            bucket = -1 if one.row is None else _BUCKETS - min(int(one.score * _BUCKETS), _BUCKETS - 1)
            line = (
                one.code,
                -1 if one.row is None else one.row,
                "" if one.row is None else name_of(one.row),
                float(one.score),
                *(getattr(one, name) for name in _FIELDS),
            )
            self._waiting.setdefault((one.code, bucket), []).append(line)
            self.counts[one.code] = self.counts.get(one.code, 0) + 1
            self._held += 1
        if self._held > _IN_MEMORY:
            self.flush()

    def flush(self) -> None:
        """Everything to the disk."""
        for (code, bucket), lines in self._waiting.items():
            self._files += 1
            path = self.folder / f"{code}.{bucket + 1:02d}.{self._files:06d}.parquet"
            write_whole(path, parquet_bytes(pl.DataFrame(lines, schema=_SCHEMA, orient="row")), to_disk=False)
        self._waiting, self._held = {}, 0


def sorted_findings(folders: Iterable[Path]) -> Iterator[tuple[str, pl.DataFrame]]:
    """All findings in their final order, code by code and in pieces; noisy slices as a whole come first."""
    paths = sorted(path for folder in folders for path in folder.glob("*.parquet"))
    by_piece: dict[tuple[str, str], list[Path]] = {}
    for path in paths:
        code, bucket, _ = path.name.split(".", 2)
        by_piece.setdefault((code, bucket), []).append(path)
    order = [("L002", "00"), *((code, f"{b:02d}") for code in CODES for b in range(_BUCKETS + 2))]
    for piece in dict.fromkeys(order):
        if piece in by_piece:
            yield piece[0], _sorted(pl.concat([pl.read_parquet(path) for path in by_piece[piece]]))


def _sorted(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(["score", "place", "group", "field"], descending=[True, False, False, False], maintain_order=True)


def write_findings(folders: Iterable[Path], target: Path, work: Path, numbered: Numbered) -> list[Path]:
    """The findings as one file, numbered within their code; `numbered` is told code, rows and numbers.

    Parameters
    ----------
    folders : of spills.
    target : ``findings.parquet``
    work : a folder for pieces.
    numbered : called as ``numbered(code, rows, numbers)`` for findings about rows.

    Returns
    -------
    list of Path
        The pieces in their order, with the number of each row as ``place`` (-1 = about no row).
    """
    work.mkdir(parents=True, exist_ok=True)
    for old in work.glob("*.parquet"):
        old.unlink()
    last: dict[str, int] = {}
    pieces = []
    # The number of a finding follows the order within its code, of which the slices are the first.
    for place, (code, frame) in enumerate(sorted_findings(folders)):
        numbers = np.arange(last.get(code, 0) + 1, last.get(code, 0) + 1 + frame.height)
        last[code] = last.get(code, 0) + frame.height
        about = frame["place"].to_numpy() >= 0
        numbered(code, frame["place"].to_numpy()[about], numbers[about])
        pieces.append(work / f"{place:05d}.parquet")
        write_whole(pieces[-1], parquet_bytes(_named(frame, code, numbers)), to_disk=False)
    write_pieces(pieces, target, FINDINGS_SCHEMA)
    return pieces


def _named(frame: pl.DataFrame, code: str, numbers: np.ndarray) -> pl.DataFrame:
    names = pl.Series("finding_id", [f"{code}-{number:06d}" for number in numbers.tolist()], dtype=pl.String)
    return frame.with_columns(names, pl.col("id").alias("row")).select([*FINDINGS_SCHEMA, "place"])


def write_pieces(pieces: list[Path], target: Path, schema: Mapping[str, Any]) -> None:
    """Several Parquet files as one, whole and then renamed, without all of it in memory."""
    if not pieces:
        write_whole(target, parquet_bytes(pl.DataFrame(schema=schema)))
        return
    part = target.with_name(f".{target.name}.part")
    pl.scan_parquet(pieces).select(list(schema)).sink_parquet(
        part, compression="zstd", statistics=False, maintain_order=True
    )
    part.replace(target)
