"""c from the top bin: with the smallest fraction of unlabelled rows (BBE), or surely the largest of labelled ones."""

from __future__ import annotations

import numpy as np

from dechaff.core.intervals import clopper_pearson_low
from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.scheme import c_of_fraction

CONFIDENCE = 0.1
"""The paper's delta: the probability that the margin of error does not hold."""
SLACK = 0.01
"""The paper's gamma, by which the margin is widened."""


def best_bin(binned: BinnedScores) -> float:
    """Probability that a positive is labelled, from the rows above the threshold at which positives are purest.

    Above any threshold t lie the shares Fp(t) of the labelled and Fu(t) of the unlabelled rows, and alpha is at most
    Fu(t) / Fp(t), with equality where only positives lie. High thresholds are purer, low ones have more rows: the
    threshold is that of the least upper bound, the margin of error (Dvoretzky, Kiefer, Wolfowitz) added. Only the
    order of the scores counts. Too low where no threshold is pure, and somewhat too low elsewhere.

    Parameter and result as in `e1`.

    Source
    ------
    Garg, Wu, Smola, Balakrishnan, Lipton (2021), Mixture proportion estimation and PU learning: a modern approach,
    NeurIPS, algorithm 1 (best bin estimation), with delta = 0.1 and gamma = 0.01.

    Examples
    --------
    A third of the positives lies above every negative; half of them are labelled:

    >>> scores, labelled, unlabelled = np.array([0.5, 0.2, 0.0]), [1000, 2000, 0], [1000, 5000, 9000]
    >>> best_bin(BinnedScores(scores, np.array(labelled, float), np.array(unlabelled, float)))
    0.5
    """
    n_labelled, n_unlabelled = binned.n_labelled, binned.n_unlabelled
    above, above_unlabelled = binned.labelled.cumsum() / n_labelled, binned.unlabelled.cumsum() / n_unlabelled
    above_unlabelled, above = above_unlabelled[above > 0], above[above > 0]
    margin = np.sqrt(np.log(4 / CONFIDENCE) / 2) * (n_labelled**-0.5 + n_unlabelled**-0.5)
    best = ((above_unlabelled + (1 + SLACK) * margin) / above).argmin()
    return c_of_fraction(min(float(above_unlabelled[best] / above[best]), 1.0), n_labelled, n_unlabelled)


CHANCE = 0.05
"""Of a lower bound to be above the truth."""
FEWEST_LABELLED = 10.0
"""Fewest labelled rows above a threshold that may be chosen."""


def top_bin(binned: BinnedScores) -> float:
    """Probability that a positive is labelled, as the fraction of labelled rows above the threshold that proves it
    highest.

    Above a threshold with positives only, a share c of the rows is labelled; above any other, fewer are. So the share
    is looked up where its lower confidence bound (Clopper, Pearson) is highest. The bound picks the threshold only:
    it would itself be too low, and the share itself is a little too high, being the best of many.

    Parameter and result as in `e1`.

    Source
    ------
    Scott (2015), A rate of convergence for mixture proportion estimation, AISTATS: the edge of the ROC curve; Clopper,
    Pearson (1934), Biometrika 26: the bound. Differs: one bound for the share instead of two for its parts.

    Examples
    --------
    A third of the positives lies above every negative; half of them are labelled:

    >>> scores, labelled, unlabelled = np.array([0.5, 0.2, 0.0]), [1000, 2000, 0], [1000, 5000, 9000]
    >>> top_bin(BinnedScores(scores, np.array(labelled, float), np.array(unlabelled, float)))
    0.5
    """
    labelled, unlabelled = binned.labelled.cumsum(), binned.unlabelled.cumsum()
    allowed = labelled >= min(FEWEST_LABELLED, binned.n_labelled)
    labelled, unlabelled = labelled[allowed], unlabelled[allowed]
    best = clopper_pearson_low(labelled, labelled + unlabelled, chance=CHANCE).argmax()
    return float(labelled[best] / (labelled[best] + unlabelled[best]))
