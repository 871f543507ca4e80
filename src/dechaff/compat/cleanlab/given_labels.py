"""The labels, probabilities and issues that a caller of ``CleanLearning`` hands in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels, check_labels_and_probs
from dechaff.compat.cleanlab.label_issues import LabelIssues
from dechaff.errors import InputError
from dechaff.estimators.class_labels import ClassLabels, read_class_labels
from dechaff.typing import Labels, Mask, Probs, Rows


def one_of(y: Any, labels: Any) -> Any:
    """The labels, by whichever of their two names they came."""
    if (y is None) == (labels is None):
        found = "neither" if y is None else "both"
        # scikit-learn expects these words if y is None.
        must = "be passed by one of these names: requires y to be passed, but the target y is None"
        raise InputError("y or labels", must, found, "Call fit(X, y).")
    return labels if y is None else y


def labels_with_probs(labels: Any, pred_probs: Any) -> tuple[ClassLabels, Probs]:
    """Both validated; whole numbers are column positions, other names are the columns in sorted order."""
    array = np.asarray(labels)
    if array.dtype.kind in "iu":
        codes, probs = check_labels_and_probs(array, pred_probs)
        return ClassLabels(codes, np.arange(probs.shape[1])), probs
    given = read_class_labels(labels)
    codes, probs = check_labels_and_probs(given.codes, pred_probs)
    if probs.shape[1] != len(given.classes):
        fix = "Leave out columns of classes that no row has, or pass whole numbers as labels."
        found = f"{probs.shape[1]} columns for {len(given.classes)} names"
        raise InputError("pred_probs", "have one column for each name, in sorted order", found, fix)
    return ClassLabels(codes, given.classes), probs


def given_issues(label_issues: Any, given: ClassLabels) -> Mask:
    """A mask (n,) from a table of `find_label_issues`, a mask, or the rows that are issues."""
    n = len(given.codes)
    if hasattr(label_issues, "columns"):
        return _mask_of_table(label_issues, given)
    array = np.asarray(label_issues)
    if array.dtype == np.bool_ and array.shape == (n,):
        return array
    if array.dtype.kind in "iu" and array.ndim == 1 and len(np.unique(array)) == len(array):
        mask = np.zeros(n, dtype=bool)
        mask[check_labels(array, n, name="label_issues")] = True
        return mask
    fix = "Pass what find_label_issues returns."
    found = f"shape {array.shape} of {array.dtype}"
    raise InputError("label_issues", f"be a table, a mask of {n} rows, or the numbers of rows, each once", found, fix)


def issues_handed_in(label_issues: Any, given: ClassLabels, places: Rows) -> LabelIssues:
    """The issues of the rows at `places`, with the further columns of a table of `find_label_issues`."""
    found = LabelIssues(given_issues(label_issues, given)[places], given.codes[places])
    columns = getattr(label_issues, "columns", ())
    if "label_quality" in columns:
        found = replace(found, quality=np.asarray(label_issues["label_quality"], dtype=np.float64)[places])
    if "predicted_label" in columns:
        found = replace(found, predicted=_codes_of(np.asarray(label_issues["predicted_label"])[places], given.classes))
    return found


def _mask_of_table(table: Any, given: ClassLabels) -> Mask:
    fix = "Pass the table of find_label_issues for these labels."
    if "is_label_issue" not in table.columns or len(table) != len(given.codes):
        must = f"have a column is_label_issue and {len(given.codes)} rows"
        raise InputError("label_issues", must, f"columns {list(table.columns)} and {len(table)} rows", fix)
    if "given_label" in table.columns and (np.asarray(table["given_label"]) != given.classes[given.codes]).any():
        raise InputError("label_issues", "contain the given labels of these rows", "other labels", fix)
    return np.asarray(table["is_label_issue"], dtype=bool)


def _codes_of(names: npt.NDArray[Any], classes: npt.NDArray[Any]) -> Labels:
    """The place of each name among the classes, which are sorted."""
    codes = np.searchsorted(classes, names).clip(max=len(classes) - 1)
    if (classes[codes] != names).any():
        fix = "Pass the table of find_label_issues for these labels."
        raise InputError("label_issues", "predict labels of the classes of y", "other labels", fix)
    return np.asarray(codes)


def rows_alike(hashes: Any, codes: Labels, mask: Mask) -> Mask:
    """The mask with every copy of a flagged row (same features, same label) flagged, too."""
    pairs = np.stack([hashes, codes.astype(hashes.dtype)], axis=1)
    kind = np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1)
    return np.asarray(np.bincount(kind, weights=mask)[kind] > 0)
