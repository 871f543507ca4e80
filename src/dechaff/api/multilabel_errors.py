"""``find_multilabel_errors``: which labels of rows that carry several are wrong, and which rows to read first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.callers_rows import like_callers
from dechaff.api.label_row_names import check_one_order
from dechaff.checks import check_same_length
from dechaff.data.classes import class_names_of_both, codes_of
from dechaff.errors import InputError, LabelsError, ProbsError
from dechaff.methods.label_errors.calibrated_joint import calibrated_joint
from dechaff.methods.label_errors.confident_joint import confident_joint
from dechaff.methods.label_errors.judged_labels import JudgedLabels, judge_labels, judge_labels_with
from dechaff.methods.multi_labels.row_score import row_log_odds, row_score
from dechaff.typing import ClassVector, Features, Labels, Mask, Probs

MATRIX_AXES = 2
LEAST_LOG_ODDS = -1.0
"""Of a flagged label: where classes overlap the noise rate may be put too high, and then flags what nobody doubts."""
LEAST_COUNT = 0.5
MOST_NOISE = 0.7
"""Above it the confident joint has seen overlap, not noise."""


@dataclass(frozen=True)
class MultilabelErrors:
    """What is wrong with n rows of k labels, each of them there or not. Figures (k,) go by label."""

    judged: tuple[JudgedLabels, ...]
    """Of each label: class 1 = it is there."""
    labels: npt.NDArray[np.int64]
    """(n, k) as given, 1 = the label is there."""
    classes: list[Any]
    given: Any
    """The labels, or else the probabilities, as they were handed in: whichever has an index."""

    @cached_property
    def score(self) -> Any:
        """(n, k) probability that the label is wrongly there, or wrongly not there."""
        return self._like_callers(self._stacked(lambda one: one.score))

    @cached_property
    def log_odds(self) -> Any:
        """(n, k) the same as log-odds, which do not tie."""
        return self._like_callers(self._log_odds)

    @cached_property
    def flag(self) -> Any:
        """(n, k) the likely errors."""
        return self._like_callers(self._flag)

    @cached_property
    def suggested(self) -> Any:
        """(n, k) the labels with the flagged ones turned round: 1 = should be there."""
        return self._like_callers(np.where(self._flag, 1 - self.labels, self.labels))

    @cached_property
    def row_score(self) -> Any:
        """(n,) doubt in the row, mostly that in its worst label; higher = look at this row first."""
        return like_callers(row_score(self._log_odds), self.given)

    @cached_property
    def row_log_odds(self) -> Any:
        """(n,) the same as log-odds, which do not tie."""
        return like_callers(row_log_odds(self._log_odds), self.given)

    @cached_property
    def row_flag(self) -> Any:
        """(n,) rows with a flagged label."""
        return like_callers(np.asarray(self._flag.any(axis=1)), self.given)

    @property
    def noise_rate(self) -> ClassVector:
        """(k,) share of rows in which the label is wrong."""
        return self._figures(lambda one: one.rate)

    @property
    def noise_rate_low(self) -> ClassVector:
        """(k,) lower end of its 95 % interval."""
        return self._figures(lambda one: one.rate_low)

    @property
    def noise_rate_high(self) -> ClassVector:
        """(k,) upper end of its 95 % interval."""
        return self._figures(lambda one: one.rate_high)

    @property
    def missing_rate(self) -> ClassVector:
        """(k,) p(label not given | it should be): how often it was forgotten."""
        return self._figures(lambda one: one.transition[0, 1])

    @property
    def missing_rate_interval(self) -> npt.NDArray[np.float64]:
        """(2, k) 95 % interval of `missing_rate`."""
        return self._interval(0, 1)

    @property
    def extra_rate(self) -> ClassVector:
        """(k,) p(label given | it should not be): how often it was put where it does not belong."""
        return self._figures(lambda one: one.transition[1, 0])

    @property
    def extra_rate_interval(self) -> npt.NDArray[np.float64]:
        """(2, k) 95 % interval of `extra_rate`."""
        return self._interval(1, 0)

    def __repr__(self) -> str:
        n, k = self.labels.shape
        rows = int(self._flag.any(axis=1).sum())
        rate = float(self.noise_rate.mean()) if k else 0.0
        return (
            f"<MultilabelErrors: {int(self._flag.sum()):,} of {n * k:,} labels flagged, in {rows:,} of {n:,} rows; "
            f"noise rate {rate:.3g}>"
        )

    def _like_callers(self, values: npt.NDArray[Any]) -> Any:
        return like_callers(values, self.given, columns=self.classes)

    @cached_property
    def _log_odds(self) -> Features:
        return self._stacked(lambda one: one.log_odds)

    @cached_property
    def _flag(self) -> npt.NDArray[np.bool_]:
        return self._stacked(_most_doubtful)

    def _stacked(self, column: Callable[[JudgedLabels], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return np.stack([column(one) for one in self.judged], axis=1)

    def _figures(self, figure: Callable[[JudgedLabels], float]) -> ClassVector:
        return np.array([figure(one) for one in self.judged])

    def _interval(self, given: int, true: int) -> npt.NDArray[np.float64]:
        low = self._figures(lambda one: one.transition_low[given, true])
        return np.stack([low, self._figures(lambda one: one.transition_high[given, true])])


def find_multilabel_errors(
    labels: Any, probs: npt.ArrayLike, *, classes: Sequence[Any] | None = None
) -> MultilabelErrors:
    """The labels that are wrongly there or wrongly not there, in rows that may carry several.

    Each label is judged as one of two classes, there or not, with a noise matrix of its own: labels are forgotten far
    more often than made up, and not all alike.

    Parameters
    ----------
    labels : (n, k) of 0 and 1 (array, frame, sparse matrix, lists), or one collection of names a row
        Given labels; may be wrong.
    probs : (n, k) float from 0 to 1
        Out-of-sample probability of each label; rows need not sum to 1. In-sample ones hide errors.
    classes : k names, default the columns of probs or labels, or 0 … k-1
        In the order of the columns.

    Returns
    -------
    MultilabelErrors

    Raises
    ------
    InputError
        Where shapes, or the order of rows or named columns, differ, a label is neither 0 nor 1 or has no column, or a
        probability is out of range.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> labels = [["sea"], ["sea", "sun"]] * 100
    >>> probs = np.tile([[0.9, 0.1], [0.9, 0.9]], (100, 1))
    >>> labels[1] = ["sea"]
    >>> found = dechaff.find_multilabel_errors(labels, probs, classes=["sea", "sun"])
    >>> np.argwhere(found.flag).tolist(), found.suggested[1].tolist()
    ([[1, 1]], [1, 1])
    """
    chances = _check_chances(probs)
    names = class_names_of_both(classes, probs, chances.shape[1], labels=labels)
    given = _matrix(labels, names)
    check_same_length(labels=given, probs=chances)
    check_one_order(labels=labels, probs=probs)
    judged = tuple(
        _judged(column, np.stack([1 - chance, chance], axis=1))
        for column, chance in zip(given.T, chances.T, strict=True)
    )
    return MultilabelErrors(judged, given, names, labels if hasattr(labels, "iloc") else probs)


def _judged(labels: Labels, probs: Probs) -> JudgedLabels:
    """One label. Its T is half the plateau's, which a rare label that is often forgotten hardly reaches, and half the
    confident joint's, which counts overlap of the classes as noise: between them they measured better than either."""
    read = judge_labels(labels, probs)
    if not len(labels):
        return read
    counted = calibrated_joint(confident_joint(labels, probs), np.bincount(labels, minlength=2)) + LEAST_COUNT
    seen = np.minimum(counted / counted.sum(axis=0), MOST_NOISE)
    missing, extra = (read.transition[0, 1] + seen[0, 1]) / 2, (read.transition[1, 0] + seen[1, 0]) / 2
    return judge_labels_with(labels, probs, transition=np.array([[1 - extra, missing], [extra, 1 - missing]]))


