"""The one way from an audit to its run folder: findings, scores, decisions, figures and examples.

An audit hands over its rows in pieces: one piece if the data are in memory, one per block if they are read out of core.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import structs

from dechaff.core.files import write_whole
from dechaff.core.progress import Progress, silent
from dechaff.recipe.improve.proposals import ACTION_NAMES, KEEP, Decided
from dechaff.recipe.outcome.examples import ExampleSources, examples_of
from dechaff.recipe.outcome.findings_writer import FindingsWriter, RowResults, write_findings, write_pieces
from dechaff.recipe.outcome.row_store import RowColumn
from dechaff.records.codes import CODES
from dechaff.records.decided_rows import PARENT_KEY
from dechaff.records.decisions import Event
from dechaff.records.findings import RowNames
from dechaff.records.metrics import DecisionCounts, Examples, Metrics, ScoreHistogram
from dechaff.records.run import CELL_RULES, Run, RunContent, npz_bytes, parquet_bytes, write_run
from dechaff.typing import ColumnTypes, Labels, Rows


@dataclass(frozen=True)
class Piece:
    """Some audited rows in the order of the source.

    ``rows`` (m,) are their numbers in the source, ``labels`` (m,) the codes of their given labels, -1 if missing.
    """

    rows: Rows
    names: RowNames
    labels: Labels
    decided: Decided


@dataclass(frozen=True)
class AuditOutcome:
    """Everything that an audit found, ready to be written.

    ``pieces`` gives the rows; ``evidence`` the rows that are shown as examples, and where each of them stands in it.
    """

    summary: Metrics
    findings: Sequence[FindingsWriter]
    results: RowResults
    pieces: Callable[[], Iterator[Piece]]
    evidence: Callable[[Rows], tuple[ExampleSources, Mapping[int, int]]]
    renamed: Callable[[Examples], Examples] = field(default=lambda examples: examples)
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    """Arrays for ``probs.npz``; empty if the probabilities stand in files of their own."""
    cell_rules: str = ""
    """What holds in nearly all rows, as JSON; empty if no rules were learned."""


def write_audit(
    outcome: AuditOutcome,
    folder: Path,
    work: Path,
    *,
    options: Mapping[str, Any],
    command: str,
    version: str,
    progress: Progress = silent,
) -> Run:
    """Write the run folder of an audit: all of its files, or none.

    Parameters
    ----------
    outcome : what was found.
    folder : the run folder.
    work : an empty folder on the same disk, for files that are not whole yet.
    options, command, version : what was asked for, the command that does it again, and the version of dechaff.
    progress : called with how many of the three tables are written.
    """
    progress("writing", 0, 3)
    numbers, rows = _FindingNumbers(outcome.results), _RowTables(outcome, work)
    shown = write_findings(outcome.findings, work / "findings.parquet", numbers.note)
    progress("writing", 1, 3)

    def proposed() -> Iterator[Event]:
        for piece in outcome.pieces():
            rows.add(piece)
            yield from events_of(piece, numbers, outcome.summary.dataset.classes, version=version)
        rows.close()

    def content() -> RunContent:
        progress("writing", 2, 3)
        more = {"histograms": rows.histograms(), "decisions": rows.decisions()}
        figures = structs.replace(outcome.summary, **more, dechaff=version, command=command)
        examples = outcome.renamed(examples_of(shown, outcome.evidence))
        if outcome.arrays:
            write_whole(work / "probs.npz", npz_bytes(outcome.arrays), to_disk=False)
        if outcome.cell_rules:
            write_whole(work / CELL_RULES, outcome.cell_rules.encode(), to_disk=False)
        progress("writing", 3, 3)
        return RunContent(options, figures, examples)

    return write_run(folder, work, proposed(), content)


def events_of(piece: Piece, numbers: _FindingNumbers, class_names: Sequence[str], *, version: str) -> Iterator[Event]:
    """The decisions other than *keep*, as events of a rule, in the order of rows."""
    decided, names = piece.decided, piece.names
    for place in np.flatnonzero(decided.action != KEEP).tolist():
        code, label = str(decided.code[place]), int(decided.label[place])
        yield Event(
            str(names.keys[place]),
            str(names.ids[place]),
            ACTION_NAMES[decided.action[place]],
            code=code,
            finding_id=numbers.of(code, int(piece.rows[place])),
            old=str(names.given[place]),
            new=class_names[label] if label >= 0 else "",
            score=round(float(decided.score[place]), 6),
            version=version,
            note=f"another spelling of {class_names[piece.labels[place]]}" if code == "L006" else "",
        )


@dataclass(frozen=True)
class _FindingNumbers:
    """The number of the first finding of each code about each row, 0 for none."""

    results: RowResults
    _columns: dict[str, RowColumn] = field(default_factory=dict)

    def note(self, code: str, rows: Rows, numbers: npt.NDArray[np.int64]) -> None:
        """Some findings of a code, in the order of their numbers."""
        if not len(rows):
            return
        if code not in self._columns:
            self._columns[code] = self.results.store.make(f"{code}_number", np.int32)
        column = self._columns[code]
        fresh = column[rows] == 0
        # Reversed, so that of several findings about one row the first is the one that stays.
        column[rows[fresh][::-1]] = numbers[fresh][::-1]

    def of(self, code: str, row: int) -> str:
        """The id of a finding, '' if there is none."""
        number = int(self._columns[code][row]) if code in self._columns else 0
        return f"{code}-{number:06d}" if number else ""


@dataclass
class _RowTables:
    """``scores.parquet``, histograms of the scores, and counts of the decisions, from all pieces."""

    outcome: AuditOutcome
    work: Path
    _pieces: list[Path] = field(default_factory=list)
    _schema: ColumnTypes = field(default_factory=dict)
    _actions: Counter[str] = field(default_factory=Counter)
    _by_code: dict[str, Counter[str]] = field(default_factory=dict)
    _bins: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)

    def add(self, piece: Piece) -> None:
        """Add some rows."""
        scores = self._scores(piece.rows)
        frame = pl.DataFrame(
            {
                "row": pl.Series(piece.names.ids.astype(str), dtype=pl.String),
                "key": pl.Series(piece.names.keys.astype(str), dtype=pl.String),
                "given": pl.Series(piece.names.given.astype(str), dtype=pl.String),
                **self._parents(piece.names),
                **scores,
            }
        )
        self._schema = dict(frame.schema)
        self._pieces.append(self.work / f"scores-{len(self._pieces):05d}.parquet")
        write_whole(self._pieces[-1], parquet_bytes(frame), to_disk=False)
        decided = piece.decided
        for place in np.flatnonzero(decided.action != KEEP).tolist():
            action = ACTION_NAMES[decided.action[place]]
            self._by_code.setdefault(str(decided.code[place]), Counter())[action] += 1
        self._actions.update({name: int((decided.action == at).sum()) for at, name in enumerate(ACTION_NAMES)})
        for code in (name for name in scores if not name.endswith("_flag")):
            own, flag = np.clip(scores[code], 0.0, 1.0), scores[f"{code}_flag"]
            counted = np.stack([np.histogram(some, _EDGES)[0] for some in (own, own[flag])])
            self._bins[code] = self._bins.get(code, 0) + counted

    def close(self) -> None:
        """Write the table of scores; nothing follows."""
        write_pieces(self._pieces, self.work / "scores.parquet", self._schema)

    def decisions(self) -> DecisionCounts:
        """How many rows each decision concerns."""
        by_code = {code: dict(sorted(self._by_code[code].items())) for code in sorted(self._by_code)}
        return DecisionCounts(**{name: self._actions[name] for name in ACTION_NAMES}, by_code=by_code)

    def histograms(self) -> dict[str, ScoreHistogram]:
        """How many rows have which score, for checks that found something."""
        found = {one.code for one in self.outcome.summary.checks if one.findings}
        return {
            code: ScoreHistogram(*(tuple(values.tolist()) for values in (_EDGES, *bins)))
            for code, bins in self._bins.items()
            if code in found
        }

    def _parents(self, names: RowNames) -> dict[str, pl.Series]:
        return {} if names.parents is None else {PARENT_KEY: pl.Series(names.parents.astype(str), dtype=pl.String)}

    def _scores(self, rows: Rows) -> dict[str, npt.NDArray[Any]]:
        found, store = {}, self.outcome.results.store
        for code in (code for code in CODES if store.has(code)):
            for name in (code, f"{code}_flag"):
                found[name] = np.asarray(store.open(name)[rows])
        return found


_EDGES = np.linspace(0.0, 1.0, 21)
