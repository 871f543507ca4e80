"""Annotators who answer without looking: at random, or always the same."""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

from dechaff.methods.consensus.answer_rows import softmax
from dechaff.methods.consensus.judged_annotators import TRUSTS, Annotators
from dechaff.typing import Figures, Mask

LOW_TRUST = 0.25
"""Up to this fraction of answers that depend on the item, an annotator answers at random."""
_SURE = 0.7
_ROUNDS = 200
_SAME = 0.95
"""Fraction of equal answers from which on an annotator may be one who always gives the same."""
_RATE = 0.01
"""Expected number of false alarms, for all annotators together."""


def random_answers(annotators: Annotators) -> Mask:
    """Annotators whose answers do not depend on the item, with a probability of more than .7.

    Some fraction of the answers of each annotator depends on the item, and the others are habit. How frequent
    each fraction is among annotators is estimated with it, so a crowd of careful ones makes a careless one easier to
    find. It takes some twenty answers, or a hundred if there are two classes.

    Parameters
    ----------
    annotators : Annotators

    Returns
    -------
    (m,) bool

    Source
    ------
    The model of Hovy, Berg-Kirkpatrick, Vaswani, Hovy (2013), MACE, NAACL; Laird (1978), Nonparametric maximum
    likelihood estimation of a mixing distribution, JASA 73. Differs: one more annotator is spread over all fractions.
    The limits, .7 and .25, were chosen on made crowds nearly like those of ``benchmarks/consensus.py``.

    Examples
    --------
    >>> from dechaff.methods.consensus.answer_rows import AnswerRows
    >>> from dechaff.methods.consensus.crowd_consensus import crowd_consensus
    >>> from dechaff.methods.consensus.judged_annotators import judge_annotators
    >>> rng = np.random.default_rng(0)
    >>> true = rng.integers(3, size=100)
    >>> answers = np.array([np.where(rng.random(100) < 0.8, true, 0) for _ in range(4)] + [rng.integers(3, size=100)])
    >>> rows = AnswerRows.of(np.tile(np.arange(100), 5), np.repeat(np.arange(5), 100), answers.ravel())
    >>> np.flatnonzero(random_answers(judge_annotators(rows, crowd_consensus(rows))))
    array([4])
    """
    known = ~np.isnan(annotators.quality)
    posterior = _trusts(annotators.trust_logs[known])
    flagged = np.zeros(len(known), dtype=bool)
    flagged[known] = posterior[:, TRUSTS <= LOW_TRUST + 1e-9].sum(axis=1) > _SURE
    return flagged


def _trusts(logs: Figures) -> Figures:
    """(m, 21) probability of each fraction, for each annotator."""
    even = np.full(len(TRUSTS), 1 / len(TRUSTS))
    weights, posterior = even, np.tile(even, (len(logs), 1))
    for _ in range(_ROUNDS):
        posterior = softmax(logs + np.log(weights))
        weights = (posterior.sum(axis=0) + even) / (len(logs) + 1)
    return posterior


def constant_answers(annotators: Annotators) -> Mask:
    """Annotators who give one and the same answer, where the items ask for others.

    Parameters
    ----------
    annotators : Annotators

    Returns
    -------
    (m,) bool

    Source
    ------
    This library: at least 95 % equal answers, and a binomial tail below .01 over all annotators, for the frequency
    that the usual annotator would give this answer with to items of these classes.

    Examples
    --------
    >>> from dechaff.methods.consensus.answer_rows import AnswerRows
    >>> from dechaff.methods.consensus.crowd_consensus import crowd_consensus
    >>> from dechaff.methods.consensus.judged_annotators import judge_annotators
    >>> true = np.arange(30) % 3
    >>> rows = AnswerRows.of(np.tile(np.arange(30), 4), np.repeat(np.arange(4), 30), np.r_[true, true, true, true * 0])
    >>> np.flatnonzero(constant_answers(judge_annotators(rows, crowd_consensus(rows))))
    array([3])
    """
    confusion = annotators.confusion
    pooled = confusion.sum(axis=0) + 1e-9
    usual = pooled / pooled.sum(axis=0)
    n = confusion.sum(axis=(1, 2))
    expected = confusion.sum(axis=1) @ usual.T / np.maximum(n, 1e-9)[:, None]
    given = confusion.sum(axis=2)
    most = given.argmax(axis=1)
    rows = np.arange(len(n))
    chance = binom.sf(np.rint(given[rows, most]) - 1, np.rint(n), np.clip(expected[rows, most], 0, 1))
    same = given[rows, most] >= _SAME * np.maximum(n, 1e-9)
    return np.asarray(same & (n > 1) & (chance < _RATE / max(len(n), 1)))
