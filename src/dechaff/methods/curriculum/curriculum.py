"""A curriculum: an order and a pacing, from which the rows and weights of every step of a training follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np

from dechaff.core.batches import next_batch
from dechaff.errors import InputError
from dechaff.methods.curriculum.orders import Order, easy_first, in_each_class
from dechaff.methods.curriculum.pacing.pacing import Pacing, Window
from dechaff.methods.curriculum.pacing.polynomial import LINEAR
from dechaff.methods.curriculum.self_paced import RowWeights, hard_weights
from dechaff.typing import Labels, Numbers, Rows


@dataclass(frozen=True)
class Budget:
    """How long a training is: all curricula that are compared take as many steps on as many rows."""

    n_steps: int = 1000
    batch: int | None = 32
    """Rows per step; None: all rows of the window, for models that are trained on whole data sets."""

    def __post_init__(self) -> None:
        if self.n_steps < 1 or (self.batch is not None and self.batch < 1):
            found = f"n_steps={self.n_steps}, batch={self.batch}"
            raise InputError("the budget", "have at least 1 step of at least 1 row", found, "Use Budget(1000, 32).")


@dataclass(frozen=True)
class Step:
    """The rows of one step, and how much each counts."""

    rows: Rows
    """(m,) positions; a row may repeat if the window has fewer rows than a batch."""
    weights: Numbers
    """(m,) float in [0, 1]."""


@dataclass(frozen=True)
class Curriculum:
    """Which rows a training sees when: an order of the rows, and a pacing that widens the window on them.

    Each class is ranked by itself, so that every window has the same fraction of each class.

    Parameters
    ----------
    order : `easy_first`, `hard_first`, `random_order`, or a function ``(hardness, rng) -> ranking``
    pacing : function of the fraction of the steps that is done, such as ``Polynomial(start=0.2, full=0.8)``
    weights : `hard_weights`, `soft_weights`, or a function ``(hardness, threshold) -> weights``
        The threshold is the hardness of the hardest row in the window. Soft weights are for self-paced learning, whose
        hardness is the current loss.

    Source
    ------
    Bengio, Louradour, Collobert, Weston (2009), Curriculum learning, ICML; Wu, Dyer, Neyshabur (2021), When do
    curricula work?, ICLR, algorithm 1: each batch is drawn from the window. Differs: once the window stays as it is,
    each of its rows is visited once per epoch, as usual.

    Examples
    --------
    >>> hardness, labels = np.array([0.1, 0.9, 0.2, 0.8]), np.array([0, 0, 1, 1])
    >>> steps = Curriculum().steps(lambda: hardness, labels, Budget(10, 2), np.random.default_rng(0))
    >>> [sorted(step.rows.tolist()) for step in steps][:3]
    [[0, 2], [0, 2], [0, 2]]
    """

    order: Order = easy_first
    pacing: Pacing = LINEAR
    weights: RowWeights = hard_weights

    def steps(
        self, hardness: Callable[[], Numbers], labels: Labels, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Step]:
        """The rows and weights of each step.

        Parameters
        ----------
        hardness : function without arguments that returns (n,) finite floats
            Called before each step. Rows are ranked anew when it returns another array, as in self-paced learning.
        labels : (n,) int, 0 … k-1
        budget : number of steps, and rows per step
        rng : decides ties, random orders and batches
        """
        if not len(labels):
            raise InputError("There is no row to train on.", fix="Pass at least one row.")
        least = len(np.unique(labels))
        seen, place = None, (0, 0)
        ranking, waiting = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        for number in range(budget.n_steps):
            now = hardness()
            window = _places(self.pacing(number / budget.n_steps), len(labels), least)
            if now is not seen:
                ranking = in_each_class(self.order(_finite(now, len(labels)), rng), labels)
            if now is not seen or window != place:
                seen, place, waiting = now, window, waiting[:0]
            admitted = ranking[window[0] : window[1]]
            if budget.batch is None:
                rows = admitted
            else:
                rows, waiting = next_batch(waiting, admitted, budget.batch, rng)
            yield Step(rows, self.weights(now[rows], _threshold(now, admitted, len(labels))))


def _places(window: Window, n_rows: int, least: int) -> tuple[int, int]:
    """The window in rows: at least one row per class."""
    high = min(n_rows, max(ceil(window.high * n_rows - 1e-9), least))
    return max(0, min(round(window.low * n_rows), high - least)), high


def _threshold(hardness: Numbers, admitted: Rows, n_rows: int) -> float:
    """The largest hardness in the window; infinite if all rows are in it."""
    return np.inf if len(admitted) == n_rows else float(hardness[admitted].max())


def _finite(hardness: Numbers, n_rows: int) -> Numbers:
    fix = "Score every row, for example with out-of-fold probabilities."
    if hardness.shape != (n_rows,):
        raise InputError("the hardness", f"be {n_rows} numbers, one per row", f"shape {hardness.shape}", fix)
    bad = np.flatnonzero(~np.isfinite(hardness))
    if len(bad):
        raise InputError("the hardness", "be finite", f"{hardness[bad[0]]} in row {bad[0]}", fix)
    return hardness
