"""What the order of the rows gives away: a drift, or a column that only counts them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dechaff.compat.cleanlab.datalab.issues import Inputs, Issues
from dechaff.compat.cleanlab.datalab.near_graph import USUAL_K, near_rows_of
from dechaff.methods.row_order.neighbour_gaps import Neighbours, gap_doubt, gap_p_value


def non_iid(
    rows: Inputs, *, k: int = USUAL_K, metric: str | None = None, significance_threshold: float = 0.05, seed: int = 0
) -> Issues:
    """Rows that are alike stand near each other: the one of which that is most so stands for all of them.

    The score of the data set is the share of random orders in which they would stand as near.
    """
    if rows.features is None and rows.knn_graph is None:
        rows = replace(rows, features=rows.probs)
    random = np.random.default_rng(seed)
    neighbours, known = _near_in_any_order(rows, k, metric, random)
    p_value = gap_p_value(neighbours, random=random)
    score, flag = np.full(len(known), np.nan), np.zeros(len(known), dtype=bool)
    score[known] = 1 - gap_doubt(neighbours)
    if p_value < significance_threshold:
        flag[np.nanargmin(score)] = True
    return Issues(flag, score, p_value, {"p-value": p_value, "k": neighbours.shape[1]})


def _near_in_any_order(
    rows: Inputs, k: int, metric: str | None, random: np.random.Generator
) -> tuple[Neighbours, npt.NDArray[np.bool_]]:
    """As `near_rows_of`, but that chance says which of equally near rows are taken: their numbers are in question."""
    if rows.knn_graph is not None:
        near, known = near_rows_of(rows, k, metric)
        return near.ids, known
    assert rows.features is not None
    order = random.permutation(len(rows.features))
    near, drawn = near_rows_of(replace(rows, features=rows.features[order]), k, metric)
    place = np.argsort(np.argsort(order[drawn]))
    neighbours, known = np.empty_like(near.ids), np.empty_like(drawn)
    neighbours[place], known[order] = place[near.ids], drawn
    return neighbours, known


def identifier_column(rows: Inputs) -> Issues:
    """Columns of features that number the rows; a data set without one has the score 1, and no row is an issue."""
    assert rows.features is not None
    n, columns = rows.features.shape
    found = [place for place in range(columns) if _counts(rows.features[:, place])]
    info = {"identifier_columns": found, "num_identifier_columns": len(found)}
    return Issues(np.zeros(n, dtype=bool), np.ones(n), float(not found), info)


def _counts(column: np.ndarray) -> bool:
    """Whether the different values of a column are whole numbers without a gap, more than one."""
    if column.dtype.kind not in "fiu" or not np.isfinite(column).all():
        return False
    values = np.unique(column)
    return len(values) > 1 and bool((np.diff(values) == 1).all()) and float(values[0]).is_integer()
