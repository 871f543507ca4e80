"""``find_multilabel_errors``: which labels of rows that carry several are wrong, and which rows to review first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.labels.estimates import Estimate
from dechaff.api.labels.names import PairNames, RowNames, check_one_order
from dechaff.api.labels.result import LabelResult, Scored
from dechaff.checks import check_same_length, check_seed_and_threads, refuse_cells
from dechaff.core.threads import use_threads
from dechaff.data.classes import class_names_of, codes_of
from dechaff.errors import InputError, LabelsError, ProbsError
from dechaff.methods.label_errors.confident_joint import calibrated_joint, confident_joint
from dechaff.methods.label_errors.label_error_estimates import (
    LabelErrorEstimates,
    estimate_checked_labels,
    estimate_label_errors_with,
)
from dechaff.methods.label_reviews.review_corrections import JudgedRows
from dechaff.methods.multi_labels.even_noise import cell_log_odds, even_share, weak_share
from dechaff.methods.multi_labels.row_score import row_log_odds, row_score
from dechaff.typing import Features, Labels, Mask, Numbers, Probs

RATE = ("rate", "rate_low", "rate_high")
TRANSITION = ("transition", "transition_low", "transition_high")
LEAST_LOG_ODDS = -1.0
"""Least score of a flagged label: if classes overlap, the noise rate may be too high, and flag correct labels."""
LEAST_COUNT = 0.5
MOST_NOISE = 0.7
"""Above it the confident joint measures overlap, not noise."""


@dataclass(frozen=True, repr=False, kw_only=True)
class MultilabelErrors(LabelResult):
    """What is wrong with n rows of k labels, each of them there or not. An item is a cell: the pair (row, class).

    `score`, `log_odds`, `flag`, `given` and `suggested` are (n, k); tables have one line per cell. Reviews give the
    true cell, 0 or 1: ``{(row, class): 1}``.

    Examples
    --------
    See `find_multilabel_errors`, which returns one.
    """

    names: PairNames = field(repr=False)
    judged: tuple[LabelErrorEstimates, ...] = field(repr=False)
    """Of each label: class 1 = it is there."""
    labels: npt.NDArray[np.int64] = field(repr=False)
    """(n, k) as given, 1 = the label is there."""
    cell_odds: Features = field(repr=False)
    """(n, k) log-odds of each label to be wrong, before reviews."""
    doubt_share: float = 0.0
    """How much the model's own doubt counts, from 0 to 1: fully if labels are made up as often as forgotten, or if the
    model hardly separates the rows that carry a label."""
    class_names: list[Any]

    @cached_property
    def scored(self) -> Scored:
        """The result of the method for the n·k cells, before reviews."""
        given = self.labels.ravel()
        cells = max(given.size, 1)
        value, low, high = (sum(self._figures(end)) * len(self.labels) / cells for end in RATE)
        flag = [_most_doubtful(odds, one.n_errors) for odds, one in zip(self.cell_odds.T, self.judged, strict=True)]
        rate = Estimate(value, low, high)
        return Scored(self.cell_odds.ravel(), np.stack(flag, axis=1).ravel(), given, 1 - given, rate)

    @cached_property
    def row_score(self) -> Any:
        """(n,) doubt in the row, mostly that in its worst label; higher = look at this row first."""
        return self.names.rows.like_callers(row_score(self._cells(self._finite_odds)))

    @cached_property
    def row_log_odds(self) -> Any:
        """(n,) the same as log-odds, which do not tie."""
        return self.names.rows.like_callers(row_log_odds(self._cells(self._finite_odds)))

    @cached_property
    def row_flag(self) -> Any:
        """(n,) bool, rows with a flagged label."""
        return self.names.rows.like_callers(np.asarray(self._cells(self._flag).any(axis=1)))

    @property
    def noise_rate(self) -> Estimate:
        """(k,) fraction of rows in which the label is wrong, with 95 % intervals, widened to hold reviews."""
        value, low, high = map(self._figures, RATE)
        if self.review_update is not None:
            value = self._cells(self._score).mean(axis=0)
            low, high = np.minimum(low, value), np.maximum(high, value)
        return Estimate(value, low, high)

    @property
    def missing_rate(self) -> Estimate:
        """(k,) p(label not given | it should be), before reviews: how often it was forgotten."""
        return self._entry(0, 1)

    @property
    def extra_rate(self) -> Estimate:
        """(k,) p(label given | it should not be), before reviews: how often it was added by mistake."""
        return self._entry(1, 0)

    @property
    def _headline(self) -> str:
        n, k = self.labels.shape
        rows = int(self._cells(self._flag).any(axis=1).sum())
        return f"{self.n_flagged:,} of {n * k:,} labels flagged, in {rows:,} of {n:,} rows"

    def _cells(self, flat: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return flat.reshape(self.labels.shape)

    def _like_callers(self, values: npt.NDArray[Any]) -> Any:
        return self.names.rows.like_callers(self._cells(values), columns=self.class_names)

    @property
    def _review_classes(self) -> Sequence[Any]:
        return (0, 1)

    @cached_property
    def _suggested(self) -> npt.NDArray[Any]:
        return np.where(self._flag, 1 - self.scored.given, self.scored.given)

    @property
    def _finite_odds(self) -> Features:
        return np.clip(self._log_odds, -MOST_ODDS, MOST_ODDS)

    @property
    def _judged_rows(self) -> JudgedRows:
        """Each class with effects of its own: given and suggested label are separate for each class."""
        scored, k = self.scored, len(self.class_names)
        column = 2 * np.tile(np.arange(k), len(self.labels))
        return JudgedRows(scored.log_odds, column + scored.given, column + scored.suggested, self._evidence)

    def _figures(self, name: str) -> npt.NDArray[np.float64]:
        return np.array([getattr(one, name) for one in self.judged])

    def _entry(self, given: int, true: int) -> Estimate:
        """One entry of the noise matrix of every label."""
        return Estimate(*(self._figures(end)[:, given, true] for end in TRANSITION))


MOST_ODDS = 700.0
"""Of a reviewed cell, in the score of its row."""


def find_multilabel_errors(
    labels: Any,
    probs: npt.ArrayLike,
    *,
    class_names: Sequence[Any] | None = None,
    ids: Any = None,
    seed: int = 0,
    threads: int | None = None,
) -> MultilabelErrors:
    """The labels that are wrongly there or wrongly not there, in rows that may carry several.

    Each label is judged as one of two classes, there or not, with a noise matrix of its own: most labels are forgotten
    far more often than added, and at different rates. If they are added as often, the model's own doubt orders them.

    Parameters
    ----------
    labels : (n, k) of 0 and 1 (array, frame, sparse matrix, lists), or one collection of names per row
        Given labels; may be wrong.
    probs : (n, k) float from 0 to 1
        Out-of-sample probability of each label; rows need not sum to 1. In-sample ones hide errors.
    class_names : k names, default the columns of probs or labels, or 0 … k-1
        In the order of the columns.
    ids : (n,) names of the rows, default the index of a pandas frame or series, else the position.
    seed, threads : as in `find_label_errors`

    Returns
    -------
    MultilabelErrors

    Raises
    ------
    InputError
        If shapes, or the order of rows or named columns, differ, a label is neither 0 nor 1 or has no column, or a
        probability is out of range.

    Source
    ------
    This library; rows after Thyagarajan et al. (2022), arXiv 2211.13895, see ``row_score``.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> labels = [["sea"], ["sea", "sun"]] * 100
    >>> probs = np.tile([[0.9, 0.1], [0.9, 0.9]], (100, 1))
    >>> labels[1] = ["sea"]
    >>> found = dechaff.find_multilabel_errors(labels, probs, class_names=["sea", "sun"])
    >>> np.argwhere(found.flag).tolist(), found.suggested[1].tolist()
    ([[1, 1]], [1, 1])
    >>> found.update({(0, "sun"): 1, (1, "sun"): 0}).suggested[:2].tolist()
    [[1, 1], [1, 0]]
    """
    check_seed_and_threads(seed, threads)
    with use_threads(threads):
        chances = _check_chances(probs)
        names = class_names_of(class_names, probs, chances.shape[1], labels=labels)
        given = _matrix(labels, names)
        check_same_length(labels=given, probs=chances)
        check_one_order(labels=labels, probs=probs)
        judged = tuple(
            _judged(column, np.stack([1 - chance, chance], axis=1))
            for column, chance in zip(given.T, chances.T, strict=True)
        )
        posterior = np.stack([one.log_odds for one in judged], axis=1)
        cells = given.astype(np.float64)
        missing = np.array([one.transition[0, 1] for one in judged])
        share = max(even_share(cells, chances, missing), weak_share(cells, chances))
        rate = float(np.mean([one.rate for one in judged]))
        rows = RowNames.of(len(given), labels, probs, ids=ids)
        lengths = np.full(len(given), len(names), dtype=np.int64)
        return MultilabelErrors(
            names=PairNames(rows, lengths, "class", tuple(names)),
            judged=judged,
            labels=given,
            cell_odds=cell_log_odds(cells, chances, posterior, share, rate),
            doubt_share=share,
            class_names=names,
            seed=seed,
        )


def _judged(labels: Labels, probs: Probs) -> LabelErrorEstimates:
    """One label. Its T is half the plateau's, which a rare label that is often forgotten hardly reaches, and half the
    confident joint's, which counts overlap of the classes as noise: between them they measured better than either."""
    read = estimate_checked_labels(labels, probs)
    if not len(labels):
        return read
    counted = calibrated_joint(confident_joint(labels, probs), np.bincount(labels, minlength=2)) + LEAST_COUNT
    seen = np.minimum(counted / counted.sum(axis=0), MOST_NOISE)
    missing, extra = (read.transition[0, 1] + seen[0, 1]) / 2, (read.transition[1, 0] + seen[1, 0]) / 2
    return estimate_label_errors_with(labels, probs, transition=np.array([[1 - extra, missing], [extra, 1 - missing]]))


