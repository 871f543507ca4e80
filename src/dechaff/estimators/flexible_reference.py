"""What boosted trees know of the labels: the reference that a stiffer model is held against."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier

from dechaff.core.row_hash import mixed, row_hash
from dechaff.methods.pu.elkan_noto import out_of_fold_label_probs
from dechaff.typing import Features, Groups, Mask, Numbers, Rows

FEWEST = 20
"""Labelled rows that trees can learn from."""


MOST_ROWS = 5_000
"""That trees learn from at once: more make them slow, and tell c no better."""


def flexible_reference(
    features: Features, labelled: Mask, folds: Groups, *, weights: Numbers | None = None, seed: int = 0
) -> Numbers | None:
    """Out-of-fold g of boosted trees; None where too few rows are labelled for them.

    Parameters
    ----------
    features : (n, d) float
        NaN where a value is missing.
    labelled : (n,) bool
    folds : (n,) int
        Number of each row's fold; -1 leaves a row out.
    weights : (n,) float, above 0
        How often each row counts.
    seed : decides the bins of the trees, and the rows that they learn from where there are many.

    Returns
    -------
    (n,) float in [0, 1], NaN for rows that were left out; or None

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
        fit_rows, excess = _some(features, labelled, fit_rows, seed)
        fit_codes = labelled[fit_rows].astype(np.int64)
        # Small leaves where few rows are labelled; else no leaf could be made of them alone.
        leaf = int(np.clip(fit_codes.sum() // 10, 2, 20))
        trees = HistGradientBoostingClassifier(
            max_iter=80, max_leaf_nodes=15, min_samples_leaf=leaf, early_stopping=False, random_state=seed
        )
        # No weights where none are given: they make scikit-learn's binning many times slower.
        trees.fit(features[fit_rows], fit_codes, sample_weight=None if weights is None else weights[fit_rows])
        probs = trees.predict_proba(features[predict_rows]) / [1.0, excess]
        return np.asarray(probs / probs.sum(axis=1, keepdims=True))

    return out_of_fold_label_probs(fit_predict, labelled, folds)


def _some(features: Features, labelled: Mask, rows: Rows, seed: int) -> tuple[Rows, float]:
    """At most `MOST_ROWS` of the rows, half of them labelled where there are so many.

    Chosen by what the rows are and not by where they stand. Also by how much the odds of a label are higher in them.
    """
    if len(rows) <= MOST_ROWS:
        return rows, 1.0
    lot = mixed(row_hash(features[rows]) ^ mixed(np.array([seed % 2**64], dtype=np.uint64)))
    by_lot = rows[np.argsort(lot)]
    kinds = by_lot[labelled[by_lot]], by_lot[~labelled[by_lot]]
    n_labelled = min(len(kinds[0]), max(MOST_ROWS // 2, MOST_ROWS - len(kinds[1])))
    taken = kinds[0][:n_labelled], kinds[1][: MOST_ROWS - n_labelled]
    shares = [len(some) / len(kind) for some, kind in zip(taken, kinds, strict=True)]
    return np.concatenate(taken), shares[0] / shares[1]
