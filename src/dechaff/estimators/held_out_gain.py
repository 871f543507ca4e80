"""Whether a treatment of doubtful labels helps, told by given labels that had no part in it.

Each fold is held out once more. The other rows are judged by models that have seen neither the fold nor the row
itself, treated, and learnt from; what comes out is asked for the fold's labels. These are noisy, but their noise knows
nothing of the treatment, so of two models the one that agrees more is the better one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.utils.parallel import Parallel, delayed

from dechaff.estimators.held_out_models import Learner, Outputs, agreement
from dechaff.estimators.label_treatments import Treated, Treatment
from dechaff.estimators.row_judgement import Judgement
from dechaff.typing import Labels, Mask, Numbers

Judge = Callable[[Labels, Outputs, Numbers], Judgement]
"""``judge(codes, outputs, counts) -> Judgement`` of some rows."""


def held_out_gains(
    learner: Learner, treatments: tuple[Treatment, ...], agrees: Mask, counts: Numbers, judge: Judge
) -> tuple[float, ...]:
    """By how much more of the held-out labels a model agrees with after each treatment, as a share of all rows.

    Parameters
    ----------
    learner : with three folds or more
    treatments : what is tried
    agrees : (n,) bool
        Whether the model of the other folds, untreated, predicts each row's given label.
    counts : (n,) float, above 0
        How often each row counts.
    judge : what judges labels
    """
    outputs = learner.unseen_beside()
    tasks = [
        delayed(_fold_gains)(learner, treatments, fold, beside, agrees, counts, judge)
        for fold, beside in enumerate(outputs)
    ]
    gains = np.sum(list(Parallel(n_jobs=learner.n_jobs)(tasks)), axis=0)
    return tuple(float(gain) for gain in gains / counts.sum())


def _fold_gains(
    learner: Learner,
    treatments: tuple[Treatment, ...],
    fold: int,
    beside: Outputs,
    agrees: Mask,
    counts: Numbers,
    judge: Judge,
) -> list[float]:
    learnt = np.flatnonzero(learner.folds != fold)
    codes, held_out = learner.given.codes[learnt], learner.folds == fold
    judged = judge(codes, beside[learnt], counts[learnt])
    gains = []
    for treatment in treatments:
        treated = treatment(codes, judged, counts[learnt])
        gain = 0.0
        if treated.changes(codes):
            now = _agreement_after(learner, fold, treated, learnt)
            gain = float(((now.astype(float) - agrees[held_out]) * counts[held_out]).sum())
        gains.append(gain)
    return gains


def _agreement_after(learner: Learner, fold: int, treated: Treated, learnt: np.ndarray) -> Mask:
    kept = np.flatnonzero(treated.weights)
    weights = treated.weights[kept]
    return agreement(learner, fold, treated.codes[kept], None if (weights == 1).all() else weights, learnt[kept])