def _most_doubtful(judged: JudgedLabels) -> Mask:
    """As many rows as the noise rate says. Unlike in plain classes also such as the model agrees with: where a label is
    often forgotten, its probability stays below a half even in the rows that should carry it."""
    flag = np.zeros(len(judged.score), dtype=bool)
    flag[np.argsort(-judged.log_odds, kind="stable")[: round(judged.n_errors)]] = True
    return np.asarray(flag & (judged.log_odds > LEAST_LOG_ODDS))


def _check_chances(probs: npt.ArrayLike) -> Features:
    array = np.asarray(probs)
    if array.ndim != MATRIX_AXES or not array.shape[1] or array.dtype.kind not in "fiub":
        raise ProbsError(
            "probs",
            "be a numeric (n, k) array with one column a label",
            f"shape {array.shape} of {array.dtype}",
            "Stack the probability of every label, one column each.",
        )
    values = array.astype(np.float64)
    bad = ~((values >= 0) & (values <= 1))
    if bad.any():
        row, column = (int(place) for place in np.argwhere(bad)[0])
        raise ProbsError(
            "probs",
            "be from 0 to 1",
            f"{values[row, column]} in row {row}, column {column} ({bad.any(axis=1).sum()} such rows of {len(bad)})",
            "Hand in out-of-sample probabilities, one column a label.",
        )
    return values


