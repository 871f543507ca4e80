"""Label noise injected where the label is most likely right, so that one can count how many are found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.checks import check_labels_and_probs, check_same_length
from dechaff.typing import ClassMatrix, Labels, Numbers, Probs, Rows, Score

_LEAST = 1e-12


@dataclass(frozen=True)
class InjectedErrors:
    """Rows, and the wrong labels to give them."""

    rows: Rows
    labels: Rows
    """The wrong label of each."""


def injected_errors(
    labels: Labels, score: Score, transition: ClassMatrix, *, most: int = 1000, seed: int = 0
) -> InjectedErrors:
    """Rows that are probably right, each with a wrong label drawn as the noise draws them.

    Row and label are drawn by what is known of the noise: a row of true class j is given label i with probability
    ``T[i, j]``, whatever the row. Out-of-fold probabilities of a row do not depend on its own label, so the injected
    label can be judged as if it had always been there.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels.
    score : (n,) float in [0, 1]
        Probability that the label is wrong; rows above one half are left alone.
    transition : (k, k) float, columns sum to 1
        ``T[i, j]`` = p(given = i | true = j).
    most : number of rows to inject errors into; a tenth of the rows at most.
    seed : decides the draw.

    Raises
    ------
    InputError
        If lengths differ.

    Source
    ------
    Mills (1972), error seeding of software tests, with errors drawn from T.

    Examples
    --------
    >>> noisy = np.array([[0.8, 0.0], [0.2, 1.0]])  # no label 0 stands on a row of class 1
    >>> injected = injected_errors(np.repeat([0, 1], 50), np.zeros(100), noisy)
    >>> len(injected.rows), bool((injected.rows < 50).all()), set(injected.labels.tolist())
    (10, True, {1})
    """
    check_same_length(labels=labels, score=score)
    wrongs = transition * (1 - np.eye(len(transition)))
    chance = np.where(score < 0.5, (1 - score) * wrongs.sum(axis=0)[labels], 0.0)
    return _injected(labels, chance, wrongs.T[labels], most, seed)


def instance_dependent_errors(
    labels: Labels, probs: Probs, score: Score, *, most: int = 1000, seed: int = 0
) -> InjectedErrors:
    """The same where noise depends on the row: annotators confuse the labels that the model confuses.

    Parameters
    ----------
    labels, score, most, seed : as in `injected_errors`
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities; a row gets label i with probability ``probs[row, i]``.

    Raises
    ------
    InputError
        If lengths differ, or a row is no distribution.

    Source
    ------
    Mills (1972), error seeding of software tests; Xia et al. (2020), NeurIPS, noise that depends on the row.

    Examples
    --------
    >>> probs = np.repeat([[0.99, 0.01], [0.6, 0.4]], [50, 50], axis=0)
    >>> injected = instance_dependent_errors(np.zeros(100, dtype=np.int64), probs, np.zeros(100))
    >>> int((injected.rows >= 50).sum())
    8
    """
    labels, probs = check_labels_and_probs(labels, probs)
    check_same_length(labels=labels, score=score)
    given = probs[np.arange(len(labels)), labels]
    return _injected(labels, np.where(score < 0.5, (1 - score) * (1 - given), 0.0), probs, most, seed)


def _injected(labels: Labels, chance: Numbers, wrongs: Probs, most: int, seed: int) -> InjectedErrors:
    """Rows in proportion to their chance, without replacement, and a label for each in proportion to `wrongs`."""
    random = np.random.default_rng(seed)
    wanted = min(most, len(labels) // 10, int((chance > 0).sum()))
    # the smallest of exponential waiting times: a draw without replacement in proportion to the chances
    waiting = random.exponential(size=len(labels)) / np.maximum(chance, _LEAST)
    rows = np.sort(np.argsort(waiting, kind="stable")[:wanted])
    others = np.array(wrongs[rows])
    others[np.arange(wanted), labels[rows]] = 0.0
    steps = np.cumsum(others, axis=1)
    some = steps[:, -1] > 0  # 1 - p of the label may be above zero by rounding alone
    drawn = (random.random((wanted, 1)) * steps[:, -1:] >= steps).sum(axis=1)
    return InjectedErrors(rows[some], drawn[some].astype(np.int64))
