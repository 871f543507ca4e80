"""The passes of an audit, each a function that leaves its outcome in the run folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dechaff.core.folds import unit_folds
from dechaff.core.groups import UnionFind
from dechaff.models.model import Model
from dechaff.recipe.large.copies import CopyWork, find_copies, find_leaks, repeats_of
from dechaff.recipe.large.equal import Dealt, EqualCounts, find_equal
from dechaff.recipe.large.fold_models import Encoded, FoldModels, Training, encoded, fold_models
from dechaff.recipe.large.ground import Ground
from dechaff.recipe.large.look import ColumnCount, deal_test_file, look
from dechaff.recipe.large.looked import judging_model
from dechaff.recipe.large.near_rows import NearDone, find_near_rows
from dechaff.recipe.large.predict import predict, slice_of


@dataclass(frozen=True)
class LookDone:
    """Counts of columns, findings by code, and rows of the test file."""

    columns: dict[str, ColumnCount]
    counts: dict[str, int]
    test_rows: int


@dataclass(frozen=True)
class CopiesDone:
    """Figures of equal rows, findings by code, facts of checks, and which could not be run."""

    equal: EqualCounts
    counts: dict[str, int]
    facts: dict[str, dict[str, Any]]
    not_run: dict[str, str]


def look_at_rows(ground: Ground) -> LookDone:
    """Every row is looked at, and dealt by its content."""
    dealt = Dealt(ground.places.subfolder("dealt", empty=True), ground.known.n_rows)
    results = ground.results("looking")
    columns = look(ground, dealt, results.writer)
    test_rows = 0
    if ground.asked.tested is not None:
        test_rows = deal_test_file(ground.known, ground.asked.tested, dealt)
    dealt.close()
    return LookDone(columns, results.writer.counts, test_rows)


def compare_rows(ground: Ground, *, positives: bool) -> CopiesDone:
    """Equal and nearly equal rows; and the fold of every row, which follows from them."""
    results = ground.results("copies")
    ground.asked.progress("comparing rows", 0, 3)
    counts, equal_units = find_equal(ground.dealt(), ground.store, progress=ground.asked.progress)
    equal = counts.of(ground.store)
    work = CopyWork(ground.known, ground.looked, ground.seen, equal, results, ground.asked, positives)
    find_copies(work)
    ground.asked.progress("comparing rows", 1, 3)
    natural = repeats_of(ground.known, ground.looked, equal)[1]
    near: NearDone = find_near_rows(ground, work, natural=natural)
    ground.asked.progress("comparing rows", 2, 3)
    if ground.known.n_test or ground.asked.tested is not None:
        find_leaks(work, of_file=ground.asked.tested is not None)
    results.writer.flush()
    folds = ground.store.make("fold", np.int8, -1)
    units, forest = ground.seen.units, UnionFind(hashes=True)
    connected = forest.update(forest.init(), {"pairs": np.concatenate([equal_units, near.units])})
    sample = ground.known.sample
    dealt = unit_folds(connected.least_of(units[sample.positions]), sample.codes, seed=ground.asked.seed)
    for span in ground.store.spans():
        folds[span] = dealt.of(connected.least_of(np.asarray(units[span])))
    ground.asked.progress("comparing rows", 3, 3)
    return CopiesDone(counts, results.writer.counts, results.facts, near.not_run)


class Models:
    """The models of the folds, trained from the sample when they are first asked for: the same ones every time."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @cached_property
    def encoded(self) -> Encoded | None:
        """The sample as the models see it."""
        return encoded(self._ground.known.sample, self._model, seed=self._ground.asked.seed)

    @cached_property
    def trained(self) -> FoldModels:
        """The models."""
        ground, sample, asked = self._ground, self._ground.known.sample, self._ground.asked
        return fold_models(
            sample,
            np.asarray(ground.store.open("fold")[sample.positions]),
            self._model,
            self.encoded,
            slice_of(sample, ground.looked.slices) == 0,
            Training(asked.seed, asked.threads, asked.progress),
        )

    @property
    def _model(self) -> Model:
        return judging_model(self._ground.known.sample, self._ground.looked, self._ground.asked.model)


def judge_by_models(ground: Ground, models: Models) -> bool:
    """What a model that has not seen it says of every row."""
    for old in ground.parts.paths():
        old.unlink()
    predict(ground, models.trained)
    return True
