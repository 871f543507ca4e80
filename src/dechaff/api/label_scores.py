"""``stream_label_errors``: which labels are wrong, in files that need not fit into memory."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dechaff.api.label_counts import checked_count
from dechaff.api.label_estimates import Estimate
from dechaff.backends.chosen import check_backend, chosen_backend
from dechaff.core.progress import Progress, silent
from dechaff.data.streams.label_stream import open_label_stream
from dechaff.errors import InputError, RunError
from dechaff.recipe.pass_folder import SUMMARY, PassFolder, check_apart, fingerprint
from dechaff.recipe.streamed_labels import JudgedStream, StreamPasses


@dataclass(frozen=True, repr=False)
class LabelScores:
    """What is wrong with the labels of many rows; what is said of each row stands in Parquet files of a folder."""

    folder: Path
    summary: dict[str, Any] = field(repr=False)

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> LabelScores:
        """The results that `stream_label_errors` has written to a folder.

        Raises
        ------
        RunError
            Where the folder holds none, or unfinished ones.
        """
        path = Path(folder)
        if not (path / SUMMARY).is_file():
            raise RunError(
                f"the folder {path}",
                f"hold {SUMMARY}, which is written when all rows have been scored",
                "no such file",
                "Run stream_label_errors (or dechaff labels --out) again with the same files: it goes on where it was.",
            )
        return cls(path, json.loads((path / SUMMARY).read_bytes()))

    @property
    def paths(self) -> list[Path]:
        """The Parquet files, in the order of the rows."""
        return sorted(self.folder.glob("rows-*.parquet"))

    def scan(self) -> pl.LazyFrame:
        """row, the ids, given, suggested, score, log_odds and flag of all rows, to be queried without loading them."""
        return pl.scan_parquet(self.paths, glob=False)

    def table(self, rows: Sequence[int] | None = None) -> pl.DataFrame:
        """The same as a data frame: of all rows, or of those with these numbers, in that order."""
        if rows is None:
            return self.scan().collect()
        wanted = self._checked(rows)
        found = self.scan().filter(pl.col("row").is_in(pl.Series(np.unique(wanted)).implode())).collect()
        return pl.DataFrame({"row": wanted}).join(found, on="row", how="left", maintain_order="left")

    def worst(self, n: int = 20) -> pl.DataFrame:
        """The n most doubtful rows, the most doubtful first; ties in the order of the rows."""
        wanted = checked_count("n", n)
        ordered = self.scan().with_columns(_order=-pl.col("log_odds")).bottom_k(wanted, by=["_order", "row"])
        return ordered.collect(engine="streaming").sort("_order", "row").drop("_order")

    @property
    def noise_rate(self) -> Estimate:
        """Share of wrong labels, with its 95 % interval."""
        return Estimate(*self.summary["noise_rate"])

    @property
    def noise_matrix(self) -> Estimate:
        """(k, k) p(given = row | true = column), with a 95 % interval of each entry."""
        return Estimate(*(np.array(matrix) for matrix in self.summary["noise_matrix"]))

    @property
    def kind(self) -> str:
        """Whether labels go wrong by class or by row."""
        return str(self.summary["kind"])

    @property
    def kind_sure(self) -> float:
        """How sure that is, from 0 (a coin) to 1."""
        return float(self.summary["kind_sure"])

    @property
    def classes(self) -> list[Any]:
        """The classes, in the order of the columns of the probabilities."""
        return list(self.summary["classes"])

    @property
    def counts(self) -> np.ndarray[Any, Any]:
        """(k,) rows given each label."""
        return np.array(self.summary["counts"])

    @property
    def joint(self) -> np.ndarray[Any, Any]:
        """(k, k) calibrated confident joint: rows by given (row) and true (column) class."""
        return np.array(self.summary["joint"])

    @property
    def flagged_counts(self) -> np.ndarray[Any, Any]:
        """(k,) rows given each label that are flagged as likely errors."""
        return np.array(self.summary["flagged"])

    @property
    def n_flagged(self) -> int:
        """How many rows are flagged."""
        return int(self.flagged_counts.sum())

    def __len__(self) -> int:
        return int(self.summary["rows"])

    def __repr__(self) -> str:
        return (
            f"<LabelScores: {self.n_flagged:,} of {len(self):,} labels flagged; "
            f"noise rate {self.noise_rate!r}, {self.kind}; {self.folder}>"
        )

    def _checked(self, rows: Sequence[int]) -> Any:
        wanted = np.asarray(rows)
        if wanted.ndim != 1 or wanted.dtype.kind not in "iu":
            raise InputError(
                "rows", "be a list of row numbers", repr(rows), "Take worst(n) for the n most doubtful rows."
            )
        if len(wanted) and not 0 <= wanted.min() <= wanted.max() < len(self):
            raise InputError(
                "rows",
                f"be numbers from 0 to {len(self) - 1}",
                f"{wanted.min()} and {wanted.max()}",
                "Rows are counted from 0 through all files.",
            )
        return wanted.astype(np.int64)


def stream_label_errors(  # noqa: PLR0913 - where the rows are, where the answers go, where the work is done
    labels: Any,
    probs: Any,
    *,
    out: str | os.PathLike[str],
    class_names: Sequence[Any] | None = None,
    id: str | None = None,
    backend: str = "local",
    address: Any = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> LabelScores:
    """`find_label_errors` for files of any size: two passes over them, scores written as Parquet, the same bits.

    Memory does not grow with the rows. Labels are looked at once more before, to find the classes. A call that was
    killed goes on, when it is made again, after the last pass that was finished; one that was finished answers at once.

    Parameters
    ----------
    labels : name of a column, path of an ``.npy``, or None
        Given labels, of any type; may be wrong. None takes the column label, labels or y.
    probs : path of a file, of a folder, a pattern, or a list of paths
        Out-of-sample probabilities: Parquet, CSV or JSONL files of the same columns, with a column a class or one
        column of lists, or one ``.npy`` of shape (n, k). Several files are one data set, in the order of their names.
    out : folder for the results; new or empty, or one that was begun by the same call.
    class_names : k names, in the order of the columns
        Needed where neither the columns nor the labels tell.
    id : name of a column that names the rows.
    backend, address, threads : as for ``audit``: where the passes run. Workers must see the files and the folder.
    progress : told of each step and its rows.

    Returns
    -------
    LabelScores

    Raises
    ------
    InputError
        Where a file is damaged or differs from the first in its columns, a label has no column, or a row is no
        distribution; the message names file, row group and row.
    RunError
        Where the folder holds other results, or the disk is full.

    Examples
    --------
    >>> import dechaff, numpy as np, polars as pl, tempfile, pathlib
    >>> here = pathlib.Path(tempfile.mkdtemp())
    >>> labels, cat = np.repeat(["cat", "dog"], 50), np.repeat([0.9, 0.1], 50)
    >>> labels[:5] = "dog"
    >>> pl.DataFrame({"cat": cat, "dog": 1 - cat, "label": labels}).write_parquet(here / "probs.parquet")
    >>> found = dechaff.stream_label_errors("label", here / "probs.parquet", out=here / "scores")
    >>> found.n_flagged, found.worst(1)["suggested"].to_list()
    (5, ['cat'])
    """
    check_backend(backend, address)
    folder = Path(out)
    stream = open_label_stream(probs, labels, id=id, class_names=class_names)
    check_apart(folder, stream.files)
    names = None if class_names is None else [str(name) for name in class_names]
    kept = PassFolder(folder, fingerprint(stream.files, labels=str(labels), id=id, class_names=names))
    kept.begin()
    if not (folder / SUMMARY).is_file():
        with chosen_backend(backend, address=address, threads=threads) as chosen:
            judged = StreamPasses(stream, kept, chosen, progress).run(class_names)
        kept.finish(_summary(judged))
    return LabelScores.open(folder)


def _summary(judged: JudgedStream) -> dict[str, Any]:
    noise, rate = judged.noise, judged.rate
    return {
        "rows": judged.n_rows,
        "flagged": judged.flagged.tolist(),
        "noise_rate": [rate.value, rate.low, rate.high],
        "kind": noise.kind,
        "kind_sure": float(noise.kind_sure),
        "classes": [value if isinstance(value, str | int | float) else str(value) for value in judged.classes],
        "counts": judged.counts.tolist(),
        "noise_matrix": [matrix.tolist() for matrix in (noise.transition, noise.transition_low, noise.transition_high)],
        "prior": noise.prior.tolist(),
        "joint": noise.joint.tolist(),
        "expected_joint": judged.expected_joint.tolist(),
        "temperature": 1 / judged.power,
        "steps": judged.steps,
        "by_margin": noise.by_margin,
    }
