"""Who should answer next, for items whose label is not sure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.methods.consensus.answer_rows import AnswerRows
from dechaff.methods.consensus.crowd_consensus import CrowdConsensus
from dechaff.typing import Figures, Mask, Rows

_CANDIDATES = 20
"""Annotators that are considered per item: the best of those who may be asked."""
_FEWEST = 5
"""Answers from which on an annotator is known well enough."""
_ITEMS_AT_ONCE = 2**12


def next_annotators(
    rows: AnswerRows, found: CrowdConsensus, items: Rows, *, may_ask: npt.NDArray[np.bool_]
) -> tuple[Rows, Figures]:
    """The annotator whose answer is expected to raise the probability of the best label most, for each item.

    Parameters
    ----------
    rows : AnswerRows
    found : CrowdConsensus
        Of these answers.
    items : (i,) int
        Codes of the items to ask about.
    may_ask : (m,) bool
        Annotators who may be asked. No annotator is asked twice about an item.

    Returns
    -------
    annotators : (i,) int
        -1 if all have answered, or none may be asked.
    gains : (i,) float in [0, 1]
        Expected probability of the best label after the answer, minus that before it.

    Source
    ------
    Howard (1966), Information value theory: the expected value of one more observation, for a loss of 0 or 1.

    Examples
    --------
    >>> from dechaff.methods.consensus.crowd_consensus import crowd_consensus
    >>> items, people = np.r_[np.repeat(np.arange(9), 3), 9, 9], np.r_[np.tile([0, 1, 2], 9), 0, 2]
    >>> rows = AnswerRows.of(items, people, np.r_[np.array([0, 0, 1, 1, 1, 1, 0, 0, 0] * 3), 0, 1])
    >>> next_annotators(rows, crowd_consensus(rows), np.array([9]), may_ask=np.ones(3, dtype=bool))[0]
    array([1])
    """
    counts = np.bincount(rows.annotators, minlength=rows.n_annotators)
    accuracy = np.einsum("mcc->m", found.crowd.answers)
    able = np.flatnonzero(may_ask & (counts >= min(_FEWEST, int(counts.max()))))
    able = able[np.argsort(-accuracy[able], kind="stable")][:_CANDIDATES]
    chosen, best = np.full(len(items), -1, dtype=np.int64), np.zeros(len(items))
    if not len(able):
        return chosen, best
    asked = _who_answered(rows, items, able)
    for start in range(0, len(items), _ITEMS_AT_ONCE):
        some = slice(start, start + _ITEMS_AT_ONCE)
        posterior = found.posterior[items[some]]
        gains = np.stack([_gain(posterior, found.crowd.answers[one]) for one in able], axis=1)
        gains[asked[some]] = -1.0
        place = gains.argmax(axis=1)
        best[some] = gains[np.arange(len(place)), place]
        chosen[some] = np.where(best[some] >= 0, able[place], -1)
    return chosen, np.maximum(best, 0.0)


def _gain(posterior: Figures, table: Figures) -> Figures:
    """(i,) expected gain of an answer by someone who gives answer l to class c with probability ``table[l, c]``."""
    after = (posterior[:, None, :] * table[None]).max(axis=2).sum(axis=1)
    return np.asarray(np.maximum(after - posterior.max(axis=1), 0.0))


def _who_answered(rows: AnswerRows, items: Rows, able: Rows) -> Mask:
    """(i, c) whether each of the annotators has answered about each of the items."""
    place = np.full(rows.n_annotators, -1, dtype=np.int64)
    place[able] = np.arange(len(able))
    row = np.full(rows.n_items, -1, dtype=np.int64)
    row[items] = np.arange(len(items))
    at, who = row[rows.items], place[rows.annotators]
    both = (at >= 0) & (who >= 0)
    answered = np.zeros((len(items), len(able)), dtype=bool)
    answered[at[both], who[both]] = True
    return answered