def _most_doubtful(log_odds: Numbers, n_errors: float) -> Mask:
    """The number of rows that the noise rate gives. Also rows that the model agrees with: if a label is
    often forgotten, its probability stays below a half even in the rows that should carry it."""
    flag = np.zeros(len(log_odds), dtype=bool)
    flag[np.argsort(-log_odds, kind="stable")[: round(n_errors)]] = True
    return np.asarray(flag & (log_odds > LEAST_LOG_ODDS))


def _check_chances(probs: npt.ArrayLike) -> Features:
    array = np.asarray(probs)
    if array.ndim != 2 or not array.shape[1] or array.dtype.kind not in "fiub":
        raise ProbsError(
            "probs",
            "be a numeric (n, k) array with one column per label",
            f"shape {array.shape} of {array.dtype}",
            "Stack the probability of every label, one column each.",
        )
    values = array.astype(np.float64)
    fix = "Pass out-of-sample probabilities, one column per label."
    refuse_cells(~((values >= 0) & (values <= 1)), values, "probs", "be from 0 to 1", fix, ProbsError)
    return values


def _matrix(labels: Any, names: list[Any]) -> npt.NDArray[np.int64]:
    if len(getattr(labels, "shape", ())) == 2:
        dense = labels.toarray() if hasattr(labels, "toarray") else labels
        return _check_matrix(np.asarray(dense), len(names))
    rows = list(labels)
    if rows and all(_is_cells(row, len(names)) for row in rows):
        return _check_matrix(np.array(rows), len(names))
    place = next((i for i, row in enumerate(rows) if isinstance(row, str) or not hasattr(row, "__iter__")), None)
    if place is not None:
        raise LabelsError(
            "labels",
            "be an (n, k) array of 0 and 1, or one collection of names for each row",
            f"{rows[place]!r} in row {place}",
            "Put the labels of each row in a list; an empty list if there is none.",
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
    must = "be 0 or 1 in every cell of an (n, k) array"
    fix = "Fill in cells that are missing, or pass one collection of names for each row."
    refuse_cells((array != 0) & (array != 1), array, "labels", must, fix, LabelsError)
    return array.astype(np.int64)
