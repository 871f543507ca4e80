"""What boosted trees know of the labels: the reference that a stiffer model is held against."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier

from dechaff.methods.pu.elkan_noto import out_of_fold_label_probs
from dechaff.typing import Features, Groups, Mask, Numbers

FEWEST = 20
"""Labelled rows that trees can learn from."""


def flexible_reference(features: Features, labelled: Mask, folds: Groups, *, seed: int = 0) -> Numbers | None:
    """Out-of-fold g of boosted trees; None where too few rows are labelled for them.

    Parameters
    ----------
    features : (n, d) float
        NaN where a value is missing.
    labelled : (n,) bool
    folds : (n,) int
        Number of each row's fold; -1 leaves a row out.
    seed : decides the bins of the trees.

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
        # Small leaves where few rows are labelled; else no leaf could be made of them alone.
        leaf = int(np.clip(fit_codes.sum() // 10, 2, 20))
        trees = HistGradientBoostingClassifier(
            max_iter=80, max_leaf_nodes=15, min_samples_leaf=leaf, early_stopping=False, random_state=seed
        )
        return np.asarray(trees.fit(features[fit_rows], fit_codes).predict_proba(features[predict_rows]))

    return out_of_fold_label_probs(fit_predict, labelled, folds)
