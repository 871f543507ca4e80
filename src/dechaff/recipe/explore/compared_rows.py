"""The rows of data that are read out of core which are compared with one another: training rows, or test rows, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.data.formats.part import FilePart
from dechaff.data.splits import HeldOut
from dechaff.recipe.explore.equal import MADE
from dechaff.recipe.outcome.row_store import spans_of
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.typing import Mask, Rows

T = TypeVar("T")


@dataclass(frozen=True)
class ComparedRows:
    """Training rows that were not made from others; if `tested`, all rows of the files, and those of the test file.

    Rows of a test file are numbered behind those of the source.
    """

    context: AuditContext
    tested: bool = False

    @property
    def n_rows(self) -> int:
        """One more than the largest number of a row."""
        file = self.context.request.tested if self.tested else None
        return self.context.read_plan.n_rows + (0 if file is None else file.n_rows)

    @property
    def numbers(self) -> Rows:
        """The numbers of the rows that are compared, in ascending order."""
        found = [np.flatnonzero(self.mask(span)) + span.start for span in spans_of(self.n_rows)]
        return np.concatenate([np.empty(0, dtype=np.int64), *found])

    def mask(self, span: slice) -> Mask:
        """Which of a run of rows are compared."""
        store = self.context.store
        if self.tested:
            return np.ones(span.stop - span.start, dtype=np.bool_)
        kept: Mask = np.array(store.open("trains")[span], dtype=np.bool_)
        if store.has(MADE):
            kept &= ~np.asarray(store.open(MADE)[span])
        return kept

    def is_test(self, rows: Rows) -> Mask:
        """Which of some rows are test rows."""
        trains, n = self.context.store.open("trains"), self.context.read_plan.n_rows
        return np.asarray((rows >= n) | ~trains[np.minimum(rows, n - 1)], dtype=np.bool_)

    def blank(self, rows: Rows) -> Mask:
        """Which of some rows hold no value in any compared column."""
        return np.asarray(
            (self.context.store.open("hash")[rows] == 0) & (self.context.store.open("hash_low")[rows] == 0)
        )

    def over_parts(self, work: Callable[[Dataset], T], step: str) -> Iterator[tuple[Rows, T]]:
        """The numbers of some rows and what `work` finds in them, part by part; rows that are not compared included."""
        alone = self.context.read_plan.alone()
        for _, found in self.context.over_parts(partial(_in_part, alone, self.tested, work), step):
            yield found
        file = self.context.request.tested if self.tested else None
        for part, read in () if file is None else file.scan():
            if read.n_rows:
                rows = self._test_plan.rows(part, read)[0]
                yield rows.positions + self.context.read_plan.n_rows, work(rows)

    def of(self, work: Callable[[Dataset], T], rows: Rows) -> list[T]:
        """What `work` finds in some rows, whose numbers are ascending, part by part."""
        n, file = self.context.read_plan.n_rows, self.context.request.tested
        cut = int(np.searchsorted(rows, n))
        alone = self.context.read_plan.alone()
        found = list(self.context.request.over_rows(partial(_at_places, alone, work), rows[:cut]))
        for part, read in () if file is None or cut == len(rows) else file.scan():
            low, high = np.searchsorted(rows, [n + part.first_row, n + part.first_row + part.n_rows])
            if read.n_rows and high > low:
                found.append(work(self._test_plan.rows(part, read)[0].take(rows[low:high] - n - part.first_row)))
        return found

    @property
    def _test_plan(self) -> ReadPlan:
        return replace(self.context.read_plan, held_out=HeldOut())


def _in_part(read_plan: ReadPlan, tested: bool, work: Callable[[Dataset], T], part: FilePart) -> tuple[Rows, T]:
    rows, sealed = read_plan.rows(part, part.read())
    rows = rows if tested else rows.take(~sealed)
    return rows.positions, work(rows)


def _at_places(read_plan: ReadPlan, work: Callable[[Dataset], T], where: tuple[FilePart, Rows]) -> T:
    return work(read_plan.rows_at(where))
