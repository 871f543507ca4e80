"""The true class of a row, given its label, the model's probabilities and the noise matrix."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.kernels.deconvolved import NearProbs, deconvolved
from dechaff.core.kernels.row_posteriors import agreed
from dechaff.methods.label_errors.near_classes import NearClasses, near_probs
from dechaff.typing import ClassMatrix, Labels, Probs

STEPS, STEPS_OF_PROBS = 8, 14
"""Of deconvolution, every other one twice as long. More steps fit the error of T, which is smaller if T is a mean of
probabilities."""
_LEAST_ENTRY = np.float32(1e-9)


def noise_posterior(labels: Labels, probs: Probs, *, transition: ClassMatrix) -> Probs:
    """Probability of each true class of each row, after its given label has been taken into account.

    A model trained on noisy labels predicts the *given* label, ``p(x) = T q(x)``. The deconvolution finds the q(x) that
    explains p(x), starting from a uniform q; Bayes' rule then adds the row's own label: ``p(true = j | x, given = i)``
    is proportional to ``T[i, j] q_j(x)``. Of many classes only the seven most probable, or six and the given one, can
    be the true one.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities of a model trained on these labels, made calibrated by `sharpened`.
    transition : (k, k) float, columns sum to 1
        ``T[i, j]`` = p(given = i | true = j), above zero.

    Returns
    -------
    (n, k) float, rows sum to 1
        One minus the entry of the given label is the probability that the label is wrong.

    Raises
    ------
    InputError
        If lengths differ, a label has no column of `probs`, or a row of `probs` does not sum to 1.

    Source
    ------
    Richardson (1972), JOSA 62, and Lucy (1974), AJ 79, for the deconvolution, stopped early as regularisation. Differs:
    every other step is squared, the classes left out are one. Started from the estimated prior instead of a uniform q
    it lost .08 of average precision if a class had been estimated away.

    Examples
    --------
    The model says .8, the most it can say when a fifth of the labels are wrong, and the label disagrees:

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
    k, entries = len(transition), entries_of(transition)
    near = near_probs(NearClasses(k).rows({"labels": labels, "probs": probs}), k, power)
    true = deconvolved(near, entries, brief=agreed(labels, near), steps=steps)
    return _dense(near, true * entries.take(labels * k + near.classes), k)


def dense_true_probs(probs: Probs, transition: ClassMatrix, *, power: float, steps: int) -> Probs:
    """q(x): the model's distribution of the true class, before the given label is used; 0 beyond the near classes."""
    k, no_row = len(transition), np.zeros(len(probs), dtype=bool)
    near = near_probs(NearClasses(k).rows({"labels": probs.argmax(axis=1), "probs": probs}), k, power)
    return _dense(near, deconvolved(near, entries_of(transition), brief=no_row, steps=steps), k)


def entries_of(transition: ClassMatrix) -> npt.NDArray[np.float32]:
    """T in single precision, with no zero."""
    return np.maximum(transition, _LEAST_ENTRY, dtype=np.float32)


def _dense(near: NearProbs, some: npt.NDArray[np.float32], k: int) -> Probs:
    dense, shares = np.zeros((some.shape[1], k)), some.astype(np.float64)
    dense[np.arange(len(dense)), near.classes] = shares / shares.sum(axis=0)
    return dense
