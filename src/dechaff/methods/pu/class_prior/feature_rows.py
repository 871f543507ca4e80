"""Checks of features and labels, for estimators that use rows instead of scores."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.errors import InputError
from dechaff.typing import Features, Mask


def check_feature_rows(features: Features, labelled: Mask, *, fewest: int) -> None:
    """Refuses rows that differ in number, are not finite, of one kind only, or too few.

    Raises
    ------
    InputError
        With the first bad place.
    """
    check_same_length(features=features, labelled=labelled)
    if features.ndim != 2 or features.shape[1] == 0:
        found = f"an array of shape {features.shape}"
        raise InputError("features", "have rows and at least one column", found, "Pass one row per example.")
    if len(labelled) < fewest:
        raise InputError("features", f"have at least {fewest} rows", str(len(labelled)), "Pass more rows.")
    _refuse_gaps(features)
    if labelled.dtype != np.bool_ or labelled.all() or not labelled.any():
        raise InputError(
            "labelled",
            "be True for some rows and False for some",
            f"{int(labelled.sum())} of {len(labelled)} rows, of {labelled.dtype}",
            "Pass labelled positives together with unlabelled rows.",
        )


def _refuse_gaps(features: npt.NDArray[np.float64]) -> None:
    bad = ~np.isfinite(features)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        found = f"{features[row, column]} in row {row}, column {column} ({int(bad.sum())} such cells)"
        raise InputError("features", "be finite", found, "Fill the gaps, for example with the median of the column.")