def _matrix(labels: Any, names: list[Any]) -> npt.NDArray[np.int64]:
    if len(getattr(labels, "shape", ())) == MATRIX_AXES:
        dense = labels.toarray() if hasattr(labels, "toarray") else labels
        return _check_matrix(np.asarray(dense), len(names))
    rows = list(labels)
    if rows and all(_is_cells(row, len(names)) for row in rows):
        return _check_matrix(np.array(rows), len(names))
    if any(isinstance(row, str) or not hasattr(row, "__iter__") for row in rows):
        place = next(place for place, row in enumerate(rows) if isinstance(row, str) or not hasattr(row, "__iter__"))
        raise LabelsError(
            "labels",
            "be an (n, k) array of 0 and 1, or one collection of names for each row",
            f"{rows[place]!r} in row {place}",
            "Put the labels of each row in a list; an empty list where there is none.",
        )
    matrix = np.zeros((len(rows), len(names)), dtype=np.int64)
    of_row = np.repeat(np.arange(len(rows)), [len(list(row)) for row in rows])
    matrix[of_row, codes_of([name for row in rows for name in row], names)] = 1
    return matrix


def _is_cells(row: Any, n_classes: int) -> bool:
    """Whether a row is a 0 or 1 for each label rather than the names of some: a matrix written as lists."""
    return isinstance(row, list | tuple | np.ndarray) and len(row) == n_classes and all(cell in (0, 1) for cell in row)


def _check_matrix(array: npt.NDArray[Any], n_classes: int) -> npt.NDArray[np.int64]:
    if array.shape[1] != n_classes:
        raise InputError(
            "labels and probs",
            "have one column for each label, the same labels in the same order",
            f"{array.shape[1]} columns in labels, {n_classes} columns in probs",
            "Give a label that no row carries a column of zeros.",
        )
    bad = (array != 0) & (array != 1)
    if bad.any():
        row, column = (int(place) for place in np.argwhere(bad)[0])
        raise LabelsError(
            "labels",
            "be 0 or 1 in every cell of an (n, k) array",
            f"{array[row, column]!r} in row {row}, column {column}",
            "Fill in cells that are missing, or hand in one collection of names for each row.",
        )
    return array.astype(np.int64)
