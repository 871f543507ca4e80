"""Folds and row maps that are no method's door, yet run over the rows of streams: under the same laws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dechaff.core.fold import Beside, Column, NamedRows
from dechaff.core.temperature import Sharpened, TemperatureStep
from dechaff.data.streams.label_codes import DistinctLabels
from dechaff.methods.duplicates.text_keys import TextKeys
from dechaff.methods.label_errors.confident_rows import ConfidentRows
from dechaff.methods.label_errors.label_scores import BestOther, SelfConfidence
from dechaff.methods.label_errors.noise_posterior import Blend, NearErrorOdds, RowErrorOdds
from dechaff.methods.label_errors.pruning import PrefersAnother
from dechaff.methods.label_evidence.pooled_probs import Pool
from dechaff.methods.outliers.embedding_distance import CosineDistance, MahalanobisDistance
from dechaff.methods.outliers.energy import ClassEnergy
from dechaff.methods.outliers.neighbour_distance import NeighbourDistance
from dechaff.methods.outliers.odd_rows import OddRows
from dechaff.recipe.passes.streamed_labels import Score, WrittenRows
from dechaff.typing import Chunk
from tests.laws.cases import (
    FOLDS,
    ROW_MAPS,
    Columns,
    FoldCase,
    RowMapCase,
    bounds_of,
    columns,
    columns_moved,
    square,
    unmoved,
    vector,
)


@dataclass(frozen=True)
class Renamed:
    """A row map that finds its columns under other names, in its order."""

    row_map: Any
    columns: tuple[str, ...]

    def rows(self, chunk: Chunk) -> np.ndarray:
        answers: np.ndarray = self.row_map.rows(
            {name: chunk[here] for name, here in zip(self.row_map.columns, self.columns, strict=True)}
        )
        return answers


class SortedLabels(DistinctLabels):
    """The different labels in order, so that they can be compared as an array."""

    columns: ClassVar[tuple[str, ...]] = ("labels",)

    def update(self, state: Any, chunk: Chunk) -> Any:
        return super().update(state, {"label_values": chunk["labels"]})

    def finalize(self, state: Any) -> Any:
        return np.array(sorted(state))


def written_rows(data: Columns) -> WrittenRows:
    return WrittenRows(NamedRows({"given": Column("labels"), "flag": PrefersAnother()}), data.k)


def measured(measure: Any, *names: str) -> Callable[[Columns], Renamed]:
    """A distance from half of the rows, by these columns; labels are folds: rows are compared with other classes'."""
    return lambda data: Renamed(measure(*(data.arrays[name][:200] for name in names)), names)


ALL_FOLDS = [
    *FOLDS,
    FoldCase("data", lambda c: SortedLabels(c.k), unmoved),
    FoldCase("recipe", written_rows, vector),
    FoldCase("core", lambda c: Beside(RowErrorOdds(1.3, c.transition), ("row",)), square),
    FoldCase("core", lambda c: TemperatureStep(1.3), unmoved),
]

ALL_ROW_MAPS = [
    *ROW_MAPS,
    RowMapCase("core", lambda c: Column("probs"), columns_moved),
    RowMapCase("core", lambda c: Sharpened(0.7), columns_moved),
    RowMapCase("label_errors", lambda c: SelfConfidence(), unmoved),
    RowMapCase("label_errors", lambda c: BestOther(), unmoved),
    RowMapCase("label_evidence", lambda c: Renamed(Pool((0.25, 0.75)), ("probs", "posterior")), columns_moved),
    RowMapCase("outliers", measured(CosineDistance, "posterior", "labels"), unmoved),
    RowMapCase("outliers", measured(MahalanobisDistance.of, "posterior", "labels"), unmoved, in_unit_range=False),
    RowMapCase("outliers", measured(NeighbourDistance, "posterior", "pairs", "labels"), unmoved, in_unit_range=False),
    RowMapCase("outliers", lambda c: OddRows.of([ClassEnergy()], c.arrays), unmoved),
    RowMapCase("recipe", lambda c: Score(), unmoved),
]

MAPS_AND_FOLDS = [
    written_rows,
    lambda c: ConfidentRows(bounds_of(c)),
    lambda c: Beside(RowErrorOdds(1.3, c.transition), ("row", "labels")),
    lambda c: NearErrorOdds(1.3, c.transition, Blend(0.7, c.prior)),
    lambda c: RowErrorOdds(1.3, c.transition),
    lambda c: TextKeys(),
    lambda c: NamedRows({"doubted": PrefersAnother(), "given": Column("labels")}),
]
"""Those that have answers for the rows beside the result of the fold."""


def kind_of(case: Any) -> str:
    """The name of what a case makes."""
    made = (case.make if hasattr(case, "make") else case)(columns(0))
    return type(made.row_map if isinstance(made, Renamed) else made).__name__
