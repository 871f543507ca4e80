"""The true class of a row, given its label, what the model says, and how labels go wrong."""

from __future__ import annotations

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
_BLOCK = 4096
"""Rows at a time: their T of seven by seven classes stays in the cache."""


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
    likely = near_likelihood(labels, near, transition, steps=steps).astype(np.float64)
    posterior = np.zeros((len(labels), k))
    np.put_along_axis(posterior, near.classes.T, (likely / likely.sum(axis=0)).T, axis=1)
    return posterior


def dense_true_probs(probs: Probs, transition: ClassMatrix, *, power: float, steps: int) -> Probs:
    """q(x): what the model says of the true class before any label is heard; 0 beyond the near classes."""
    k, single = len(transition), _entries(transition)
    near = near_probs(NearClasses(k).rows({"labels": probs.argmax(axis=1), "probs": probs}), k, power)
    dense = np.zeros((len(probs), k))
    for start in range(0, len(probs), _BLOCK):
        block = slice(start, start + _BLOCK)
        classes = near.classes[:, block]
        true = _deconvolved(classes, near.probs[:, block], near.rest[block], single, k, steps).astype(np.float64)
        np.put_along_axis(dense[block], classes.T, (true / true.sum(axis=0)).T, axis=1)
    return dense


def near_likelihood(labels: Labels, near: NearProbs, transition: ClassMatrix, *, steps: int) -> npt.NDArray[np.float32]:
    """(m, n) ``T[given, j] q_j``: each near class as the true one, up to a factor for the row."""
    k, single = len(transition), _entries(transition)
    likely = np.empty(near.probs.shape, dtype=np.float32)
    for start in range(0, len(labels), _BLOCK):
        block = slice(start, start + _BLOCK)
        classes, seen, rest = near.classes[:, block], near.probs[:, block], near.rest[block]
        agreed = (classes[0] == labels[block]) & (seen[0] > _AGREED)
        true = np.zeros_like(seen)
        for rows, most, length in ((~agreed, len(seen), steps), (agreed, min(_FEW, len(seen)), steps // 2)):
            at = np.flatnonzero(rows)
            beyond = rest[at] + seen[most:].take(at, axis=1).sum(axis=0)
            near_most = classes[:most].take(at, axis=1), seen[:most].take(at, axis=1)
            true[:most, at] = _deconvolved(*near_most, beyond, single, k, length)
        np.multiply(single.take(labels[block] * k + classes), true, out=likely[:, block])
    return likely


def _entries(transition: ClassMatrix) -> npt.NDArray[np.float32]:
    """T in a row, in single precision, with no zero."""
    return np.maximum(transition.astype(np.float32), _LEAST_ENTRY).reshape(-1)


def _deconvolved(
    classes: npt.NDArray[np.intp],
    seen: npt.NDArray[np.float32],
    rest: npt.NDArray[np.float32],
    transition: npt.NDArray[np.float32],
    k: int,
    steps: int,
) -> npt.NDArray[np.float32]:
    """(m, n) probabilities of the true classes.

    Only element by element, and sums of m < 8 terms, which numpy takes in their order: no row sees how many others
    there are, so that the bits do not depend on the chunks.
    """
    m, n = classes.shape
    own = transition.take(classes[:, None, :] * k + classes[None, :, :])  # [given, true, row]
    others = np.maximum(1 - own.sum(axis=0), _LEAST_REST)
    true, room = np.full((m, n), 1 / m, dtype=np.float32), np.empty_like(own)
    for step in range(steps):
        np.multiply(own, true, out=room)
        ratios = seen / np.maximum(room.sum(axis=1), _LEAST)
        np.multiply(own, ratios[:, None, :], out=room)
        pull = room.sum(axis=0)
        pull += others * (rest / np.maximum((others * true).sum(axis=0), _LEAST))
        true *= pull
        if step % 2 == 0:  # a step twice as long; two in a row would swing to and fro where labels are clean
            true *= pull
        true /= true.sum(axis=0)
        np.maximum(true, _LEAST, out=true)
    return true
