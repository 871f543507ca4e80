"""How much more the labels of a slice disagree with a model than the model's own confidence allows."""

from __future__ import annotations

import numpy as np

from dechaff.methods.noisy_slices.condition import Conditions
from dechaff.typing import Figures, Labels, Mask, Numbers, Probs

_LEAST_VARIANCE = 0.01
"""Floor of the variance of one agreement, so that one disagreement with a saturated model is not infinite."""


def expected_agreement(labels: Labels, probs: Probs, *, among: Mask) -> Numbers:
    """How often labels agree with the model's first choice at this row's confidence.

    Isotonic regression of agreement on confidence over the rows ``among``, read off for every row. What is
    normal noise in the whole of the data is thereby expected everywhere; only what exceeds it counts.
    """
    from sklearn.isotonic import IsotonicRegression

    confidence = probs.max(axis=1)
    agrees = (probs.argmax(axis=1) == labels).astype(np.float64)
    curve = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    curve.fit(confidence[among], agrees[among])
    return np.asarray(curve.predict(confidence), dtype=np.float64)


def excess_disagreement(
    labels: Labels, probs: Probs, expected: Numbers, conditions: Conditions, *, among: Mask
) -> Figures:
    """z of every condition: labels that should agree with the model, by its confidence, and do not.

    On the rows of a slice the number of agreements is a sum of independent Bernoulli variables with chances
    ``e_i``, so ``z = sum(e_i - a_i) / sqrt(sum e_i (1 - e_i))`` is about standard normal where the slice is as
    good as the rest. Rows on which the model itself is unsure say little, so a slice along the boundary of two
    classes, hard but sound, does not stand out.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    probs : (n, k) float, rows sum to 1
        Out-of-sample.
    expected : (n,) float in [0, 1]
        Expected agreement of every row.
    conditions : m conditions on the n rows
    among : (n,) bool
        The rows that count; others are left out of every slice.

    Returns
    -------
    (m,) float
        Higher = look at this slice first; about standard normal for a slice without noise.
    """
    agrees = probs.argmax(axis=1) == labels
    surprise = np.where(among, expected - agrees, 0.0)
    variance = np.where(among, np.maximum(expected * (1 - expected), _LEAST_VARIANCE), 0.0)
    spread = np.sqrt(np.maximum(conditions.holds @ variance, _LEAST_VARIANCE))
    return np.asarray((conditions.holds @ surprise) / spread, dtype=np.float64)


def critical_z(n_tests: int, *, level: float) -> float:
    """The z that the largest of ``n_tests`` sound slices exceeds with probability ``level`` (Bonferroni)."""
    from scipy.special import ndtri

    return float(-ndtri(level / max(n_tests, 1)))


def chance_above(z: float) -> float:
    """Probability that one slice without noise, chosen in advance, exceeds ``z``."""
    from scipy.special import ndtr

    return float(ndtr(-z))
