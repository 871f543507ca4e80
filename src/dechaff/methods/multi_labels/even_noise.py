"""How much the model's own doubt counts for whether a label is wrong, beside the noise matrix of the label."""

from __future__ import annotations

import numpy as np
from scipy.special import logit
from scipy.stats import rankdata

from dechaff.core.level_shift import level_shift
from dechaff.typing import ClassVector, Features

LOWEST = 0.2
"""Fraction of the rows, those of lowest probability of a label, that should not carry it."""
FEWEST_ROWS = 20
FORGOTTEN, EVEN = 0.18, 0.27
"""Made-up labels against forgotten ones, between which the score changes over from one kind of noise to the other."""
BADLY_RANKED, WELL_RANKED = 0.62, 0.67
"""Mean areas under the ROC curve, between which the score changes from the model's own doubt to the noise matrix."""
_LEAST = 1e-9
_ROWS = 10_000


def even_share(labels: Features, probs: Features, missing: ClassVector) -> float:
    """How far noise is even: 1 if labels are made up as well as forgotten, 0 if they are hardly ever made up.

    The rows of lowest probability of a label should not carry it; how many do is the rate at which it is made up, which
    overlap of the classes raises little. It is compared with the rate at which labels are forgotten. One answer for all
    labels: a single weak one does not tell.

    Parameters
    ----------
    labels : (n, k) 0 or 1
    probs : (n, k) float from 0 to 1
        Out-of-sample probability of each label.
    missing : (k,) float from 0 to 1
        How often each label was forgotten.

    Returns
    -------
    float in [0, 1]

    Source
    ------
    This library. Chosen on sets and draws other than those of ``benchmarks/other_label_errors.py``.

    Examples
    --------
    >>> probs, labels = np.linspace(0, 1, 200)[:, None], (np.arange(200) % 10 == 0)[:, None]
    >>> even_share(labels, probs, np.array([0.1])), even_share(labels & (probs > 0.5), probs, np.array([0.1]))
    (1.0, 0.0)
    """
    if not labels.size:
        return 0.0
    lowest = min(max(FEWEST_ROWS, int(LOWEST * len(labels))), len(labels))
    rows = np.argpartition(probs, lowest - 1, axis=0)[:lowest]
    made_up = float(np.take_along_axis(labels, rows, axis=0).mean())
    ratio = made_up / max(float(np.median(missing)), _LEAST)
    return _smooth((ratio - FORGOTTEN) / (EVEN - FORGOTTEN))


def weak_share(labels: Features, probs: Features) -> float:
    """How weak the model is: 1 if it hardly ranks the rows that carry a label first, 0 if it ranks them well.

    By a weak model a noise matrix is mostly the overlap of the classes, and the model's own doubt orders cells at least
    as well, whatever the noise.

    Parameters
    ----------
    labels, probs : as in `even_share`

    Returns
    -------
    float in [0, 1]

    Source
    ------
    Mann, Whitney (1947), Annals of Mathematical Statistics 18, the area under the ROC curve from ranks; its mean over
    the labels. Differs: of up to 10,000 rows. The limits were chosen on sets other than those of
    ``benchmarks/other_label_errors.py``.

    Examples
    --------
    >>> labels = np.array([[0], [1], [0], [1]])
    >>> weak_share(labels, np.array([[0.4], [0.3], [0.2], [0.1]])), weak_share(labels, 0.1 + 0.8 * labels)
    (1.0, 0.0)
    """
    some = slice(None, None, 1 + len(labels) // _ROWS)
    given, ranks = labels[some], rankdata(probs[some], axis=0)
    carry = given.sum(axis=0)
    both = (carry > 0) & (carry < len(given))
    if not both.any():
        return 0.0
    above = (ranks * given).sum(axis=0) - carry * (carry + 1) / 2
    area = float((above[both] / (carry * (len(given) - carry))[both]).mean())
    return _smooth((WELL_RANKED - area) / (WELL_RANKED - BADLY_RANKED))


def _smooth(place: float) -> float:
    inside = min(max(place, 0.0), 1.0)
    return inside * inside * (3 - 2 * inside)


def cell_log_odds(labels: Features, probs: Features, posterior: Features, share: float, rate: float) -> Features:
    """Log-odds that each label is wrong: posterior and model's doubt, weighted by how much the doubt counts.

    If noise is even, p(given) alone orders the cells: a noise matrix adds the errors of its estimate, and there is one
    for each label.

    Parameters
    ----------
    labels, probs : as in `even_share`
    posterior : (n, k) log-odds by the noise matrix of each label
    share : float in [0, 1]
        Of the doubt: the larger of `even_share` and `weak_share`.
    rate : float from 0 to 1
        Fraction of wrong labels, which the mean score becomes if the doubt has a share.

    Returns
    -------
    (n, k) float

    Examples
    --------
    >>> labels, probs = np.array([[1, 0]]), np.array([[0.2, 0.1]])
    >>> cell_log_odds(labels, probs, np.zeros((1, 2)), 1.0, 0.5).round(2)
    array([[ 1.79, -1.79]])
    """
    if not share or not 0 < rate < 1:
        return posterior
    doubt = np.where(labels == 1, -1.0, 1.0) * logit(np.clip(probs, _LEAST, 1 - _LEAST))
    odds = (1 - share) * posterior + share * doubt
    return np.asarray(odds + level_shift(odds.ravel(), rate * odds.size))
