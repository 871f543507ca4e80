"""``stream_label_errors`` and ``stream_confident_learning``: wrong labels in files that need not fit into memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.api.labels.estimates import Estimate
from dechaff.api.labels.names import RowNames
from dechaff.api.labels.result import LabelResult, Scored
from dechaff.api.labels.score_files import ScoreFiles, ScoreFilesOptions, plain_classes, scores_in_files
from dechaff.data.classes import class_array
from dechaff.data.columns.probs import Options
from dechaff.recipe.passes.streamed_labels import LabelErrorPasses, StreamEstimates, StreamPasses
from dechaff.recipe.passes.streamed_pruning import PrunedStream, PrunePasses
from dechaff.records.keywords import takes
from dechaff.records.option import Option
from dechaff.typing import Json, Mask, Rows


@dataclass(frozen=True, repr=False, kw_only=True)
class LabelScores(ScoreFiles, LabelResult):
    """What is wrong with the labels of many rows.

    The Parquet files hold, per row: row, the ids, given, suggested, score, log_odds and flag. `scan`, `table` of some
    rows and `worst` read them piece by piece. The columns of all rows (`score`, `flag` …) and reviews take some tens of
    bytes of memory per row. Rows go by their number. Reviews live in this object; the files stay as they are.

    Examples
    --------
    See `stream_label_errors`, which returns one.
    """

    names: RowNames = field(repr=False)

    @classmethod
    def _of(cls, folder: Path, summary: Json) -> LabelScores:
        return cls(folder=folder, summary=summary, names=RowNames(sum(summary["counts"])))

    @cached_property
    def scored(self) -> Scored:
        """Scores, flags and labels of all rows, before reviews, read into memory."""
        wanted = self.scan().select("given", "suggested", "log_odds", "flag").collect()
        known, codes = pl.Series(self.class_names), pl.Series(range(len(self.class_names)))
        given, suggested = (
            wanted[name].replace_strict(known.cast(wanted[name].dtype), codes).to_numpy().astype(np.int64)
            for name in ("given", "suggested")
        )
        rate = Estimate(*self.summary["noise_rate"])
        return Scored(wanted["log_odds"].to_numpy(), wanted["flag"].to_numpy(), given, suggested, rate)

    def table(self, rows: Sequence[int] | None = None) -> pl.DataFrame:
        """The Parquet files as a data frame, of all rows or of those with these numbers, in that order; as reviewed."""
        return self._as_reviewed(ScoreFiles.table(self, rows))

    def worst(self, n: int = 20) -> pl.DataFrame:
        """The n most doubtful rows that are not reviewed, the most doubtful first; ties in the order of the rows."""
        return ScoreFiles.worst(self, n) if not len(self.reviews) else LabelResult.worst(self, n)

    def _table(self, positions: Rows) -> pl.DataFrame:
        return self.table(positions.tolist())

    def _as_reviewed(self, table: pl.DataFrame) -> pl.DataFrame:
        if not len(self.reviews):
            return table
        at = table["row"].to_numpy()
        odds, names = self._log_odds[at], np.array(self.class_names, dtype=object)
        suggested = pl.Series("suggested", names[self._suggested[at]].tolist(), strict=False)
        return table.with_columns(
            suggested.cast(table["suggested"].dtype),
            score=pl.Series(self._score[at], dtype=table["score"].dtype),
            log_odds=pl.Series(odds, dtype=table["log_odds"].dtype),
            flag=pl.Series(self._flag[at]),
        )

    @property
    def n_flagged(self) -> int:
        """How many labels are flagged."""
        return int(self.flagged_counts.sum()) if not len(self.reviews) else int(self._flag.sum())

    @property
    def _review_classes(self) -> Sequence[Any]:
        return self.class_names

    def _values(self, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.asarray(class_array(self.class_names)[labels])

    @property
    def _labelled(self) -> Mask:
        return np.ones(len(self), dtype=bool)

    @property
    def noise_matrix(self) -> Estimate:
        """(k, k) p(given = row | true = column), with a 95 % interval of each entry."""
        return Estimate(*(np.array(matrix) for matrix in self.summary["noise_matrix"]))

    @property
    def kind(self) -> str:
        """Whether noise is class-conditional or instance-dependent."""
        return str(self.summary["kind"])

    @property
    def kind_sure(self) -> float:
        """Confidence in `kind`, from 0 (a coin flip) to 1."""
        return float(self.summary["kind_sure"])

    @property
    def why(self) -> tuple[str, ...]:
        """Reasons not to trust these results, as sentences; none if there are none."""
        reason = self.summary.get("distrust")  # folders of earlier versions have none
        return (f"{reason}.",) if reason else ()

    def __repr__(self) -> str:
        return (
            f"<LabelScores: {self.n_flagged:,} of {len(self):,} labels flagged; "
            f"noise rate {self.noise_rate!r}, {self.kind}{'; doubtful, see .why' if self.why else ''}; {self.folder}>"
        )

    @property
    def _ranked_by(self) -> str:
        return "log_odds"


@dataclass(frozen=True, kw_only=True)
class _StreamOptions(ScoreFilesOptions):
    ids: Annotated[str | None, Option("Column of row IDs.", "column name")] = None


@takes(_StreamOptions)
def stream_label_errors(labels: Any, probs: Any, options: _StreamOptions) -> LabelScores:
    """`find_label_errors` for files of any size: two passes over them, scores written as Parquet, the same bits.

    Memory does not grow with the rows. Labels are looked at once more before, to find the classes. A call that was
    killed resumes after its last finished pass when it is repeated; one that was finished returns at once.

    Parameters
    ----------
    labels : name of a column, path of an ``.npy``, or None
        Given labels, of any type; may be wrong. None takes the column label, labels or y.
    probs : path of a file, of a folder, a pattern, or a list of paths
        Out-of-sample probabilities: Parquet, CSV or JSONL files of the same columns, with one column per class or one
        column of lists, or one ``.npy`` of shape (n, k). Several files are one data set, in the order of their names.
    **options

    Returns
    -------
    LabelScores

    Raises
    ------
    InputError
        If a file is damaged or differs from the first in its columns, a label has no column, or a row is not a
        distribution; the message names file, row group and row.
    RunError
        If the folder holds other results, or the disk is full.

    Source
    ------
    As ``find_label_errors``.

    Examples
    --------
    >>> import dechaff, numpy as np, polars as pl, tempfile, pathlib
    >>> here = pathlib.Path(tempfile.mkdtemp())
    >>> labels, cat = np.repeat(["cat", "dog"], 50), np.repeat([0.9, 0.1], 50)
    >>> labels[:5] = "dog"
    >>> pl.DataFrame({"cat": cat, "dog": 1 - cat, "label": labels}).write_parquet(here / "probs.parquet")
    >>> found = dechaff.labels.stream_label_errors("label", here / "probs.parquet", out=here / "scores")
    >>> found.n_flagged, found.worst(1)["suggested"].to_list()
    (5, ['cat'])
    >>> found.update({0: "dog", 1: "cat"}).n_flagged
    4
    """

    def work(passes: StreamPasses) -> Json:
        return _judged_summary(LabelErrorPasses(passes).run(options.class_names))

    return scores_in_files(LabelScores, work, labels, probs, options, ids=options.ids)


def _judged_summary(judged: StreamEstimates) -> Json:
    found, noise, rate = judged.found, judged.found.noise, judged.found.rate
    return {
        "flagged": judged.flagged.tolist(),
        "noise_rate": [rate.value, rate.low, rate.high],
        "kind": noise.kind,
        "kind_sure": float(noise.kind_sure),
        "distrust": judged.distrust,
        "classes": plain_classes(judged.classes),
        "counts": judged.counts.tolist(),
        "noise_matrix": [matrix.tolist() for matrix in (noise.transition, noise.transition_low, noise.transition_high)],
        "prior": noise.prior.tolist(),
        "joint": noise.joint.tolist(),
        "expected_joint": found.joint.tolist(),
        "temperature": 1 / found.power,
    }


@dataclass(frozen=True, repr=False, kw_only=True)
class ConfidentScores(ScoreFiles):
    """Confident learning on the labels of many rows.

    The Parquet files hold, per row: row, given, suggested (the class that the model prefers), score (one minus the
    probability of the given label) and flag (pruned by noise rate).

    Examples
    --------
    See `stream_confident_learning`, which returns one.
    """

    @property
    def thresholds(self) -> npt.NDArray[np.float64]:
        """(k,) threshold of each class; infinite for one without rows."""
        return np.array([np.inf if value is None else value for value in self.summary["thresholds"]])


@takes(ScoreFilesOptions)
def stream_confident_learning(labels: Any, probs: Any, options: ScoreFilesOptions) -> ConfidentScores:
    """Joint, scores and pruned rows of confident learning for files of any size: the bits of the functions for arrays.

    Faster than `stream_label_errors` and weaker: no temperature, no posterior, no interval. One pass over the files,
    after a sample of their rows; two if the sample was misleading.

    Parameters
    ----------
    labels, probs : as for `stream_label_errors`.
    **options

    Returns
    -------
    ConfidentScores

    Raises
    ------
    InputError, RunError
        As `stream_label_errors`.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70: equations 1 to 3, method 4 "prune by noise rate".

    Examples
    --------
    >>> import dechaff, numpy as np, polars as pl, tempfile, pathlib
    >>> here = pathlib.Path(tempfile.mkdtemp())
    >>> labels, cat = np.repeat(["cat", "dog"], 50), np.repeat([0.9, 0.1], 50)
    >>> labels[:5] = "dog"
    >>> pl.DataFrame({"cat": cat, "dog": 1 - cat, "label": labels}).write_parquet(here / "probs.parquet")
    >>> found = dechaff.labels.stream_confident_learning("label", here / "probs.parquet", out=here / "scores")
    >>> found.joint, found.n_flagged
    (array([[45,  0],
           [ 5, 50]]), 5)
    """

    def work(passes: StreamPasses) -> Json:
        return _pruned_summary(PrunePasses(passes).run(options.class_names))

    return scores_in_files(ConfidentScores, work, labels, probs, options, called=Options(label="labels=", id=""))


def _pruned_summary(pruned: PrunedStream) -> Json:
    finite = [None if np.isinf(value) else value for value in pruned.thresholds.tolist()]
    return {
        "flagged": pruned.flagged.tolist(),
        "classes": plain_classes(pruned.codes.classes.tolist()),
        "counts": pruned.counts.tolist(),
        "thresholds": finite,
        "joint": pruned.joint.tolist(),
    }
