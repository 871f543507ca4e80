"""The passes of an audit, each a function that leaves its outcome in the run folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from dechaff.core.folds import unit_folds
from dechaff.core.groups import UnionFind
from dechaff.models.model import EncodedBound, Model
from dechaff.recipe.baseline.fold_models import FoldModels, encoded, fold_models, predict, slice_of
from dechaff.recipe.explore.cells import ColumnCount
from dechaff.recipe.explore.copies import CopyWork, find_copies, find_leaks
from dechaff.recipe.explore.equal import EqualCounts, find_equal, number_keys
from dechaff.recipe.explore.look import look
from dechaff.recipe.explore.near_rows import NearOutcome, find_near_rows
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.row_order import rows_in_content_order
from dechaff.recipe.passes.sample_fit import judging_model


@dataclass(frozen=True)
class LookOutcome:
    """Counts of columns, findings by code, and rows of the test file."""

    columns: dict[str, ColumnCount]
    counts: dict[str, int]
    test_rows: int


@dataclass(frozen=True)
class CopiesOutcome:
    """Figures of equal rows, findings by code, and which checks could not be run."""

    equal: EqualCounts
    counts: dict[str, int]
    not_run: dict[str, str]


def look_at_rows(context: AuditContext) -> LookOutcome:
    """Every row is looked at, and hashed by its content."""
    results = context.results("looking")
    columns = look(context, results.writer)
    test_rows = len(context.store.open("hash")) - context.read_plan.n_rows
    return LookOutcome(columns, results.writer.counts, test_rows)


def compare_rows(context: AuditContext, *, positives: bool) -> CopiesOutcome:
    """Equal and nearly equal rows; and the fold of every row, which follows from them."""
    results = context.results("copies")
    context.request.progress("comparing rows", 0, 3)
    context.request.progress("equal rows", 0, 2)
    counts, copies = find_equal(context.store, partial(rows_in_content_order, context.store))
    context.request.progress("equal rows", 1, 2)
    number_keys(context.store)
    context.request.progress("equal rows", 2, 2)
    work = CopyWork(context, counts.of(context.store), results, positives)
    find_copies(work)
    context.request.progress("comparing rows", 1, 3)
    near: NearOutcome = find_near_rows(work)
    context.request.progress("comparing rows", 2, 3)
    if context.read_plan.n_test or context.request.tested is not None:
        find_leaks(work)
    results.writer.flush()
    folds = context.store.make("fold", np.int8, -1)
    units, forest = context.seen.units, UnionFind(hashes=True)
    connected = forest.update(forest.init(), {"pairs": np.concatenate([np.asarray(units[copies]), near.units])})
    sample = context.read_plan.sample
    partitions = unit_folds(connected.least_of(units[sample.positions]), sample.codes, seed=context.request.seed)
    for span in context.store.spans():
        folds[span] = partitions.of(connected.least_of(np.asarray(units[span])))
    context.request.progress("comparing rows", 3, 3)
    return CopiesOutcome(counts, results.writer.counts, near.not_run)


class Models:
    """The models of the folds, trained from the sample when they are first asked for: the same ones every time."""

    def __init__(self, context: AuditContext) -> None:
        self._context = context

    @cached_property
    def encoded(self) -> EncodedBound | None:
        """The sample as the models see it."""
        return encoded(self._context.read_plan.sample, self._model, seed=self._context.request.seed)

    @cached_property
    def trained(self) -> FoldModels:
        """The models."""
        context, sample, request = self._context, self._context.read_plan.sample, self._context.request
        return fold_models(
            sample,
            np.asarray(context.store.open("fold")[sample.positions]),
            self._model,
            self.encoded,
            slice_of(sample, context.sample_fit.slices) == 0,
            request,
        )

    @property
    def _model(self) -> Model:
        return judging_model(self._context.read_plan.sample, self._context.sample_fit, self._context.request.model)


def judge_by_models(context: AuditContext, models: Models) -> bool:
    """What a model that has not seen it says of every row."""
    for old in context.parts.paths():
        old.unlink()
    predict(context, models.trained)
    return True
