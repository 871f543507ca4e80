"""The order of outliers, once a person has confirmed a few of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import Features, Numbers, Rows

_ORDINARY = 200
"""Unreviewed rows that stand for ordinary ones: most rows are."""
_CLIP = 5.0
_PENALTY = 0.05
"""Strong, because there are few reviews: weights stay small unless several reviews agree."""


def reviewed_order(
    surprise: Numbers, content: Features, rows: Rows, outlier: npt.NDArray[np.bool_], *, rng: np.random.Generator
) -> Numbers:
    """How much each row is like the confirmed outliers and unlike all others: higher = more.

    A logistic regression on the surprise of a row and on its columns, so that outliers of the kind that matters to the
    reviewer come first, and rare but welcome rows last. Without a confirmed outlier, or with all rows confirmed, it is
    the surprise.

    Parameters
    ----------
    surprise : (n,) float
        Of each row, before reviews.
    content : (n, d) float
        The rows, scaled.
    rows, outlier : (m,) the rows that were reviewed, and whether each is an outlier.
    rng : draws the unreviewed rows that stand for ordinary ones; together they weigh as much as the reviews.

    Source
    ------
    Han et al. (2022), ADBench, NeurIPS, section 4.2: a few labels beat the best detector without any. The
    regression is Hoerl, Kennard (1970), Technometrics 12, in its logistic form.

    Examples
    --------
    >>> content = np.array([[0.0], [0.1], [3.0], [-3.0], [3.2], [-3.2]])
    >>> order = reviewed_order(
    ...     np.abs(content[:, 0]), content, np.array([2, 3]), np.array([True, False]), rng=np.random.default_rng(0)
    ... )
    >>> bool(order[4] > order[5])
    True
    """
    others = np.setdiff1d(np.arange(len(surprise)), rows)
    if not outlier.any() or not len(others):
        return surprise
    from sklearn.linear_model import LogisticRegression

    drawn = rng.choice(others, min(_ORDINARY, len(others)), replace=False)
    spread = content.std(axis=0)
    scaled = (content - np.median(content, axis=0)) / np.where(spread > 0, np.maximum(spread, 1.0), 1.0)
    evidence = np.column_stack([surprise, np.clip(np.nan_to_num(scaled), -_CLIP, _CLIP)])
    learner = LogisticRegression(C=_PENALTY, max_iter=1_000)
    weights = np.r_[np.ones(len(rows)), np.full(len(drawn), len(rows) / len(drawn))]
    learner.fit(evidence[np.r_[rows, drawn]], np.r_[outlier, np.zeros(len(drawn), dtype=bool)], sample_weight=weights)
    return np.asarray(learner.decision_function(evidence))
