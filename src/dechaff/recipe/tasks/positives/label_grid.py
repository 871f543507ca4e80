"""The chance of a label in every row, counted on a fine grid: as many numbers for a thousand rows as for a billion."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.diagnostics.positive_errors import PositiveErrors, positive_errors
from dechaff.recipe.baseline.prob_parts import ProbParts
from dechaff.typing import Mask, Numbers

STEPS = 50_000
"""Chances are told apart to 1/50,000, far less than any model means by them."""


@dataclass(frozen=True)
class LabelGrid:
    """Rows by their chance of the label: ``labelled`` and ``unlabelled`` (STEPS + 1,) counts."""

    labelled: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(STEPS + 1, dtype=np.int64))
    unlabelled: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(STEPS + 1, dtype=np.int64))

    def with_rows(self, label_probs: Numbers, labelled: Mask) -> LabelGrid:
        """Some more rows."""
        places = grid_places(label_probs)
        return LabelGrid(
            self.labelled + np.bincount(places[labelled], minlength=STEPS + 1),
            self.unlabelled + np.bincount(places[~labelled], minlength=STEPS + 1),
        )

    def rows(self) -> tuple[Numbers, Mask, Numbers]:
        """Chances, whether they are of labelled rows, and how many rows have them."""
        one, other = np.flatnonzero(self.labelled), np.flatnonzero(self.unlabelled)
        chances = np.concatenate([one, other]) / STEPS
        labelled = np.arange(len(chances)) < len(one)
        counts = np.concatenate([self.labelled[one], self.unlabelled[other]]).astype(np.float64)
        return chances, labelled, counts

    def binned(self) -> BinnedScores:
        """The rows as the estimators take them."""
        chances, labelled, counts = self.rows()
        return bin_scores(chances, labelled, weights=counts)

    def errors(self, *, seed: int) -> tuple[PositiveErrors, npt.NDArray[np.float64]]:
        """What is said of errors among the labelled rows, and the chance of one by place on the grid."""
        chances, labelled, counts = self.rows()
        found = positive_errors(chances, labelled, weights=counts, seed=seed)
        by_place = np.zeros(STEPS + 1)
        by_place[grid_places(chances[labelled])] = found.score[labelled]
        return found, by_place

    def sound(self, by_place: npt.NDArray[np.float64]) -> BinnedScores:
        """Row counts with each positive label weighted by 1 - P(wrong)."""
        chances, labelled, counts = self.rows()
        doubt = np.where(labelled, by_place[grid_places(chances)], 0.0)
        kinds = np.concatenate([labelled, np.zeros_like(labelled)])
        return bin_scores(np.tile(chances, 2), kinds, weights=np.concatenate([counts * (1 - doubt), counts * doubt]))


def grid_places(label_probs: Numbers) -> npt.NDArray[np.int64]:
    """The nearest place on the grid.

    Examples
    --------
    >>> grid_places(np.array([0.0, 0.5, 1.0]))
    array([    0, 25000, 50000])
    """
    return np.asarray(np.rint(label_probs.clip(0.0, 1.0) * STEPS), dtype=np.int64)


def label_grid(parts: ProbParts, positive_code: int) -> LabelGrid:
    """All training rows."""
    grid = LabelGrid()
    for part in parts.parts():
        grid = grid.with_rows(part.probs[:, positive_code], part.codes == positive_code)
    return grid
