"""Probabilities of items that differ in how clear they are, from weighted votes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp

from dechaff.methods.consensus.answer_rows import softmax
from dechaff.typing import ClassVector, Probs

CONCENTRATIONS = (512.0, 128.0, 64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0, 0.5)
_MOST_ITEMS = 20_000
"""Items by which the model is estimated; of more of them, every second one or so."""
_ROUNDS = 40
_SETTLED = 1e-3
_OTHER, _OWN = 0.1, 0.5
"""Votes that each class is given beside its own: of any class, and in addition of itself."""


@dataclass(frozen=True)
class DirichletMultinomial:
    """Probabilities of each item, and how alike items of one class are."""

    posterior: Probs = field(repr=False)
    """(n, k) float, rows sum to 1."""
    concentration: float
    """Large: items of a class are alike, and annotators err independently. Small: they err on the same items."""


def dirichlet_multinomial(votes: npt.NDArray[np.float64], start: Probs) -> DirichletMultinomial:
    """Probabilities of the classes if each item has frequencies of answers of its own.

    These frequencies are drawn, for each item, from a Dirichlet distribution around those of its class. So many answers
    to one item do not make it certain: they only make its own frequencies known. EM with each of ten concentrations;
    the one of the largest likelihood is taken.

    Parameters
    ----------
    votes : (n, k) float
        Number of votes for each class, or sums of weights whose mean is 1.
    start : (n, k) float, rows sum to 1
        Probabilities that EM begins with.

    Source
    ------
    Mixture of Dirichlet compound multinomials: Madsen, Kauchak, Elkan (2005), Modeling word burstiness using the
    Dirichlet distribution, ICML. Differs: one concentration for all classes, and votes that may be weighted.

    Examples
    --------
    >>> votes = np.array([[5.0, 0.0], [0.0, 5.0], [3.0, 2.0]])
    >>> dirichlet_multinomial(votes, np.array([[0.9, 0.1], [0.1, 0.9], [0.6, 0.4]])).posterior.argmax(axis=1)
    array([0, 1, 0])
    """
    some = np.arange(0, len(votes), max(1, -(-len(votes) // _MOST_ITEMS)))
    found, posterior = list[tuple[float, float, _Model]](), start[some]
    for concentration in CONCENTRATIONS:
        model, posterior, likelihood = _estimated(votes[some], posterior, concentration)
        found.append((likelihood, concentration, model))
    _, concentration, model = max(found, key=lambda one: one[0])
    return DirichletMultinomial(softmax(model.joint(votes)), concentration)


@dataclass(frozen=True)
class _Model:
    parameters: Probs
    """(k, k) of the Dirichlet distribution: row = class, column = answer."""
    prior: ClassVector

    def joint(self, votes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(n, k) log-probability of the votes and the class, up to a constant of each item's number of votes."""
        total = self.parameters.sum(axis=1)
        logs = np.log(self.prior) + gammaln(total) - gammaln(votes.sum(axis=1)[:, None] + total)
        for answer, own in enumerate(self.parameters.T):
            given = np.flatnonzero(votes[:, answer])  # most classes have no vote
            logs[given] += gammaln(votes[given, answer, None] + own) - gammaln(own)
        return np.asarray(logs)


def _estimated(votes: npt.NDArray[np.float64], posterior: Probs, concentration: float) -> tuple[_Model, Probs, float]:
    """The model, the probabilities and the log-likelihood after EM."""
    k, joint, model = votes.shape[1], np.zeros(0), None
    for _ in range(_ROUNDS):
        counts = posterior.T @ votes + _OTHER + _OWN * np.eye(k)
        prior = (posterior.sum(axis=0) + _OTHER) / (len(votes) + _OTHER * k)
        model = _Model(concentration * counts / counts.sum(axis=1, keepdims=True), prior)
        joint = model.joint(votes)
        last, posterior = posterior, softmax(joint)
        if np.abs(posterior - last).max(initial=0.0) < _SETTLED:
            break
    assert model is not None
    return model, posterior, float(logsumexp(joint, axis=1).sum())
