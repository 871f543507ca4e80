"""Findings on their way to ``findings.parquet``, in memory or in pieces on the disk, and scores of rows beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dechaff.core.files import write_whole
from dechaff.recipe.improve.proposals import KEEP, Proposal
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.records.codes import CODES
from dechaff.records.findings import FINDINGS_SCHEMA, Detection, Finding
from dechaff.records.run import parquet_bytes
from dechaff.typing import Rows

_IN_MEMORY = 20_000
_BUCKETS = 64
_FIELDS = ("group", "field", "given", "suggested", "why", "fix")
_SCHEMA = {"code": pl.String, "place": pl.Int64, "id": pl.String, "score": pl.Float64} | dict.fromkeys(
    _FIELDS, pl.String
)
NameOf = Callable[[int], str]
Numbered = Callable[[str, np.ndarray, np.ndarray], None]


@dataclass
class FindingsWriter:
    """Takes findings; without a folder, all of them are held in memory.

    They are kept by code and score, so that each piece holds what comes together in the end: noisy slices first, then
    by code, score from high to low, and row.
    """

    folder: Path | None = None
    counts: dict[str, int] = field(default_factory=dict)
    _waiting: dict[tuple[str, int], list[tuple[object, ...]]] = field(default_factory=dict)
    _held: int = 0
    _files: int = 0

    def add(self, findings: Iterable[Finding], name_of: NameOf, rows: Rows | None = None) -> None:
        """Add findings.

        Parameters
        ----------
        findings : any number.
        name_of : gives the id of a row of the source.
        rows : (n,) the number in the source of each row that findings name; None if they name it by that number.
        """
        for one in findings:
            if one.row is None:
                bucket, place, name = -1, -1, ""
            else:
                bucket = _BUCKETS - min(int(one.score * _BUCKETS), _BUCKETS - 1) if self.folder else 0
                place = one.row if rows is None else int(rows[one.row])
                name = name_of(place)
            line = (one.code, place, name, float(one.score), *(getattr(one, name) for name in _FIELDS))
            self._waiting.setdefault((one.code, bucket), []).append(line)
            self.counts[one.code] = self.counts.get(one.code, 0) + 1
            self._held += 1
        if self.folder and self._held > _IN_MEMORY:
            self.flush()

    def flush(self) -> None:
        """Write everything to the disk."""
        assert self.folder is not None
        for (code, bucket), frame in self._frames():
            self._files += 1
            path = self.folder / f"{code}.{bucket + 1:02d}.{self._files:06d}.parquet"
            write_whole(path, parquet_bytes(frame), to_disk=False)
        self._waiting, self._held = {}, 0

    def pieces(self) -> Iterator[tuple[tuple[str, int], pl.LazyFrame]]:
        """All findings by code and bucket, in no order."""
        for path in sorted(self.folder.glob("*.parquet")) if self.folder else []:
            code, bucket, _ = path.name.split(".", 2)
            yield (code, int(bucket) - 1), pl.scan_parquet(path)
        for key, frame in self._frames():
            yield key, frame.lazy()

    def _frames(self) -> Iterator[tuple[tuple[str, int], pl.DataFrame]]:
        for key, lines in self._waiting.items():
            yield key, pl.DataFrame(lines, schema=_SCHEMA, orient="row")


def sorted_findings(writers: Iterable[FindingsWriter]) -> Iterator[tuple[str, pl.DataFrame]]:
    """All findings in their final order, code by code and in pieces; noisy slices as a whole come first."""
    by_piece: dict[tuple[str, int], list[pl.LazyFrame]] = {}
    for writer in writers:
        for key, frame in writer.pieces():
            by_piece.setdefault(key, []).append(frame)
    order = [("L002", -1), *((code, bucket) for code in CODES for bucket in range(-1, _BUCKETS + 1))]
    for piece in dict.fromkeys(order):
        if piece in by_piece:
            yield piece[0], _sorted(pl.concat(by_piece[piece]).collect())


def _sorted(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(["score", "place", "group", "field"], descending=[True, False, False, False], maintain_order=True)


def write_findings(writers: Iterable[FindingsWriter], target: Path, numbered: Numbered) -> list[Path]:
    """Write the findings as one file, numbered within their code.

    Parameters
    ----------
    writers : that took the findings.
    target : ``findings.parquet``; pieces stand beside it.
    numbered : called as ``numbered(code, rows, numbers)`` for findings about rows.

    Returns
    -------
    list of Path
        The pieces in their order, with the number of each row as ``place`` (-1 = about no row).
    """
    last: dict[str, int] = {}
    pieces: list[Path] = []
    waiting: list[pl.DataFrame] = []
    # The number of a finding follows the order within its code, of which the slices are the first.
    for code, frame in sorted_findings(writers):
        numbers = np.arange(last.get(code, 0) + 1, last.get(code, 0) + 1 + frame.height)
        last[code] = last.get(code, 0) + frame.height
        about = frame["place"].to_numpy() >= 0
        numbered(code, frame["place"].to_numpy()[about], numbers[about])
        waiting.append(_named(frame, code, numbers))
        if sum(one.height for one in waiting) > _IN_MEMORY:
            pieces.append(_piece(target, len(pieces), waiting))
            waiting = []
    if waiting:
        pieces.append(_piece(target, len(pieces), waiting))
    write_pieces(pieces, target, FINDINGS_SCHEMA)
    return pieces


def _piece(target: Path, number: int, frames: list[pl.DataFrame]) -> Path:
    path = target.with_name(f"findings-{number:05d}.parquet")
    write_whole(path, parquet_bytes(pl.concat(frames)), to_disk=False)
    return path


def _named(frame: pl.DataFrame, code: str, numbers: np.ndarray) -> pl.DataFrame:
    names = pl.Series("finding_id", [f"{code}-{number:06d}" for number in numbers.tolist()], dtype=pl.String)
    return frame.with_columns(names, pl.col("id").alias("row")).select([*FINDINGS_SCHEMA, "place"])


def write_pieces(pieces: list[Path], target: Path, schema: Mapping[str, Any]) -> None:
    """Write several Parquet files as one, without all of it in memory."""
    if not pieces:
        write_whole(target, parquet_bytes(pl.DataFrame(schema=schema)), to_disk=False)
        return
    pl.scan_parquet(pieces).select(list(schema)).sink_parquet(
        target, compression="zstd", statistics=False, maintain_order=True
    )


@dataclass(frozen=True)
class RowResults:
    """Columns by code: its score, ``_flag``, and what it proposes (``_action``, ``_label``, ``_sure``)."""

    store: RowStore
    writer: FindingsWriter

    def begin(self, code: str, *, proposes: bool = False) -> None:
        """Columns for a check that looks at rows."""
        self.store.make(code, np.float64)
        self.store.make(f"{code}_flag", np.bool_)
        if proposes:
            self.begin_proposals(code)

    def begin_proposals(self, code: str) -> None:
        """Columns for what a check proposes."""
        self.store.make(f"{code}_action", np.uint8, KEEP)
        self.store.make(f"{code}_label", np.int32, -1)
        self.store.make(f"{code}_sure", np.float64)

    def add(self, detection: Detection, rows: Rows, name_of: NameOf) -> None:
        """The outcome of a check on some rows, whose numbers in the source are `rows`."""
        if detection.score is not None:
            self.store.open(detection.code)[rows] = detection.score
        if detection.flag is not None:
            self.store.open(f"{detection.code}_flag")[rows] = detection.flag
        self.writer.add(detection.findings, name_of, rows)

    def found(self, findings: Iterable[Finding], name_of: NameOf) -> None:
        """Findings whose rows are numbers in the source."""
        self.writer.add(findings, name_of)

    def propose(self, proposal: Proposal, rows: Rows) -> None:
        """What a check proposes for some of the rows whose numbers are `rows`."""
        at = rows[proposal.rows]
        self.store.open(f"{proposal.code}_action")[at] = proposal.actions
        self.store.open(f"{proposal.code}_label")[at] = proposal.labels
        self.store.open(f"{proposal.code}_sure")[at] = proposal.score

    def proposals(self, codes: Iterable[str], span: slice) -> list[Proposal]:
        """What the checks propose for a run of rows, counted from its start."""
        found = []
        for code in codes:
            if self.store.has(f"{code}_action"):
                actions = np.asarray(self.store.open(f"{code}_action")[span], dtype=np.int64)
                some = np.flatnonzero(actions != KEEP)
                labels = np.asarray(self.store.open(f"{code}_label")[span][some], dtype=np.int64)
                sure = np.asarray(self.store.open(f"{code}_sure")[span][some])
                found.append(Proposal(code, some, actions[some], labels, sure))
        return found
