"""Which pacing suits some training rows: the one whose model agrees most with labels of other training rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dechaff.core.progress import Progress, silent
from dechaff.errors import InputError
from dechaff.estimators.curriculum.compare_curricula import accuracy_interval, scores_of_arms
from dechaff.estimators.curriculum.curriculum_classifier import PLAIN, CurriculumClassifier
from dechaff.methods.curriculum.curriculum import Curriculum
from dechaff.methods.curriculum.pacing.pacing import Pacing
from dechaff.methods.proof.paired_interval import Interval


@dataclass(frozen=True)
class TriedPacings:
    """How well the model learns by each pacing: the fraction of held-out labels that it predicts."""

    pacings: tuple[Pacing, ...]
    agreement: tuple[Interval, ...]
    """One per pacing, with 95 % intervals."""
    plain: Interval
    """All rows from the first step on."""

    @property
    def best(self) -> int:
        """Position of the pacing of highest agreement, the first of equals."""
        return max(range(len(self.pacings)), key=lambda place: self.agreement[place].mean)


def choose_pacing(
    model: CurriculumClassifier,
    train: tuple[Any, Any],
    held_out: tuple[Any, Any],
    pacings: Sequence[Pacing],
    *,
    n_seeds: int = 3,
    seed: int = 0,
    progress: Progress = silent,
) -> TriedPacings:
    """The agreement with held-out labels of the model trained by each of some pacings, in the order of its curriculum.

    Wrong labels among the held-out rows lower all figures, and do not favour a pacing unless they depend on the
    features. The rows must be training rows: who chooses by test rows has none left that are unseen.

    Parameters
    ----------
    model : `CurriculumClassifier`
        Not changed; the pacing of its curriculum and its ``random_state`` are replaced.
    train : (X, y)
        Rows to train on.
    held_out : (X, y)
        Other training rows, whose labels may be wrong. They must occur in `train`.
    pacings : at least one
    n_seeds : at least 2
    seed : decides all seeds
    progress : called after each training

    Returns
    -------
    TriedPacings

    Raises
    ------
    InputError
        If labels, the number of seeds or options of the classifier are invalid, or there is no pacing.

    Source
    ------
    Wu, Dyer, Neyshabur (2021), When do curricula work?, ICLR, choose among 180 pacings. Differs: by held-out training
    rows, and among few.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.methods.curriculum.pacing.polynomial import LINEAR, ROOT
    >>> random = np.random.default_rng(0)
    >>> y = random.integers(0, 2, 300)
    >>> X = random.normal(size=(300, 2)) + 2 * y[:, None]
    >>> tried = choose_pacing(CurriculumClassifier(), (X[:200], y[:200]), (X[200:], y[200:]), [LINEAR, ROOT])
    >>> len(tried.agreement), tried.best in (0, 1)
    (2, True)
    """
    if not pacings:
        raise InputError("There is no pacing to choose from.", fix="Pass at least one, such as Polynomial().")

    def arms(curriculum: Curriculum) -> list[Curriculum]:
        return [*(replace(curriculum, pacing=one) for one in pacings), PLAIN]

    scores = scores_of_arms(model, arms, train, held_out, n_seeds, seed, progress)
    *agreement, plain = (accuracy_interval(arm, seed) for arm in scores)
    return TriedPacings(tuple(pacings), tuple(agreement), plain)
