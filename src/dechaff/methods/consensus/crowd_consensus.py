"""The label of each item and its probability, from the answers of annotators and, if there is one, a model."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dechaff.methods.consensus.answer_rows import AnswerRows, CrowdModel, ItemSums, rounded
from dechaff.methods.consensus.dawid_skene import dawid_skene
from dechaff.methods.consensus.dirichlet_multinomial import dirichlet_multinomial
from dechaff.methods.consensus.held_out_powers import Powers, class_shares, combined, held_out_powers
from dechaff.typing import ClassVector, Probs

_LEAST = 1e-9
_LEAST_WEIGHT = 0.02
"""Of an annotator who answers at random."""


@dataclass(frozen=True)
class CrowdConsensus:
    """Probabilities of n items, and what they were made of."""

    posterior: Probs = field(repr=False)
    """(n, k) float, rows sum to 1."""
    crowd: CrowdModel = field(repr=False)
    """How each annotator answers."""
    powers: Powers
    prior: ClassVector
    """(k,) frequencies of the classes."""
    from_answers: Probs = field(repr=False)
    """(n, k) log-likelihood of the answers of each item, times its power."""
    from_model: Probs = field(repr=False)
    """(n, k) log-probabilities of the model times their power; 0 without a model."""

    @property
    def uses_model(self) -> bool:
        """Whether the model helps to predict held-out answers."""
        return bool(self.from_model.any())

    @property
    def model_beats_crowd(self) -> bool:
        """Whether the model alone predicts held-out answers better than the other answers of the item do."""
        return self.powers.model_loss < self.powers.answers_loss

    @property
    def before_answers(self) -> Probs:
        """(n, k) log-probabilities of the items before their answers."""
        return self.from_model if self.uses_model else np.broadcast_to(np.log(self.prior), self.from_model.shape)


def crowd_consensus(rows: AnswerRows, model: Probs | None = None) -> CrowdConsensus:
    """Probabilities of the classes of each item, which decide well and allow for errors in common.

    Dawid–Skene decides well but is far too sure of items with many answers. So the likelihood of an item's answers is
    raised to a power, and with it, if there is a model, its probabilities, which come in place of the frequencies of
    classes; both powers are those that predict held-out answers best. Errors that all annotators make alike cannot be
    seen in held-out answers. Therefore, without a model, the mean is taken with two others of weighted votes: their
    fractions, which stay apart from 0 and 1 however many answers there are, and the probabilities if each item has
    frequencies of answers of its own.

    Parameters
    ----------
    rows : AnswerRows
    model : (n, k) float, rows sum to 1
        Out-of-sample probabilities of the items. A model that was trained on true labels is worth more than one that
        was trained on answers, which repeats their common errors.

    Source
    ------
    This library, after Dawid, Skene (1979), Applied Statistics 28; see `dawid_skene`, `held_out_powers` and
    `dirichlet_multinomial`. Fractions of votes as in `wawa`, weighted by accuracy above chance, with one more answer
    spread evenly over the classes.

    Examples
    --------
    >>> rows = AnswerRows.of(np.repeat(np.arange(6), 3), np.tile([0, 1, 2], 6), np.array([0, 0, 1, 1, 1, 1] * 3))
    >>> crowd_consensus(rows).posterior.argmax(axis=1)
    array([0, 1, 0, 1, 0, 1])
    """
    powers = held_out_powers(rows, model)
    used = None if model is None or powers.model == 0 else model
    crowd = dawid_skene(rows, prior=used)
    prior = class_shares(crowd)
    sums = rows.run(ItemSums(crowd.logs, rows.n_items))
    logs = None if used is None else np.log(np.maximum(used, _LEAST))
    posterior = combined(sums, np.log(prior), logs, powers.answers, powers.model)
    if used is None:
        posterior = (posterior + _by_weighted_votes(rows, crowd, posterior)) / 3
    from_model = np.zeros_like(sums) if logs is None else powers.model * logs
    return CrowdConsensus(posterior, crowd, powers, prior, powers.answers * sums, from_model)


def _by_weighted_votes(rows: AnswerRows, crowd: CrowdModel, start: Probs) -> Probs:
    """(n, k) the sum of the fractions of weighted votes and of `dirichlet_multinomial` of them."""
    k = rows.n_classes
    weights = np.maximum(np.einsum("mcc->m", crowd.answers) / k - 1 / k, _LEAST_WEIGHT)
    votes = rows.run(ItemSums(rounded(weights[:, None, None] * np.eye(k)), rows.n_items))
    more = votes + weights.mean() / k
    each = votes * (len(rows.items) / votes.sum())
    return np.asarray(more / more.sum(axis=1, keepdims=True) + dirichlet_multinomial(each, start).posterior)
