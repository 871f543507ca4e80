"""Where the passes work: the data, what the sample settled, the columns of rows, and the places for findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dechaff.data.formats.part import FilePart
from dechaff.recipe.baseline.prob_parts import Part, ProbParts
from dechaff.recipe.outcome.findings_writer import FindingsWriter
from dechaff.recipe.outcome.row_results import RowResults
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.passes.ids import RowIds, RowsSeen
from dechaff.recipe.passes.pass_folder import PassFolder
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.request import AuditRequest
from dechaff.recipe.passes.sample_fit import SampleFit

R = TypeVar("R")


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
    def seen(self) -> RowsSeen:
        """What the looking pass left."""
        return RowsSeen.of(self.store, self.ids)

    @property
    def parts(self) -> ProbParts:
        """The probabilities of all rows."""
        return ProbParts(probs_folder(self.request.folder), len(self.read_plan.sample.class_names))

    def parts_with_progress(self, step: str) -> Iterator[Part]:
        """The same, part by part; tells how many are finished."""
        paths = self.parts.paths()
        self.request.progress(step, 0, len(paths))
        for done, path in enumerate(paths, 1):
            yield self.parts.read(path)
            self.request.progress(step, done, len(paths))

    def over_parts(self, work: Callable[[FilePart], R], step: str) -> Iterator[tuple[FilePart, R]]:
        """What `work` finds in each part, on the workers of the backend; tells how many rows are finished."""
        self.request.progress(step, 0, self.read_plan.n_rows)
        for part, found in self.request.over_parts(work):
            yield part, found
            self.request.progress(step, part.first_row + part.n_rows, self.read_plan.n_rows)

    def results(self, name: str) -> RowResults:
        """Row columns, and an empty place for findings."""
        return RowResults(self.store, FindingsWriter(self.places.subfolder(f"said-{name}", empty=True)))


def probs_folder(run: Path) -> Path:
    """Where a run keeps the probabilities of all rows."""
    folder = run / "probs"
    folder.mkdir(exist_ok=True)
    return folder
