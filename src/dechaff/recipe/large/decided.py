"""One decision a row, and the scores of all rows: written a block at a time, once every finding has its number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.files import write_whole
from dechaff.core.progress import Progress
from dechaff.data.blocks.block import Block
from dechaff.recipe.large.equal import Equal
from dechaff.recipe.large.known import Known
from dechaff.recipe.large.look import RowsSeen
from dechaff.recipe.large.results import RowResults
from dechaff.recipe.large.spill import write_pieces
from dechaff.recipe.metrics import decision_counts
from dechaff.recipe.proposals import ACTION_NAMES, KEEP, decide
from dechaff.records.codes import CODES
from dechaff.records.decisions import Event
from dechaff.records.metrics import DecisionCounts, ScoreHistogram
from dechaff.records.run import parquet_bytes

PROPOSING = ("L002", "L001", "P001", "P002", "D001", "D003", "D002", "L003", "C002")
"""In order of trust: what is known of a whole slice goes before what is known of one row."""


@dataclass(frozen=True)
class Numbers:
    """The number of the first finding of each code about each row, 0 for none."""

    results: RowResults

    def note(self, code: str, rows: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]) -> None:
        """Some findings of a code, in the order of their numbers."""
        if not len(rows):
            return
        store, name = self.results.store, f"{code}_number"
        column = store.open(name) if store.has(name) else store.make(name, np.int32)
        fresh = column[rows] == 0
        # Reversed, so that of several findings about one row the first is the one that stays.
        column[rows[fresh][::-1]] = numbers[fresh][::-1]

    def of(self, code: str, row: int) -> str:
        """The id of a finding, '' where there is none."""
        name = f"{code}_number"
        number = int(self.results.store.open(name)[row]) if self.results.store.has(name) else 0
        return f"{code}-{number:06d}" if number else ""


@dataclass
class ActionCounts:
    """How many rows each action takes, and by which code."""

    actions: Counter[str]
    by_code: dict[str, Counter[str]]

    def facts(self, n_rows: int) -> DecisionCounts:
        """As the report has them; all other rows are kept."""
        actions: dict[str, int] = {name: self.actions[name] for name in ACTION_NAMES}
        return decision_counts({**actions, "keep": n_rows - sum(self.actions.values())}, self.by_code)


@dataclass(frozen=True)
class Outcomes:
    """What is known of every row, block by block."""

    known: Known
    seen: RowsSeen
    equal: Equal
    results: RowResults
    progress: Progress = field(repr=False)

    def blocks(self, step: str) -> Iterator[Block]:
        """All blocks; tells of the rows that are finished."""
        self.progress(step, 0, self.known.n_rows)
        for block in self.known.blocks:
            yield block
            self.progress(step, block.first_row + block.n_rows, self.known.n_rows)

    def key(self, row: int) -> str:
        """What a row is known by: the hash of its content, and which of the equal rows it is."""
        return f"{int(self.seen.keys[row]):016x}:{int(self.equal.ordinals[row])}"


def decisions_of(of: Outcomes, numbers: Numbers, counts: ActionCounts, *, version: str) -> Iterator[Event]:
    """The decisions other than *keep*, as events of a rule, in the order of rows."""
    names, seen = of.known.sample.class_names, of.seen
    for block in of.blocks("decisions"):
        span = slice(block.first_row, block.first_row + block.n_rows)
        decided = decide(of.results.proposals(PROPOSING, span), block.n_rows)
        for place in np.flatnonzero((decided.action != KEEP) & np.asarray(seen.trains[span])).tolist():
            row, code = block.first_row + place, str(decided.code[place])
            action = ACTION_NAMES[decided.action[place]]
            counts.actions[action] += 1
            counts.by_code.setdefault(code, Counter())[action] += 1
            given, label = int(seen.codes[row]), int(decided.label[place])
            yield Event(
                of.key(row),
                seen.ids.name(row),
                action,
                code=code,
                finding_id=numbers.of(code, row),
                old=names[given] if given >= 0 else "",
                new=names[label] if label >= 0 else "",
                score=round(float(decided.score[place]), 6),
                version=version,
            )


def write_scores(of: Outcomes, target: Path, work: Path) -> None:
    """``scores.parquet``: one line a training row."""
    names, seen = np.array([*of.known.sample.class_names, ""], dtype=object), of.seen
    pieces, schema = [], {}
    for block in of.blocks("scores"):
        rows = np.flatnonzero(np.asarray(seen.trains[block.first_row : block.first_row + block.n_rows]))
        if not len(rows):
            continue
        rows = rows + block.first_row
        keys = zip(seen.keys[rows].tolist(), of.equal.ordinals[rows].tolist(), strict=True)
        frame = pl.DataFrame(
            {
                "row": pl.Series(seen.ids.of(rows).astype(str), dtype=pl.String),
                "key": [f"{key:016x}:{ordinal}" for key, ordinal in keys],
                "given": pl.Series(names[seen.codes[rows]].astype(str), dtype=pl.String),
                **_columns(of.results, rows),
            }
        )
        schema = dict(frame.schema)
        pieces.append(work / f"scores-{block.first_row:012d}.parquet")
        write_whole(pieces[-1], parquet_bytes(frame), to_disk=False)
    write_pieces(pieces, target, schema)


def _columns(results: RowResults, rows: npt.NDArray[np.int64]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for code in (code for code in CODES if results.store.has(code)):
        found[code] = np.asarray(results.store.open(code)[rows])
        found[f"{code}_flag"] = np.asarray(results.store.open(f"{code}_flag")[rows])
    return found


def histogram(results: RowResults, trains: Any, code: str, bins: int) -> ScoreHistogram:
    """How many rows have which score, and how many of them are flagged."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    counts, flagged = np.zeros(bins, dtype=np.int64), np.zeros(bins, dtype=np.int64)
    score, flag = results.store.open(code), results.store.open(f"{code}_flag")
    for span in results.store.spans():
        own = np.clip(np.asarray(score[span])[trains[span]], 0.0, 1.0)
        counts += np.histogram(own, edges)[0]
        flagged += np.histogram(own[np.asarray(flag[span])[trains[span]]], edges)[0]
    return ScoreHistogram(*(tuple(values.tolist()) for values in (edges, counts, flagged)))
