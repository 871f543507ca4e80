"""Bengio et al. (2009), first experiment: rows on the right side of the true boundary teach a perceptron faster."""

from __future__ import annotations

import numpy as np
from scipy.stats import ttest_rel

from dechaff.methods.curriculum.curriculum import Budget, Curriculum
from dechaff.methods.curriculum.pacing.fixed_steps import FixedSteps
from dechaff.models.teaching.perceptron import Perceptron


def errors(seed: int) -> tuple[float, float]:
    """After one pass over 60 rows: rows of any kind, and those that come first where the noise is the hardness."""
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, 6000)
    X = random.normal(size=(6000, 10)) + np.where(y, 0.32, -0.32)[:, None]
    wrong_side = ((X.sum(axis=1) > 0) != y).astype(float)
    easy = Curriculum(pacing=FixedSteps(start=0.5, full=1.0))
    step = next(easy.steps(lambda: wrong_side[:2000], y[:2000], Budget(1, 60), random))
    learnt = [Perceptron(max_iter=1, random_state=seed).fit(X[rows], y[rows]) for rows in (np.arange(60), step.rows)]
    return tuple(float((model.predict(X[2000:]) != y[2000:]).mean()) for model in learnt)  # type: ignore[return-value]


def test_a_perceptron_on_cleaner_rows_generalises_better() -> None:
    any_rows, easy_rows = zip(*map(errors, range(20)), strict=True)
    assert np.mean(easy_rows) < np.mean(any_rows)
    assert ttest_rel(any_rows, easy_rows).pvalue < 0.05
