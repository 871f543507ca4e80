"""Base of the perceptron and stochastic gradient descent: online learning, one row at a time.

A linear classifier has one weight vector per class against the rest (a single one for two classes); the last weight is
that of a constant feature 1, the intercept b. One visit of a row is

    w <- (1 - rate · decay) w + rate · push · x

and the `Rule` of a method defines rate, push and decay.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from dechaff.core.row_hash import mixed, row_hash
from dechaff.errors import InputError

MOST_VISITS = 100_000_000
"""Most visits per pass; sample weights with a larger sum are not repetitions."""

Columns = npt.NDArray[np.intp] | slice
RowReader = Callable[[int], tuple[Columns, npt.NDArray[np.float64]]]


@dataclass(frozen=True)
class Visits:
    """The visits of one pass."""

    rows: npt.NDArray[np.int64]
    """(v,) row of each visit."""
    steps: npt.NDArray[np.float64]
    """(v,) factor of the step size at each visit."""

    def shuffled(self, random: np.random.RandomState) -> Visits:
        """The same visits in random order."""
        order = random.permutation(len(self.rows))
        return Visits(self.rows[order], self.steps[order])


def row_reader(features: Any) -> RowReader:
    """A function from a row number to its columns and values; all columns if the features are dense."""
    if not sparse.issparse(features):
        return lambda row: (slice(None), features[row])
    start, columns, values = features.indptr, features.indices, features.data
    return lambda row: (columns[start[row] : start[row + 1]], values[start[row] : start[row + 1]])


def visits_in_order(weights: npt.NDArray[np.float64]) -> Visits:
    """Each row of weight above 0 once, in the given order; a row of weight 3 takes a step three times as long."""
    rows = np.flatnonzero(weights > 0).astype(np.int64)
    return Visits(rows, weights[rows])


def visits_by_content(features: Any, codes: npt.NDArray[np.int64], weights: npt.NDArray[np.float64]) -> Visits:
    """Visits that depend on row content, not on row order; a row of weight 3 is visited three times.

    The weights of duplicate rows of one class are summed; a sum of 2.5 gives three visits of 5/6 of a step each. Visits
    are ordered by hash: pseudo-random, and the same for any order of the rows.

    Parameters
    ----------
    features : (n, d) array or CSR matrix
    codes : (n,) int
        Classes.
    weights : (n,) float, 0 or more

    Raises
    ------
    InputError
        If the weights sum to more visits than one pass may have.
    """
    used = np.flatnonzero(weights > 0)
    # Hashed again, because otherwise rows that differ only in their class would always be adjacent.
    names = mixed(row_hash(features[used]) + mixed(codes[used].astype(np.uint64) + np.uint64(1)))
    _, first, which = np.unique(names, return_index=True, return_inverse=True)
    # Rounded, so that 0.1 + 0.2 gives the same number of visits as 0.3.
    total = np.bincount(which, weights[used]).round(9)
    copies = np.maximum(np.ceil(total), 1)
    if copies.sum() > MOST_VISITS:
        raise InputError(
            "sample_weight",
            f"sum to at most {MOST_VISITS:,}, because a row of weight 3 is visited three times per pass",
            f"a sum of {weights.sum():.4g}",
            "Divide the weights by their mean.",
        )
    times = copies.astype(np.int64)
    return Visits(np.repeat(used[first], times), np.repeat(total / copies, times))


Array = npt.NDArray[np.float64]


class Rule(Protocol):
    """The update rule for one row."""

    @property
    def decay(self) -> float:
        """Strength of the weight decay."""

    def rate(self, seen: float) -> float:
        """Step size after `seen` rows."""

    def push(self, scores: Array, targets: Array) -> Array:
        """(k,) coefficient of x in the update of each weight vector, from scores w·x (k,) and targets 0 or 1 (k,)."""


@dataclass(frozen=True)
class Progress:
    """State of online learning."""

    weights: Array
    """(k or 1, d + 1) after the last row."""
    late: Array
    """(k or 1, d + 1) sum of all updates, each times the rows seen before it; ``weights - late / seen`` is the mean.
    Unlike a running mean, it needs no work for rows without an update."""
    seen: float = 0.0
    """Sum of the weights of the rows seen."""
    moves: int = 0
    """Number of updates; for the perceptron, of mistakes."""

    @property
    def mean(self) -> Array:
        """Mean of the weights over all visits."""
        return np.asarray(self.weights - self.late / self.seen) if self.seen else self.weights


def learn(start: Progress, features: Any, targets: Array, visits: Visits, rule: Rule) -> Progress:
    """One pass over the rows.

    Parameters
    ----------
    start : state before the pass; not changed
    features : (n, d + 1) array or CSR matrix without duplicates, the last column 1
    targets : (n, k or 1) float, 1 = in the class, 0 = not
    visits : order and step factors of the rows
    rule : update rule
    """
    weights, late, seen, moves = start.weights.copy(), start.late.copy(), start.seen, start.moves
    read = row_reader(features)
    for row, factor in zip(visits.rows.tolist(), visits.steps.tolist(), strict=True):
        columns, x = read(row)
        rate = factor * rule.rate(seen)
        push = rule.push(weights[:, columns] @ x, targets[row])
        if rule.decay:
            shrunk = rate * rule.decay * weights[:, :-1]  # the intercept is not penalised
            weights[:, :-1] -= shrunk
            late[:, :-1] -= seen * shrunk
        if push.any():
            step = np.outer(rate * push, x)
            weights[:, columns] += step
            late[:, columns] += seen * step
            moves += 1
        seen += factor
    return Progress(weights, late, seen, moves)


@dataclass(eq=False, repr=False, kw_only=True)
class OnlineLinearClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Base of the online classifiers: dataclasses, whose fields are their options. A subclass makes the update rule."""

    average: bool = False
    max_iter: int = 20
    shuffle: bool = True
    random_state: Any = None

    @abstractmethod
    def _rule(self, features: Any, weights: Array) -> Rule:
        """The update rule, from the options, and from the first rows and their weights if a default depends on them."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train epoch by epoch, until one makes no update or `max_iter` are done.

        Parameters
        ----------
        X : (n, d) array, sparse matrix or data frame
        y : (n,) class labels of any type
        sample_weight : (n,) float, 0 or more
            A row of weight 3 counts as three rows; rows of weight 0 are ignored.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If there are fewer than two classes, an option is invalid, or the weights overflow.
        """
        self._check_options()
        features, y, weights = self._checked(X, y, sample_weight, reset=True)
        self.classes_ = _two_or_more(np.unique(y[weights > 0]))
        features, y, weights = features[weights > 0], y[weights > 0], weights[weights > 0]
        codes = np.searchsorted(self.classes_, y)
        self._learns_by, self._progress = self._rule(features, weights), self._blank()
        random = check_random_state(self.random_state)
        visits = visits_by_content(features, codes, weights) if self.shuffle else visits_in_order(weights)
        self.n_iter_, before = 0, -1
        while self.n_iter_ < self.max_iter and self._progress.moves > before:
            before = self._progress.moves
            self._pass(features, codes, visits.shuffled(random) if self.shuffle else visits)
        return self._done()

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Continue training: one pass over these rows, in the given order.

        Parameters
        ----------
        X, y, sample_weight : as in `fit`; a row of weight 3 takes a step three times as long
        classes : all classes of all calls
            Required in the first call.

        Returns
        -------
        self

        Raises
        ------
        InputError
            As `fit`; if `classes` is missing in the first call, or y has another class.
        """
        self._check_options()
        first = not hasattr(self, "classes_")
        features, y, weights = self._checked(X, y, sample_weight, reset=first)
        if first:
            if classes is None:
                must = "be given in the first call to partial_fit"
                raise InputError("classes", must, "None", "Pass all classes of all calls.")
            self.classes_ = _two_or_more(np.unique(classes))
            self._learns_by, self._progress, self.n_iter_ = self._rule(features, weights), self._blank(), 0
        self._pass(features, _codes(y, self.classes_), visits_in_order(weights))
        return self._done()

    def decision_function(self, X: Any) -> Array:
        """Scores w·x + b: (n,) of the second class if there are two, else (n, k)."""
        check_is_fitted(self)
        features = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        scores = np.asarray(features @ self.coef_.T + self.intercept_)
        return scores.ravel() if len(self.classes_) == 2 else scores

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """(n,) class of the highest score; of two classes, the second if its score is above 0."""
        scores = self.decision_function(X)
        codes = (scores > 0).astype(np.int64) if scores.ndim == 1 else scores.argmax(axis=1)
        return np.asarray(self.classes_[codes])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _check_options(self) -> None:
        if self.max_iter < 1:
            raise InputError("max_iter", "be 1 or more passes", repr(self.max_iter), "Omit it for the default.")

    def _checked(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> tuple[Any, npt.NDArray[Any], Array]:
        features, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64, reset=reset)
        check_classification_targets(y)
        if sparse.issparse(features) and not features.has_canonical_format:
            features = features.copy()
            features.sum_duplicates()
        return features, y, _check_sample_weight(sample_weight, features, dtype=np.float64, ensure_non_negative=True)

    def _blank(self) -> Progress:
        k = len(self.classes_)
        zeros = np.zeros((1 if k == 2 else k, self.n_features_in_ + 1))
        return Progress(zeros, zeros)

    def _pass(self, features: Any, codes: npt.NDArray[np.int64], visits: Visits) -> None:
        self.n_iter_ += 1
        # Too long a step overflows: reported below as an error, not as a warning.
        with np.errstate(over="ignore", invalid="ignore"):
            targets = _one_against_rest(codes, len(self.classes_))
            self._progress = learn(self._progress, _with_ones(features), targets, visits, self._learns_by)
        if not np.isfinite(self._progress.weights).all():
            raise InputError(
                "the weights",
                "stay finite",
                f"an overflow in pass {self.n_iter_}",
                "Scale the features, for example with StandardScaler, or use a smaller eta0.",
            )

    def _done(self) -> Self:
        weights = self._progress.mean if self.average else self._progress.weights
        self.coef_, self.intercept_ = weights[:, :-1].copy(), weights[:, -1].copy()
        self.n_updates_ = self._progress.moves
        return self


def above_zero(name: str, value: float) -> float:
    """The value; an InputError if it is not above 0."""
    if not value > 0:
        raise InputError(name, "be above 0", repr(value), "Omit it for the default.")
    return float(value)


def _with_ones(features: Any) -> Any:
    ones = np.ones((features.shape[0], 1))
    return sparse.hstack([features, ones], format="csr") if sparse.issparse(features) else np.hstack([features, ones])


def _one_against_rest(codes: npt.NDArray[np.int64], n_classes: int) -> Array:
    named = np.array([1]) if n_classes == 2 else np.arange(n_classes)
    return np.asarray(codes[:, None] == named, dtype=np.float64)


def _two_or_more(classes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if len(classes) < 2:
        raise InputError(
            "y",
            "have at least two classes in rows of weight above 0",
            f"{len(classes)} class{'es' if len(classes) != 1 else ''}, {classes.tolist()}",
            "Add rows of another class.",
        )
    return classes


def _codes(y: npt.NDArray[Any], classes: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    unknown = np.setdiff1d(y, classes)
    if len(unknown):
        raise InputError(
            "y",
            f"have only the classes of the first call, {classes.tolist()}",
            repr(unknown[0]),
            "Call fit, or pass all classes in the first call to partial_fit.",
        )
    return np.searchsorted(classes, y).astype(np.int64)
