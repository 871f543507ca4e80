"""Where the passes work: the data, what the sample settled, names and columns of rows, the places for findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.files import write_whole
from dechaff.data.columns.cells import texts
from dechaff.data.formats.part import FilePart
from dechaff.recipe.baseline.prob_parts import Part, ProbParts
from dechaff.recipe.outcome.findings_writer import FindingsWriter, RowResults
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.passes.pass_folder import PassFolder
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.request import AuditRequest
from dechaff.recipe.passes.sample_fit import SampleFit
from dechaff.records.run import PROBS, parquet_bytes
from dechaff.typing import Texts

R = TypeVar("R")


@dataclass(frozen=True)
class RowIds:
    """Names by row number: those of an id column, kept block by block, or the numbers themselves."""

    folder: Path | None
    starts: tuple[int, ...] = ()
    _kept: Callable[[Path], list[str]] = field(default_factory=lambda: lru_cache(maxsize=4)(_names), compare=False)
    """Of this run alone: another one may put other names into files of the same paths."""

    def keep(self, first_row: int, ids: Texts) -> None:
        """The names of one block."""
        if self.folder is not None:
            frame = pl.DataFrame({"id": pl.Series(ids.astype(str), dtype=pl.String)})
            write_whole(self._path(first_row), parquet_bytes(frame), to_disk=False)

    def of(self, rows: npt.NDArray[np.int64]) -> Texts:
        """The names of some rows, best in their order."""
        if self.folder is None:
            return texts(list(map(str, rows.tolist())))
        return texts([self.name(row) for row in rows.tolist()])

    def name(self, row: int) -> str:
        """The name of one row."""
        if self.folder is None:
            return str(row)
        start = self.starts[int(np.searchsorted(self.starts, row, side="right")) - 1]
        return str(self._kept(self._path(start))[row - start])

    def _path(self, first_row: int) -> Path:
        assert self.folder is not None
        return self.folder / f"{first_row:012d}.parquet"


def _names(path: Path) -> list[str]:
    return pl.read_parquet(path)["id"].to_list()


@dataclass(frozen=True)
class AuditContext:
    """Where the passes work: the data, what the sample settled, row columns, names of rows."""

    request: AuditRequest
    read_plan: ReadPlan
    sample_fit: SampleFit
    places: PassFolder
    store: RowStore
    ids: RowIds

    @property
    def parts(self) -> ProbParts:
        """The probabilities of all rows."""
        folder = self.request.folder / PROBS
        folder.mkdir(exist_ok=True)
        return ProbParts(folder, len(self.read_plan.sample.class_names))

    def parts_with_progress(self, step: str) -> Iterator[Part]:
        """The same, part by part; tells how many are finished."""
        paths = self.parts.paths()
        self.request.progress(step, 0, len(paths))
        for done, path in enumerate(self.store.releasing(paths), 1):
            yield self.parts.read(path)
            self.request.progress(step, done, len(paths))

    def over_parts(self, work: Callable[[FilePart], R], step: str) -> Iterator[tuple[FilePart, R]]:
        """What `work` finds in each part, on the workers of the backend; tells how many rows are finished."""
        self.request.progress(step, 0, self.read_plan.n_rows)
        for part, found in self.store.releasing(self.request.over_parts(work)):
            yield part, found
            self.request.progress(step, part.first_row + part.n_rows, self.read_plan.n_rows)

    def results(self, name: str) -> RowResults:
        """Row columns, and an empty place for findings."""
        return RowResults(self.store, FindingsWriter(self.places.subfolder(f"found-{name}", empty=True)))
