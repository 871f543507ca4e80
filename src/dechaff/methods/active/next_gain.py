"""How much more often a model will be right after the next labels, judged by how the last ones have changed it."""

from __future__ import annotations

from dechaff.typing import Labels

PAYS = 0.005
"""The next labels do not pay if they are expected to raise accuracy by less than this."""
OF_CHANGED = 1 / 6
"""Gain by the next labels, as a fraction of the predictions that the last ones have changed for good."""


def next_gain(now: Labels, middle: Labels, before: Labels) -> float:
    """Expected gain in accuracy by as many labels as lie between two models, from predictions alone.

    Predictions that change back and forth gain nothing, and they change as often since one step ago as since two. What
    has changed since two steps ago beyond that are changes for good.

    Parameters
    ----------
    now, middle, before : (n,) int
        The classes that three models predict of the same rows, a random sample from which they have not learnt: the
        model as it is, that of one step ago, and that of two steps ago.

    Returns
    -------
    float, 0 or more

    Source
    ------
    Stopping by stable predictions: Bloodgood, Vijay-Shanker (2009), A method for stopping active learning based on
    stabilizing predictions, CoNLL. Differs: changes back and forth do not count, and the limit is a gain in accuracy
    by a number of labels. The fraction is ours.

    Examples
    --------
    >>> next_gain(np.array([0, 1, 1, 1]), np.array([0, 1, 1, 0]), np.array([1, 0, 1, 1])).__round__(3)
    0.042
    """
    if not len(now):
        return 0.0
    changed = float((now != before).mean()) - float((now != middle).mean())
    return max(0.0, OF_CHANGED * changed)
