"""How far to trust answers and a model, by how well they predict answers that were held out."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import numpy.typing as npt

from dechaff.core.row_hash import row_hash
from dechaff.methods.consensus.answer_rows import AnswerRows, CrowdModel, ItemSums, softmax
from dechaff.methods.consensus.dawid_skene import dawid_skene
from dechaff.typing import Mask, Probs

ANSWER_POWERS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0)
MODEL_POWERS = (0.0, 0.3, 0.5, 0.7, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.8, 4.0)
_FOLDS = 5
_ANSWERS_OF_ALL_FOLDS = 100_000
"""With more answers, fewer folds are held out, because luck is small anyway."""
_MOST_JUDGED = 30_000
"""Held-out answers that are predicted per fold."""
_ROUNDS = 30
_LEAST = 1e-9


@dataclass(frozen=True)
class Powers:
    """The powers to which probabilities are raised, and the log-loss of held-out answers that they reach."""

    answers: float
    """Of the likelihood of an item's answers: below 1, because annotators err on the same items."""
    model: float
    """Of the probabilities of the model; 0 = it is not used."""
    loss: float
    """Mean of minus the log-probability of a held-out answer."""
    answers_loss: float
    """The same, by the other answers of the item alone."""
    model_loss: float
    """The same, by the model alone; infinite if there is none."""


NO_POWERS = Powers(1.0, 1.0, np.nan, np.nan, np.inf)
"""If no answer can be held out."""


def held_out_powers(rows: AnswerRows, model: Probs | None = None) -> Powers:
    """The powers of answers and model that predict held-out answers best.

    A fifth of the answers is held out at a time, and each is predicted by what is known of its annotator and by the
    probabilities of its item from the other answers. No true label is needed.

    Parameters
    ----------
    rows : AnswerRows
    model : (n, k) float, rows sum to 1
        Out-of-sample probabilities of the items.

    Source
    ------
    This library; the power of the answers is a power posterior as in Grünwald (2012), The safe Bayesian, ALT, chosen
    by cross-validation.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> true = rng.integers(2, size=300)
    >>> answers = np.where(rng.random((3, 300)) < 0.8, true, 1 - true)
    >>> rows = AnswerRows.of(np.tile(np.arange(300), 3), np.repeat([0, 1, 2], 300), answers.ravel())
    >>> found = held_out_powers(rows, np.full((300, 2), 0.5))
    >>> found.answers_loss < found.model_loss
    True
    """
    fold_of = (row_hash(rows.items.astype(np.int64) * rows.n_annotators + rows.annotators) % np.uint64(_FOLDS)).astype(
        np.int64
    )
    n_folds = max(1, min(_FOLDS, _FOLDS * _ANSWERS_OF_ALL_FOLDS // len(rows.items)))
    judged = [one for fold in range(n_folds) if (one := _HeldOut.of(rows, fold_of == fold, model)) is not None]
    n = sum(len(one.cells) for one in judged)
    if not n:
        return NO_POWERS
    grid = list(product(ANSWER_POWERS, MODEL_POWERS if model is not None else (0.0,)))
    losses = {powers: sum(one.loss(*powers) for one in judged) / n for powers in grid}
    best = min(grid, key=lambda powers: losses[powers])
    alone = min(loss for (_, of_model), loss in losses.items() if of_model == 0)
    by_model = min((loss for (of_answers, power), loss in losses.items() if of_answers == 0 and power), default=np.inf)
    return Powers(*best, losses[best], alone, by_model)


@dataclass(frozen=True)
class _HeldOut:
    """Some held-out answers, and what the others know of them."""

    cells: npt.NDArray[np.float64] = field(repr=False)
    """(h, k) probability of the answer by true class."""
    answers: npt.NDArray[np.float64] = field(repr=False)
    """(h, k) log-likelihood of the other answers of the item."""
    prior: npt.NDArray[np.float64] = field(repr=False)
    model: npt.NDArray[np.float64] | None = field(repr=False)
    """(h, k) log-probabilities."""

    @classmethod
    def of(cls, rows: AnswerRows, out: Mask, model: Probs | None) -> _HeldOut | None:
        kept = rows.take(~out)
        if not len(kept.items):
            return None
        some = np.flatnonzero(out & ((kept.per_item[rows.items] > 0) | (model is not None)))
        some = some[:: max(1, len(some) // _MOST_JUDGED)]
        found: CrowdModel = dawid_skene(kept, prior=model, most_rounds=_ROUNDS)
        items = rows.items[some]
        sums = kept.run(ItemSums(found.logs, rows.n_items))[items]
        prior = np.log(class_shares(found))
        logs = None if model is None else np.log(np.maximum(model[items], _LEAST))
        return cls(found.answers[rows.annotators[some], rows.labels[some]], sums, prior, logs)

    def loss(self, of_answers: float, of_model: float) -> float:
        """The sum of minus the log-probabilities of the answers."""
        known = combined(self.answers, self.prior, self.model, of_answers, of_model)
        return -float(np.log(np.maximum((known * self.cells).sum(axis=1), _LEAST)).sum())


def class_shares(found: CrowdModel) -> npt.NDArray[np.float64]:
    """(k,) frequencies of the classes, above 0."""
    shares = np.maximum(found.posterior.mean(axis=0), _LEAST)
    return np.asarray(shares / shares.sum())


def combined(
    answers: npt.NDArray[np.float64],
    prior: npt.NDArray[np.float64],
    model: npt.NDArray[np.float64] | None,
    of_answers: float,
    of_model: float,
) -> Probs:
    """(n, k) probabilities from log-likelihoods of answers and log-probabilities of a model, each times its power.

    A model that is used comes in place of the prior, the log-frequencies of the classes.
    """
    before = of_answers * prior if model is None or of_model == 0 else of_model * model
    return softmax(of_answers * answers + before)
