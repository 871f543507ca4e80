"""What other models know of the labels, for the rows on which one model cannot tell c."""

from __future__ import annotations

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from dechaff.core.row_hash import row_hash
from dechaff.estimators.feature_columns import MOST_COLUMNS, feature_columns
from dechaff.estimators.flexible_reference import flexible_reference
from dechaff.estimators.pu_rows import PURows
from dechaff.estimators.usual_model import usual_model
from dechaff.methods.pu.elkan_noto import out_of_fold_label_probs
from dechaff.models.calm import calm
from dechaff.typing import Groups, Numbers

FEWEST = 10
"""Different labelled rows that another model can learn from."""


def second_opinions(rows: PURows, folds: Groups, *, seed: int = 0) -> tuple[Numbers, ...]:
    """Out-of-fold g of a linear model and of boosted trees, on the columns of X as numbers.

    None where X has no such columns, as texts, or too many for the trees, or where few rows are labelled.

    Parameters
    ----------
    rows : n rows, all of weight above 0
    folds : (n,) int
        Number of each row's fold.
    seed : decides which rows the trees learn from, where there are many.

    Returns
    -------
    tuple of (n,) float in [0, 1]

    Examples
    --------
    >>> x = np.repeat(np.arange(8.0), 50)[:, None] + np.linspace(0, 1, 400)[:, None]
    >>> labelled = (x[:, 0] > 2) & (x[:, 0] < 5)
    >>> linear, trees = second_opinions(PURows(x, labelled), np.arange(400) % 5)
    >>> bool(trees[labelled].mean() > 2 * linear[labelled].mean())
    True
    """
    if len(np.unique(row_hash(rows.X)[rows.labelled])) < FEWEST:
        return ()
    columns = feature_columns(rows.X)
    if columns is None or columns.values.shape[1] > MOST_COLUMNS:
        return ()
    values = np.where(np.isinf(columns.values), np.nan, columns.values)
    plain = PURows(values, rows.labelled, rows.weights)
    linear = make_pipeline(SimpleImputer(keep_empty_features=True), usual_model(values))
    # Small fits: threads that wait for each other cost many times the work where the machine is busy.
    with calm():
        by_line = out_of_fold_label_probs(plain.fit_predict(linear), rows.labelled, folds)
        by_trees = flexible_reference(values, rows.labelled, folds, weights=rows.weights, seed=seed)
    return (by_line,) if by_trees is None else (by_line, by_trees)
