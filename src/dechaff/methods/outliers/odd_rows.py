"""Odd rows: how surprising the distances of a row to others are, by several measures at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dechaff.core.fold import RowMap
from dechaff.methods.outliers.embedding_distance import CosineDistance, MahalanobisDistance
from dechaff.methods.outliers.neighbour_distance import NeighbourDistance, content_folds, reference_rows
from dechaff.methods.outliers.upper_tail import UpperTail
from dechaff.typing import Chunk, Numbers

FEWEST = 20
"""Of fewer rows none is called odd."""


@dataclass(frozen=True)
class Measured:
    """One measure of oddness, from 0 on, and how rare its values are among ordinary rows."""

    measure: RowMap
    tail: UpperTail

    @classmethod
    def of(cls, measure: RowMap, sample: Chunk) -> Measured:
        """What is ordinary is said by the rows of a sample."""
        return cls(measure, UpperTail.of(measure.rows(sample)))

    def surprise(self, chunk: Chunk) -> Numbers:
        """(n,) negative decimal logarithm of the p-value."""
        return np.asarray(-np.log10(self.tail.p_values(self.measure.rows(chunk))))


@dataclass(frozen=True)
class OddRows:
    """The p-value of each row for being ordinary, by its mean surprise over several measures.

    Source
    ------
    Han et al. (2022), ADBench, NeurIPS: no measure is the best everywhere. Bates, Candès, Lei, Romano, Sesia (2023),
    Annals of Statistics 51: p-values from the scores of ordinary rows. Differs: which rows are ordinary is not known,
    so the tail of their scores is extrapolated (`UpperTail`).

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(500, 3))
    >>> rows[7] = 9.0
    >>> chunk = {"numbers": rows, "codes": np.zeros((500, 0))}
    >>> p_values = odd_rows(chunk, seed=0).rows({**chunk, "fold": content_folds(chunk, seed=0)})
    >>> int(p_values.argmin()), bool(p_values[7] < 1e-4)
    (7, True)
    """

    measured: tuple[Measured, ...]
    tail: UpperTail

    @classmethod
    def of(cls, measures: Sequence[RowMap], sample: Chunk) -> OddRows:
        """What is ordinary is said by the rows of a sample."""
        found = cls(tuple(Measured.of(one, sample) for one in measures), UpperTail.of(np.zeros(0)))
        return replace(found, tail=UpperTail.of(found.surprise(sample)))

    @property
    def columns(self) -> tuple[str, ...]:
        """What the measures read."""
        return tuple(sorted({name for one in self.measured for name in one.measure.columns}))

    def rows(self, chunk: Chunk) -> Numbers:
        """(n,) float in (0, 1]; 1 if the sample was too small."""
        enough = len(self.tail.scores) >= FEWEST
        return self.tail.p_values(self.surprise(chunk)) if enough else np.ones(len(chunk[self.columns[0]]))

    def surprise(self, chunk: Chunk) -> Numbers:
        """(n,) mean negative decimal logarithm of the p-values by single measures; higher = more odd."""
        return np.asarray(np.mean([one.surprise(chunk) for one in self.measured], axis=0))


def odd_rows(sample: Chunk, *, seed: int, more: Sequence[RowMap] = ()) -> OddRows:
    """How odd rows are, compared with a sample of them.

    Parameters
    ----------
    sample : ``numbers`` and ``codes`` of rows of a table (`ScaledColumns.chunk`), or ``vectors`` of an embedding
    seed : decides which rows others are compared with, and from which folds.
    more : further measures of the same rows, such as `ClassEnergy`
    """
    whole = {**sample, "fold": content_folds(sample, seed=seed)}
    chosen = reference_rows(sample, seed=seed)
    some = {name: values[chosen] for name, values in whole.items()}
    measures: list[RowMap] = list(more)
    if "vectors" in sample:
        measures += [
            CosineDistance(some["vectors"], some["fold"]),
            MahalanobisDistance.of(sample["vectors"], whole["fold"]),
        ]
    elif "numbers" in sample:
        measures.append(NeighbourDistance(some["numbers"], some["codes"], some["fold"]))
    return OddRows.of(measures, whole)
