"""Label noise injected where the label is most likely right, so that one can count how many are found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.checks import check_same_length
from dechaff.typing import ClassMatrix, Labels, Rows, Score

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
    random = np.random.default_rng(seed)
    wanted = min(most, len(labels) // 10, int((chance > 0).sum()))
    # the smallest of exponential waiting times: a draw without replacement in proportion to the chances
    waiting = random.exponential(size=len(labels)) / np.maximum(chance, _LEAST)
    rows = np.sort(np.argsort(waiting, kind="stable")[:wanted])
    steps = np.cumsum(wrongs.T[labels[rows]], axis=1)
    drawn = (random.random((wanted, 1)) * steps[:, -1:] >= steps).sum(axis=1)
    return InjectedErrors(rows, drawn.astype(np.int64))
