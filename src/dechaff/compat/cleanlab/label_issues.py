"""What ``CleanLearning`` is given and finds: labels, probabilities, cleanlab's table, and the noise behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from dechaff.checks import check_labels, check_labels_and_probs
from dechaff.compat.cleanlab.count import Counts, compute_confident_joint, estimate_latent
from dechaff.compat.cleanlab.filter import PRUNING, find_label_issues
from dechaff.compat.cleanlab.rank import get_label_quality_scores
from dechaff.data.classes import codes_of
from dechaff.errors import InputError
from dechaff.estimators.class_labels import ClassLabels, read_class_labels
from dechaff.estimators.folded_classifier import checked_classifier
from dechaff.methods.label_errors.latents import inverse_noise_matrix, prior_by_inversion
from dechaff.models.columns import pandas_frame
from dechaff.typing import ClassMatrix, ClassVector, Columns, Groups, Labels, Mask, Numbers, Probs, Rows, Score

USUAL = {"min_examples_per_class": 10}
_NOT_HERE = ("return_indices_ranked_by", "multi_label")


@dataclass(frozen=True)
class Noise:
    """Estimates of the noise, (k, k): by given label in the rows, except for the inverse."""

    confident_joint: Counts
    py: ClassVector
    noise_matrix: ClassMatrix
    inverse_noise_matrix: ClassMatrix
    ps: ClassVector
    """(k,) fraction of the labels in each class."""

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return len(self.ps)


@dataclass(frozen=True)
class LabelIssues:
    """Of n rows; None if not computed."""

    mask: Mask
    given: Labels
    quality: Score | None = None
    predicted: Labels | None = None
    noise: Noise | None = None
    sample_weight: Numbers | None = None
    clf_kwargs: Mapping[str, Any] | None = None
    clf_final_kwargs: Mapping[str, Any] | None = None

    def scattered(self, places: Rows, codes: Labels) -> LabelIssues:
        """The same for more rows, with these at `places`; the others have no issue."""
        n = len(codes)
        whole: Columns = {"mask": np.zeros(n, dtype=bool), "quality": np.full(n, np.nan)}
        whole |= {"predicted": codes.copy(), "sample_weight": np.zeros(n)}
        computed = {name: column for name, column in whole.items() if getattr(self, name) is not None}
        for name, column in computed.items():
            column[places] = getattr(self, name)
        return replace(self, given=codes, **computed)

    def frame(self, classes: npt.NDArray[Any], index: Any) -> Any:
        """cleanlab's table, with the columns that were computed."""
        columns = {
            "is_label_issue": self.mask,
            "label_quality": self.quality,
            "given_label": _named(classes, self.given),
            "predicted_label": None if self.predicted is None else _named(classes, self.predicted),
            "sample_weight": self.sample_weight,
        }
        return pandas_frame({name: column for name, column in columns.items() if column is not None}, index=index)


def _named(classes: npt.NDArray[Any], codes: Labels) -> Any:
    names = classes[codes]
    return names if names.dtype.kind in "iufb" else names.tolist()


@dataclass(frozen=True)
class IssueOptions:
    """The arguments of ``CleanLearning`` for finding issues; the last two go to the functions of that name."""

    thresholds: Any = None
    noise_matrix: Any = None
    inverse_noise_matrix: Any = None
    converge_latent_estimates: bool = False
    find_label_issues: Mapping[str, Any] | None = None
    get_label_quality_scores: Mapping[str, Any] | None = None


def issues_of(codes: Labels, probs: Probs, settings: IssueOptions) -> LabelIssues:
    """Flags, quality and noise, of rows that count once each."""
    options = {**USUAL, **(settings.find_label_issues or {})}
    for name in _NOT_HERE:
        if name in options:
            fix = f"Call dechaff.compat.cleanlab.find_label_issues(…, {name}=…)."
            raise InputError("find_label_issues_kwargs", f"not contain {name}", repr(options[name]), fix)
    noise = _noise(codes, probs, settings, options.get("confident_joint"))
    if options.get("filter_by", PRUNING[0]) in PRUNING:
        options["confident_joint"] = noise.confident_joint
    return LabelIssues(
        mask=find_label_issues(codes, probs, **options),
        given=codes,
        quality=get_label_quality_scores(codes, probs, **(settings.get_label_quality_scores or {})),
        predicted=np.asarray(probs.argmax(axis=1)),
        noise=noise,
    )


def issues_of_weighted(codes: Labels, probs: Probs, settings: IssueOptions, weights: Numbers | None) -> LabelIssues:
    """The same for rows with weights: whole numbers as repeats, others as once."""
    if weights is None or (weights != np.rint(weights)).any():
        return issues_of(codes, probs, settings)
    times = weights.astype(np.int64)
    found = issues_of(codes.repeat(times), probs.repeat(times, axis=0), settings)
    first = np.cumsum(times) - times
    assert found.quality is not None
    assert found.predicted is not None
    return replace(
        found,
        mask=np.logical_or.reduceat(found.mask, first),
        given=codes,
        quality=found.quality[first],
        predicted=found.predicted[first],
    )


def _noise(codes: Labels, probs: Probs, settings: IssueOptions, joint: Any) -> Noise:
    if joint is None:
        joint = compute_confident_joint(codes, probs, thresholds=settings.thresholds)
    prior, noise, inverse = estimate_latent(joint, codes, converge_latent_estimates=settings.converge_latent_estimates)
    shares = np.bincount(codes, minlength=len(noise)) / len(codes)
    if settings.noise_matrix is not None:
        noise = _checked(settings.noise_matrix, "noise_matrix", len(noise))
        prior = prior_by_inversion(shares, noise)
        inverse = inverse_noise_matrix(noise * prior)
    if settings.inverse_noise_matrix is not None:
        inverse = _checked(settings.inverse_noise_matrix, "inverse_noise_matrix", len(noise))
        if settings.noise_matrix is None:
            noise = inverse_noise_matrix(inverse * shares)
    return Noise(joint, prior, noise, inverse, shares)


