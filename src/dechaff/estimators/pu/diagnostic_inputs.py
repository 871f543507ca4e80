"""What the diagnostics compare: feature columns, a flexible reference model, and reweighting options."""

from __future__ import annotations

from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier

from dechaff.methods.pu.elkan_noto import out_of_fold_label_probs
from dechaff.typing import Features, Groups, Mask, Numbers

MOST_COLUMNS = 200
"""Columns kept of a sparse matrix: those with most values. Nearly empty columns do not help to compare rows."""
MOST_CATEGORIES = 10
"""Most frequent categories kept per column."""

_Named = list[tuple[str, npt.NDArray[np.float64]]]


class FeatureColumns(NamedTuple):
    """Numeric columns and their names."""

    values: Features
    """(n, d) float, NaN = missing."""
    names: tuple[str, ...]
    """Empty if the columns have no names."""


def feature_columns(X: Any) -> FeatureColumns | None:
    """The columns of X as numbers; None if there are none (texts, for example) or a column name is repeated.

    Categories are one-hot encoded; dates and times become seconds; texts and nested values are left out.

    Parameters
    ----------
    X : array, sparse matrix, data frame (pandas, polars), or sequence

    Examples
    --------
    >>> import polars
    >>> found = feature_columns(polars.DataFrame({"size": [1.5, None], "colour": ["red", "blue"]}))
    >>> found.names
    ('size', 'colour = blue', 'colour = red')
    >>> found.values
    array([[1.5, 0. , 1. ],
           [nan, 1. , 0. ]])
    """
    if hasattr(X, "tocsc"):
        return _sparse(X.tocsc())
    if hasattr(X, "columns"):
        return _frame(X)
    table = np.asarray(X)
    if table.ndim != 2 or table.dtype.kind not in "biuf" or table.shape[1] == 0:
        return None
    return FeatureColumns(table.astype(np.float64), ())


def _sparse(matrix: Any) -> FeatureColumns:
    filled = np.diff(matrix.indptr)
    chosen = np.sort(np.argsort(-filled, kind="stable")[:MOST_COLUMNS])
    names = () if matrix.shape[1] <= MOST_COLUMNS else tuple(f"column {place}" for place in chosen)
    return FeatureColumns(matrix[:, chosen].toarray().astype(np.float64), names)


def _frame(X: Any) -> FeatureColumns | None:
    if len(set(X.columns)) < len(X.columns):
        return None
    frame = nw.from_native(X, eager_only=True)
    named = [pair for name in frame.columns for pair in _numbers(frame[name], str(name))]
    if not named:
        return None
    return FeatureColumns(np.stack([values for _, values in named], axis=1), tuple(name for name, _ in named))


def _numbers(column: nw.Series[Any], name: str) -> _Named:
    kind = column.dtype
    if kind.is_numeric() or kind == nw.Boolean:
        return [(name, column.cast(nw.Float64).to_numpy().astype(np.float64))]
    if kind in (nw.Date, nw.Datetime):
        seconds = column.cast(nw.Datetime("us")).dt.timestamp("ms").cast(nw.Float64).to_numpy()
        return [(name, seconds.astype(np.float64) / 1000)]
    if kind in (nw.String, nw.Categorical, nw.Enum, nw.Object):
        return _categories(column, name)
    return []


def _categories(column: nw.Series[Any], name: str) -> _Named:
    """One-hot columns; none if most values are unique, as in texts."""
    values = np.array([str(value) for value in column.to_list()], dtype=object)
    found, counts = np.unique(values.astype(str), return_counts=True)
    if len(found) > max(2, len(values) / 2):
        return []
    frequent = sorted(found[np.lexsort((found, -counts))][:MOST_CATEGORIES])
    return [(f"{name} = {category}", (values == category).astype(np.float64)) for category in frequent]


FEWEST = 20
"""Fewest labelled rows for which trees are trained."""


def flexible_reference(features: Features, labelled: Mask, folds: Groups, *, seed: int = 0) -> Numbers | None:
    """Out-of-fold g of boosted trees, a reference for less flexible models; None with fewer than 20 labelled rows.

    Parameters
    ----------
    features : (n, d) float
        NaN where a value is missing.
    labelled : (n,) bool
    folds : (n,) int
        Fold of each row; -1 leaves a row out.
    seed : int
        Seed of the trees.

    Returns
    -------
    (n,) float in [0, 1], NaN for rows left out; or None

    Examples
    --------
    >>> x = np.repeat(np.arange(8.0), 50)
    >>> inside = (x > 1) & (x < 5)
    >>> g = flexible_reference(x[:, None], inside, np.tile(np.arange(5), 80))
    >>> bool(g[inside].min() > 0.9 and g[~inside].max() < 0.1)
    True
    """
    if labelled.sum() < FEWEST:
        return None

    def fit_predict(
        fit_rows: npt.NDArray[np.int64], fit_codes: npt.NDArray[np.int64], predict_rows: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        # Small leaves if few rows are labelled, so that a leaf can hold labelled rows only.
        leaf = int(np.clip(fit_codes.sum() // 10, 2, 20))
        trees = HistGradientBoostingClassifier(
            max_iter=80, max_leaf_nodes=15, min_samples_leaf=leaf, early_stopping=False, random_state=seed
        )
        return np.asarray(trees.fit(features[fit_rows], fit_codes).predict_proba(features[predict_rows]))

    return out_of_fold_label_probs(fit_predict, labelled, folds)


_NEUTRAL: dict[str, tuple[object, ...]] = {
    "class_weight": (None,),
    "class_weights": (None,),
    "auto_class_weights": (None, "None"),
    "scale_pos_weight": (None, 1, 1.0),
    "is_unbalance": (None, False),
}
"""Last part of a parameter's name -> values that do not reweight classes."""


def reweighting_of(model: Any) -> str:
    """The option or step by which a model reweights or resamples classes, as text; "" if there is none.

    Such models do not give calibrated probabilities of a label. Recognises parameters of scikit-learn, LightGBM,
    XGBoost and CatBoost, also inside pipelines, and resampling steps such as those of imbalanced-learn.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> reweighting_of(make_pipeline(LogisticRegression(class_weight="balanced")))
    "class_weight='balanced'"
    >>> reweighting_of(LogisticRegression())
    ''
    """
    if not hasattr(model, "get_params"):
        return ""
    for name, value in sorted(model.get_params().items()):
        last = name.rpartition("__")[2]
        if last in _NEUTRAL and not any(value is one or value == one for one in _NEUTRAL[last]):
            return f"{last}={value!r}"
        if hasattr(value, "fit_resample"):
            return f"a step {type(value).__name__} that resamples"
    return ""
