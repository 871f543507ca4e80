"""An order of columns: each next one tells the most of the label that the ones before it do not tell yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes
from dechaff.typing import Figures, Labels, Rows


@dataclass(frozen=True)
class ColumnOrder:
    """Columns (m,) in order, and of each its relevance to the label less its mean redundancy, in nats."""

    order: Rows
    score: Figures


def mrmr_order(columns: npt.NDArray[np.int64], labels: Labels, *, most: int | None = None) -> ColumnOrder:
    """Columns by minimum redundancy and maximum relevance.

    Parameters
    ----------
    columns : (n, d) int, not negative
        Each column as categories or bins; missing is a category, too.
    labels : (n,) int, 0 … k-1
    most : how many columns to order; all if None

    Returns
    -------
    ColumnOrder

    Source
    ------
    Peng, Long, Ding (2005), Feature selection based on mutual information, IEEE PAMI 27, eq. 6 and 7 (difference form).

    Examples
    --------
    >>> labels = np.arange(80) % 4
    >>> half, other_half = labels // 2, labels % 2
    >>> mrmr_order(np.stack([half, half, other_half], axis=1), labels).order
    array([0, 2, 1])
    """
    d = columns.shape[1]
    m = d if most is None else min(most, d)
    relevance = np.array([mutual_information(columns[:, at], labels) for at in range(d)])
    redundancy, left = np.zeros(d), np.ones(d, dtype=np.bool_)
    order, score = np.zeros(m, dtype=np.int64), np.zeros(m)
    for place in range(m):
        worth = np.where(left, relevance - redundancy / max(place, 1), -np.inf)
        order[place] = chosen = int(worth.argmax())
        score[place], left[chosen] = worth[chosen], False
        if place + 1 < m:
            for other in np.flatnonzero(left).tolist():
                redundancy[other] += mutual_information(columns[:, other], columns[:, chosen])
    return ColumnOrder(order, score)


def mutual_information(first: Codes, second: Codes) -> float:
    """The information that two columns of categories share, in nats; less its expectation by chance, and at least 0.

    Parameters
    ----------
    first, second : (n,) int, not negative

    Source
    ------
    Shannon (1948); the bias of the estimate: Miller (1955), Note on the bias of information estimates.

    Examples
    --------
    >>> coin = np.arange(1000) % 2
    >>> round(mutual_information(coin, coin), 2), mutual_information(coin, np.arange(1000) // 500)
    (0.69, 0.0)
    """
    n, width = len(first), int(second.max(initial=0)) + 1
    joint = np.bincount(first * width + second, minlength=(int(first.max(initial=0)) + 1) * width)
    table = joint.reshape(-1, width) / max(n, 1)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    seen = table > 0
    information = float((table[seen] * np.log(table[seen] / np.outer(rows, columns)[seen])).sum())
    by_chance = ((rows > 0).sum() - 1) * ((columns > 0).sum() - 1) / (2 * max(n, 1))
    return max(0.0, information - float(by_chance))
