"""c between e1 and the consensus, where the labelled fraction rises to nearly all and no plateau shows."""

from __future__ import annotations

import math

import numpy as np

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.best_bin import best_bin
from dechaff.methods.pu.class_prior.consensus import ClassPriorEstimator, consensus
from dechaff.methods.pu.class_prior.elkan_noto import e1

LEFT_OUT = 0.25
"""Fraction of the labelled rows below the region that should be level."""
MOST_RISE = 0.6
"""Of a region that is level within chance and a little impurity."""
NEARLY_ALL = 0.85
"""A consensus above this says that the top rows are labelled nearly all."""


def rise(binned: BinnedScores) -> float:
    """How often a labelled row scores higher than an unlabelled one, both among the three in four best labelled rows.

    One half if the labelled fraction is level there, as it is among sure positives that were labelled at random.

    Parameter as in `e1`.

    Returns
    -------
    float in [0, 1]
        Ties count half; one half if there are no unlabelled rows to compare.

    Source
    ------
    Mann, Whitney (1947), Annals of Mathematical Statistics 18.

    Examples
    --------
    >>> level = BinnedScores(np.array([0.9, 0.8, 0.1]), np.array([40.0, 40.0, 20.0]), np.array([60.0, 60.0, 900.0]))
    >>> round(rise(level), 2)
    0.5
    """
    last = int(np.searchsorted(binned.labelled.cumsum(), (1 - LEFT_OUT) * binned.n_labelled))
    labelled, unlabelled = binned.labelled[: last + 1], binned.unlabelled[: last + 1]
    pairs = float(labelled.sum() * unlabelled.sum())
    below = unlabelled.sum() - unlabelled.cumsum()
    return float(labelled @ (below + unlabelled / 2)) / pairs if pairs else 0.5


def rises_to_nearly_all(binned: BinnedScores) -> bool:
    """Whether the labelled fraction goes on rising up to rows that are labelled nearly all.

    Then either nearly all positives are labelled and the classes overlap, or the positives that are easy to see were
    labelled more often than the others. The scores cannot tell which: c lies between `e1` and `consensus`.
    """
    return rise(binned) > MOST_RISE and consensus(binned) > NEARLY_ALL


def compromise(binned: BinnedScores) -> float:
    """Probability that a positive is labelled, as the geometric mean of e1, the best bin and the consensus.

    If easy positives were labelled more often, the consensus is the probability among those, and too high; e1 is too
    low, since a model's scores are smeared; the best bin, which averages over more rows, mostly lies between. The
    middle is not far off wherever the truth lies. The price is an error of about half the distance where nearly all
    positives are labelled, at random.

    Parameter and result as in `e1`.

    Source
    ------
    This library, chosen on tables and made texts whose labels depend on x (``benchmarks/pu_texts.py`` draws others).

    Examples
    --------
    >>> odds = np.linspace(4, -6, 50)
    >>> labelled = 1 / (1 + np.exp(-odds))
    >>> binned = BinnedScores(labelled, 100 * labelled, 100 - 100 * labelled)
    >>> e1(binned) < compromise(binned) < consensus(binned)
    True
    """
    return math.pow(e1(binned) * best_bin(binned) * consensus(binned), 1 / 3)


def recommended(binned: BinnedScores) -> ClassPriorEstimator:
    """The estimator to use on these rows: `compromise` if the fraction `rises_to_nearly_all`, else `consensus`.

    Examples
    --------
    >>> f = 1 / (1 + np.exp(-np.linspace(4, -6, 50)))
    >>> [recommended(BinnedScores(c * f, 100 * c * f, 100 - 100 * c * f)).__name__ for c in (0.4, 1.0)]
    ['consensus', 'compromise']
    """
    return compromise if rises_to_nearly_all(binned) else consensus
