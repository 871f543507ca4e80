"""Whether labels are made up as well as forgotten, and the score for those that are wrong either way."""

from __future__ import annotations

import numpy as np
from scipy.special import logit

from dechaff.core.level_shift import level_shift
from dechaff.typing import ClassVector, Features

LOWEST = 0.2
"""Fraction of the rows, those of lowest probability of a label, that should not carry it."""
FEWEST_ROWS = 20
FORGOTTEN, EVEN = 0.18, 0.27
"""Made-up labels against forgotten ones, between which the score changes over from one kind of noise to the other."""
_LEAST = 1e-9


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
    place = float(np.clip((ratio - FORGOTTEN) / (EVEN - FORGOTTEN), 0.0, 1.0))
    return place * place * (3 - 2 * place)


def cell_log_odds(labels: Features, probs: Features, posterior: Features, share: float, rate: float) -> Features:
    """Log-odds that each label is wrong: posterior and model's doubt, weighted by the fraction of even noise.

    If noise is even, p(given) alone orders the cells: a noise matrix adds the errors of its estimate, and there is one
    for each label.

    Parameters
    ----------
    labels, probs : as in `even_share`
    posterior : (n, k) log-odds by the noise matrix of each label
    share : float in [0, 1]
        Of `even_share`.
    rate : float from 0 to 1
        Fraction of wrong labels, which the mean score becomes if any noise is even.

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
