"""Scores of many rows in the Parquet files of a folder, and the passes that write them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.api.labels.names import RowNames
from dechaff.backends.chosen import check_backend, chosen_backend
from dechaff.checks import check_count
from dechaff.core.files import locked_folder
from dechaff.core.progress import Progress, silent
from dechaff.data.columns.probs import BOTH, Options
from dechaff.data.streams.label_stream import check_ids, open_label_stream
from dechaff.errors import DechaffError, LabelsError, ProbsError, RunError
from dechaff.recipe.passes.pass_folder import SUMMARY, PassFolder, check_apart, fingerprint
from dechaff.recipe.passes.streamed_labels import StreamPasses
from dechaff.records.option import Option
from dechaff.records.options import BackendOptions, FileOptions
from dechaff.typing import Json

Self = TypeVar("Self", bound="ScoreFiles")


@dataclass(frozen=True, repr=False, kw_only=True)
class ScoreFiles:
    """Scores of many labels, in the Parquet files of a folder."""

    folder: Path
    summary: Json = field(repr=False)

    @classmethod
    def open(cls: type[Self], folder: str | os.PathLike[str]) -> Self:
        """The results that were written to a folder.

        Raises
        ------
        RunError
            If the folder holds none, unfinished ones, or those of another function.
        """
        path = Path(folder)
        if not (path / SUMMARY).is_file():
            raise RunError(
                f"The folder {path} has no {SUMMARY}, which is written when all rows have been scored.",
                fix="Run the same call again, with the same files: it resumes.",
            )
        summary = json.loads((path / SUMMARY).read_bytes())
        if summary["about"]["results"] != cls.__name__:
            raise RunError(
                f"The folder {path} contains {summary['about']['results']}, not {cls.__name__}.",
                fix="Open it as these.",
            )
        return cls._of(path, summary)

    @classmethod
    def _of(cls: type[Self], folder: Path, summary: Json) -> Self:
        return cls(folder=folder, summary=summary)

    @property
    def paths(self) -> list[Path]:
        """The Parquet files, in the order of the rows."""
        return sorted(self.folder.glob("rows-*.parquet"))

    def scan(self) -> pl.LazyFrame:
        """The scores of all rows, to be queried without loading them."""
        return pl.scan_parquet(self.paths, glob=False)

    def table(self, rows: Sequence[int] | None = None) -> pl.DataFrame:
        """The same as a data frame: of all rows, or of those with these numbers, in that order."""
        if rows is None:
            return self.scan().collect()
        wanted = RowNames(len(self)).positions(rows)
        found = self.scan().join(pl.LazyFrame({"row": np.unique(wanted)}), on="row", how="semi").collect()
        return pl.DataFrame({"row": wanted}).join(found, on="row", how="left", maintain_order="left")

    def worst(self, n: int = 20) -> pl.DataFrame:
        """The n most doubtful rows, the most doubtful first; ties in the order of the rows."""
        wanted = check_count("n", n)
        ordered = self.scan().with_columns(_order=-pl.col(self._ranked_by)).bottom_k(wanted, by=["_order", "row"])
        return ordered.collect(engine="streaming").sort("_order", "row").drop("_order")

    @property
    def class_names(self) -> list[Any]:
        """The classes, in the order of the columns of the probabilities."""
        return list(self.summary["classes"])

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """(k,) rows given each label."""
        return np.array(self.summary["counts"])

    @property
    def flagged_counts(self) -> npt.NDArray[np.int64]:
        """(k,) rows given each label that are flagged as likely errors."""
        return np.array(self.summary["flagged"])

    @property
    def joint(self) -> npt.NDArray[np.int64]:
        """(k, k) calibrated confident joint: rows by given (row) and true (column) class."""
        return np.array(self.summary["joint"])

    @property
    def n_flagged(self) -> int:
        """How many rows are flagged."""
        return int(self.flagged_counts.sum())

    def __len__(self) -> int:
        return int(self.counts.sum())

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.n_flagged:,} of {len(self):,} labels flagged; {self.folder}>"

    @property
    def _ranked_by(self) -> str:
        return "score"


@dataclass(frozen=True, kw_only=True)
class ScoreFilesOptions(FileOptions, BackendOptions):
    """Output folder and backend. Workers must have access to the files and the folder."""

    out: Annotated[
        str | os.PathLike[str],
        Option("Folder for the results; new or empty, or one that was begun by the same call.", "path"),
    ]
    class_names: Annotated[
        Sequence[Any] | None,
        Option("Needed if neither the columns nor the labels name them.", "k names, in the order of the columns"),
    ] = None
    progress: Annotated[Progress, Option("Called with each step and its rows.", "progress(step, done, total)")] = silent


def scores_in_files(
    results: type[Self],
    work: Callable[[StreamPasses], Json],
    labels: Any,
    probs: Any,
    options: ScoreFilesOptions,
    *,
    ids: str | None = None,
    called: Options = BOTH,
) -> Self:
    """The results of these passes: read if they exist already, else computed on the backend.

    `called` are the names of the arguments in errors.
    """
    check_backend(options.backend, options.address)
    folder, class_names = Path(options.out), options.class_names
    stream = open_label_stream(probs, labels, id=ids, class_names=class_names, options=called, files=options)
    check_apart(folder, stream.files)
    names = None if class_names is None else [str(name) for name in class_names]
    about = {"results": results.__name__, "labels": str(labels), "id": ids, "class_names": names}
    read = {"delimiter": options.delimiter, "encoding": options.encoding}
    about |= {name: value for name, value in read.items() if value is not None}
    kept = PassFolder(folder, fingerprint(stream.files, **about))
    if ids is not None and not (folder / SUMMARY).is_file():
        check_ids(stream)
    kept.refuse_others()
    with locked_folder(folder):
        kept.begin()
        if not (folder / SUMMARY).is_file():
            try:
                with chosen_backend(options.backend, address=options.address, threads=options.threads) as backend:
                    kept.finish(work(StreamPasses(stream, kept, backend, options.progress)))
            except (KeyboardInterrupt, DechaffError) as error:
                if isinstance(error, LabelsError | ProbsError) or not kept.any_finished:
                    kept.forget()
                elif isinstance(error, KeyboardInterrupt):  # a file, too, may be read at the next try
                    options.progress(f"stopped; the same call resumes after the finished passes in {folder}", 0, 0)
                raise
    return results.open(folder)


def plain_classes(classes: Sequence[Any]) -> list[Any]:
    """Classes as JSON values."""
    return [value if isinstance(value, str | int | float) else str(value) for value in classes]
