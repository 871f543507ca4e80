"""The true class of a row, given its label, what the model says, and how labels go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.methods.label_errors.near_classes import NearClasses, NearProbs, near_probs
from dechaff.typing import ClassMatrix, Labels, Probs

STEPS, STEPS_OF_PROBS = 8, 14
"""Of deconvolution, every other one twice as long. More follow the error of T, which is less where T is a mean of
probabilities."""
_LEAST, _LEAST_ENTRY = np.float32(1e-26), np.float32(1e-9)
_LEAST_REST = np.float32(1e-6)
_AGREED, _FEW = np.float32(0.5), 3
"""Where the model gives the given label more than half, three near classes and half of the steps are enough."""
_BLOCK = 8192
"""Rows at a time: what is known of them stays in the cache."""


def noise_posterior(labels: Labels, probs: Probs, *, transition: ClassMatrix) -> Probs:
    """Probability of each true class of each row, after its given label has been taken into account.

    A model trained on noisy labels predicts the *given* label, ``p(x) = T q(x)``. The deconvolution finds the
    q(x) that explains p(x), starting from equal shares; Bayes' rule then adds the row's own label:
    ``p(true = j | x, given = i)`` is proportional to ``T[i, j] q_j(x)``. Of many classes only the seven that the
    model thinks of most, or six and the given one, can be the true one.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities of a model trained on these labels, made honest by `sharpened`.
    transition : (k, k) float, columns sum to 1
        ``T[i, j]`` = p(given = i | true = j), above zero.

    Returns
    -------
    (n, k) float, rows sum to 1
        One minus the entry of the given label is the probability that the label is wrong.

    Source
    ------
    Richardson (1972), JOSA 62, and Lucy (1974), AJ 79, for the deconvolution, stopped early, which smooths. Differs:
    every other step is squared, the classes left out are one. Started from the estimated prior instead of equal
    shares it lost .08 of average precision where a class had been estimated away.

    Examples
    --------
    The model says .8, the most it can say when a fifth of the labels are wrong, and the label disagrees:

    >>> import numpy as np
    >>> noisy = np.array([[0.8, 0.2], [0.2, 0.8]])
    >>> noise_posterior(np.array([1]), np.array([[0.8, 0.2]]), transition=noisy).round(1)
    array([[0.9, 0.1]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return dense_posterior(labels, probs, transition, power=1.0)


def dense_posterior(
    labels: Labels, probs: Probs, transition: ClassMatrix, *, power: float, steps: int = STEPS
) -> Probs:
    """`noise_posterior` of probabilities that are raised to a power first."""
    k = len(transition)
    near = near_probs(NearClasses(k).rows({"labels": labels, "probs": probs}), k, power)
    posterior = np.zeros((len(labels), k))
    for some in judged_alike(labels, near, transition, steps=steps):
        likely = some.likely.astype(np.float64)
        posterior[some.rows, some.near.classes] = likely / likely.sum(axis=0)
    return posterior


def dense_true_probs(probs: Probs, transition: ClassMatrix, *, power: float, steps: int) -> Probs:
    """q(x): what the model says of the true class before any label is heard; 0 beyond the near classes."""
    k, entries = len(transition), _entries(transition)
    near = near_probs(NearClasses(k).rows({"labels": probs.argmax(axis=1), "probs": probs}), k, power)
    dense = np.zeros((len(probs), k))
    for start in range(0, len(probs), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(probs)))
        some = near.narrowed(rows, len(near.probs))
        true = _deconvolved(some, entries, k, steps).astype(np.float64)
        dense[rows, some.classes] = true / true.sum(axis=0)
    return dense


@dataclass(frozen=True)
class JudgedAlike:
    """Rows that took the same steps."""

    rows: npt.NDArray[np.intp]
    near: NearProbs
    """Their near classes, as many as it took."""
    likely: npt.NDArray[np.float32]
    """(m, rows) ``T[given, j] q_j``: each near class as the true one, up to a factor for the row."""


def judged_alike(labels: Labels, near: NearProbs, transition: ClassMatrix, *, steps: int) -> Iterator[JudgedAlike]:
    """All rows, those that agree with the model apart from the others: they need less of everything."""
    if not len(labels):
        return
    k, entries, n_near = len(transition), _entries(transition), len(near.probs)
    agreed = (near.classes[0] == labels) & (near.probs[0] > _AGREED)
    for chosen, m, length in ((~agreed, n_near, steps), (agreed, min(_FEW, n_near), steps // 2)):
        rows = np.flatnonzero(chosen)
        for start in range(0, len(rows), _BLOCK):
            some = rows[start : start + _BLOCK]
            narrowed = near.narrowed(some, m)
            likely = _deconvolved(narrowed, entries, k, length)
            likely *= entries.take(labels[some] * k + narrowed.classes)
            yield JudgedAlike(some, narrowed, likely)


def _entries(transition: ClassMatrix) -> npt.NDArray[np.float32]:
    """T in a row, in single precision, with no zero."""
    return np.maximum(transition.astype(np.float32), _LEAST_ENTRY).reshape(-1)


def _deconvolved(near: NearProbs, entries: npt.NDArray[np.float32], k: int, steps: int) -> npt.NDArray[np.float32]:
    """(m, n) probabilities of the true classes.

    Only element by element, and sums of m < 8 terms, taken in their order: no row sees how many others there are, so
    that the bits do not depend on the chunks.
    """
    m, n = near.probs.shape
    if n == 1:  # einsum would sum a single row in another order
        return _deconvolved(near.narrowed(np.zeros(2, dtype=np.intp), m), entries, k, steps)[:, :1]
    own = entries.take(near.classes[:, None, :] * k + near.classes[None, :, :])  # [given, true, row]
    others = np.maximum(1 - own.sum(axis=0), _LEAST_REST)
    true = np.full((m, n), 1 / m, dtype=np.float32)
    for step in range(steps):
        ratios = np.einsum("ijn,jn->in", own, true)
        np.divide(near.probs, np.maximum(ratios, _LEAST, out=ratios), out=ratios)
        pull = np.einsum("ijn,in->jn", own, ratios)
        pull += others * (near.rest / np.maximum(np.einsum("jn,jn->n", others, true), _LEAST))
        true *= pull
        if step % 2 == 0:  # a step twice as long; two in a row would swing to and fro where labels are clean
            true *= pull
        true /= true.sum(axis=0)
        np.maximum(true, _LEAST, out=true)
    return true
