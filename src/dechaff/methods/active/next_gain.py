"""How much more often a model will be right after the next labels, judged by how much the last ones have changed it."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Labels, Probs

PAYS = 0.005
"""The next labels do not pay if they are expected to raise accuracy by less than this."""
OF_BELIEVED, OF_CHANGED = 1 / 2, 1 / 8
"""Gain by the next labels, as a fraction of what the last ones have changed."""


def next_gain(probs: Probs, before: Labels, *, last: int, step: int) -> float:
    """Expected gain in accuracy by the next labels: a part of what as many labels have changed in the predictions.

    No label is needed. Two signs count, of which the larger is taken: by how much the model believes to be right more
    often than the earlier one, which is too little for a model that is not sure enough; and how many predictions have
    changed.

    Parameters
    ----------
    probs : (n, k) float, rows sum to 1
        Of a random sample of rows, by the model, which has not learnt from them.
    before : (n,) int, 0 … k-1
        The classes that the model of `last` labels ago has predicted.
    last, step : numbers of labels, 1 or more
        That were added since, and that are to be added.

    Returns
    -------
    float, 0 or more

    Source
    ------
    Stopping by stable predictions: Bloodgood, Vijay-Shanker (2009), A method for stopping active learning based on
    stabilizing predictions, CoNLL. Differs: what is compared lies a fixed number of labels back, changes among equally
    probable classes count less, and the limit is a gain in accuracy. The fractions are ours.

    Examples
    --------
    >>> next_gain(np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([0, 0]), last=100, step=50).__round__(3)
    0.031
    """
    if not len(before):
        return 0.0
    believed = float((probs.max(axis=1) - probs[np.arange(len(before)), before]).mean())
    changed = float((probs.argmax(axis=1) != before).mean())
    return max(OF_BELIEVED * believed, OF_CHANGED * changed) * step / last
