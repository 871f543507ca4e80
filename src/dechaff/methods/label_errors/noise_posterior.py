"""The true class of a row, given its label, what the model says, and how labels go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dechaff.checks import check_labels_and_probs
from dechaff.core.over_arrays import map_arrays
from dechaff.typing import Chunk, ClassMatrix, ClassVector, Labels, Probs

STEPS = 15
"""Of deconvolution. More follow the error of the probabilities themselves: 10 to 30 measured alike, 3 and
200 worse."""
_TINY = 1e-30


@dataclass(frozen=True)
class NoisePosterior:
    """The row map behind `noise_posterior`."""

    transition: ClassMatrix
    prior: ClassVector
    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> Probs:
        """p(true = j | row, given label) for each row of the chunk."""
        noisy, transition = chunk["probs"], self.transition
        true = np.broadcast_to(self.prior, noisy.shape)
        for _ in range(STEPS):  # a step keeps the sum at one, as the columns of T add up to one
            seen = np.einsum("nj,ij->ni", true, transition)
            true = true * np.einsum("ni,ij->nj", noisy / np.maximum(seen, _TINY), transition)
        joint = transition[chunk["labels"]] * true
        return np.asarray(joint / np.maximum(joint.sum(axis=1, keepdims=True), _TINY))


def noise_posterior(labels: Labels, probs: Probs, *, transition: ClassMatrix, prior: ClassVector) -> Probs:
    """Probability of each true class of each row, after its given label has been taken into account.

    A model trained on noisy labels predicts the *given* label, ``p(x) = T q(x)``. The deconvolution finds the
    q(x) that explains p(x), starting from the prior; Bayes' rule then adds the row's own label:
    ``p(true = j | x, given = i)`` is proportional to ``T[i, j] q_j(x)``.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities of a model trained on these labels, made honest by `sharpened`.
    transition : (k, k) float, columns sum to 1
        ``T[i, j]`` = p(given = i | true = j), above zero.
    prior : (k,) float, sums to 1
        Shares of the true classes.

    Returns
    -------
    (n, k) float, rows sum to 1
        One minus the entry of the given label is the probability that the label is wrong.

    Source
    ------
    Richardson (1972), JOSA 62, and Lucy (1974), AJ 79, for the deconvolution, stopped early, which smooths.

    Examples
    --------
    The model says .8, the most it can say when a fifth of the labels are wrong, and the label disagrees:

    >>> import numpy as np
    >>> noisy = np.array([[0.8, 0.2], [0.2, 0.8]])
    >>> noise_posterior(np.array([1]), np.array([[0.8, 0.2]]), transition=noisy, prior=np.array([0.5, 0.5])).round(1)
    array([[0.9, 0.1]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    posterior: Probs = map_arrays(NoisePosterior(transition, prior), labels=labels, probs=probs)
    return posterior