def _checked(matrix: Any, name: str, k: int) -> ClassMatrix:
    checked = np.asarray(matrix, dtype=np.float64)
    if checked.shape != (k, k) or np.trace(checked) <= 1:
        found = f"shape {checked.shape}" + (f" and trace {np.trace(checked):.3g}" if checked.ndim == 2 else "")
        raise InputError(
            name,
            f"be ({k}, {k}) with a trace above 1",
            found,
            "With a trace of 1 or less the labels carry no information.",
        )
    return checked


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
    return with_columns(read_class_labels(labels), pred_probs)


def with_columns(given: ClassLabels, pred_probs: Any) -> tuple[ClassLabels, Probs]:
    """The same of labels that were read; names have the columns of their codes."""
    if given.classes.dtype.kind in "iu":
        return labels_with_probs(given.classes[given.codes], pred_probs)
    codes, probs = check_labels_and_probs(given.codes, pred_probs)
    if probs.shape[1] != len(given.classes):
        fix = "Leave out columns of classes that no row has, or pass whole numbers as labels."
        found = f"{probs.shape[1]} columns for {len(given.classes)} names"
        raise InputError("pred_probs", "have one column for each name, in sorted order", found, fix)
    return ClassLabels(codes, given.classes), probs


def issues_handed_in(label_issues: Any, given: ClassLabels, places: Rows) -> LabelIssues:
    """The issues of the rows at `places`: from a table of `find_label_issues`, a mask, or the rows that are issues."""
    if hasattr(label_issues, "columns"):
        return _issues_of_table(label_issues, given, places)
    n, array = len(given.codes), np.asarray(label_issues)
    if array.dtype.kind in "iu" and array.ndim == 1 and len(np.unique(array)) == len(array):
        array = np.isin(np.arange(n), check_labels(array, n, name="label_issues"))
    if array.dtype != np.bool_ or array.shape != (n,):
        must = f"be a table, a mask of {n} rows, or the numbers of rows, each once"
        found = f"shape {array.shape} of {array.dtype}"
        raise InputError("label_issues", must, found, "Pass what find_label_issues returns.")
    return LabelIssues(array[places], given.codes[places])


def _issues_of_table(table: Any, given: ClassLabels, places: Rows) -> LabelIssues:
    """With the further columns of the table."""
    fix = "Pass the table of find_label_issues for these labels."
    if "is_label_issue" not in table.columns or len(table) != len(given.codes):
        must = f"have a column is_label_issue and {len(given.codes)} rows"
        raise InputError("label_issues", must, f"columns {list(table.columns)} and {len(table)} rows", fix)
    if "given_label" in table.columns and (np.asarray(table["given_label"]) != given.classes[given.codes]).any():
        raise InputError("label_issues", "contain the given labels of these rows", "other labels", fix)
    found = LabelIssues(np.asarray(table["is_label_issue"], dtype=bool)[places], given.codes[places])
    if "label_quality" in table.columns:
        found = replace(found, quality=np.asarray(table["label_quality"], dtype=np.float64)[places])
    if "predicted_label" in table.columns:
        predicted = codes_of(
            np.asarray(table["predicted_label"])[places], given.classes.tolist(), name="predicted_label"
        )
        found = replace(found, predicted=predicted)
    return found


def rows_alike(found: LabelIssues, hashes: Any, weights: Numbers | None, least: int) -> Mask:
    """The flags, with every copy of a flagged row (same features, same label) flagged, too.

    The worst come first, as long as `least` rows of their class are left.
    """
    codes, mask = found.given, found.mask
    assert found.quality is not None
    pairs = np.stack([hashes, codes.astype(hashes.dtype)], axis=1)
    _, first, kind = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    kind, counts = kind.reshape(-1), np.ones(len(codes)) if weights is None else weights
    size = np.bincount(kind, weights=counts)
    flagged = np.flatnonzero(np.bincount(kind, weights=mask))
    room = np.bincount(codes, weights=counts) - least
    kept = np.zeros(len(size), dtype=bool)
    for one in flagged[np.argsort(found.quality[first[flagged]], kind="stable")]:
        kept[one] = size[one] <= room[codes[first[one]]]
        room[codes[first[one]]] -= size[one] * kept[one]
    return kept[kind]


def checked_model(model: Any) -> Any:
    """The model; an InputError unless it is an instance that can be fitted."""
    return model if hasattr(model, "fit") and not isinstance(model, type) else checked_classifier(model)


def is_fitted(model: Any) -> bool:
    """Whether a model can predict; one that is not scikit-learn's is taken to be fitted."""
    if not hasattr(model, "get_params"):
        return model is not None
    try:
        check_is_fitted(model)
    except NotFittedError:
        return False
    return True


def of_unknown_class(codes: Labels, folds: Groups) -> Mask:
    """(n,) whether all rows of a row's class are in its own fold: no model can judge its label, so it stands."""
    counts = np.zeros((int(folds.max()) + 1, int(codes.max()) + 1), dtype=np.int64)
    np.add.at(counts, (folds, codes), 1)
    return np.asarray(counts[folds, codes] == counts.sum(axis=0)[codes])
