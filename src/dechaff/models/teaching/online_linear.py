"""What the perceptron and stochastic gradient descent share: rows come one at a time, each moves the weights.

A linear classifier has one row of weights for each class against the rest (one row in all where there are two
classes); the last weight stands on a feature that is always 1, which makes it the intercept b. One visit of a row is

    w <- (1 - rate · decay) w + rate · push · x

and the `Rule` of a method says what rate, push and decay are.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from dechaff.errors import InputError
from dechaff.models.teaching.visits import Visits, row_reader, visits_by_content, visits_in_order

Array = npt.NDArray[np.float64]


class Rule(Protocol):
    """How one row moves the weights."""

    @property
    def decay(self) -> float:
        """How fast the weights shrink."""
        ...

    def rate(self, seen: float) -> float:
        """Length of a step after so many rows."""
        ...

    def push(self, scores: Array, targets: Array) -> Array:
        """Force along x on each row of weights, from its score w·x and its target: 1 = of the class, 0 = not."""
        ...


@dataclass(frozen=True)
class Progress:
    """Where learning stands."""

    weights: Array
    """(k or 1, d + 1) after the last row."""
    late: Array
    """Sum over all moves of the weights, each times the rows seen before it: so much of them came too late to count
    in the mean. Keeping this instead of the mean costs nothing where a row moves nothing."""
    seen: float = 0.0
    """Rows seen, each counted by its weight."""
    moves: int = 0
    """Visits that pushed the weights: for the perceptron, its mistakes."""

    @property
    def mean(self) -> Array:
        """Mean of the weights over all visits."""
        return np.asarray(self.weights - self.late / self.seen) if self.seen else self.weights


def learn(start: Progress, features: Any, targets: Array, visits: Visits, rule: Rule) -> Progress:
    """One pass over the rows.

    Parameters
    ----------
    start : where the pass begins; left as it is.
    features : (n, d + 1) array or CSR matrix without duplicates, the last column 1
    targets : (n, k or 1) float, 1 = of the class, 0 = not
    visits : order and shares of the rows.
    rule : how one row moves the weights.
    """
    weights, late, seen, moves = start.weights.copy(), start.late.copy(), start.seen, start.moves
    read = row_reader(features)
    for row, share in zip(visits.rows.tolist(), visits.shares.tolist(), strict=True):
        columns, x = read(row)
        rate = share * rule.rate(seen)
        push = rule.push(weights[:, columns] @ x, targets[row])
        if rule.decay:
            shrunk = rate * rule.decay * weights[:, :-1]  # the intercept is free
            weights[:, :-1] -= shrunk
            late[:, :-1] -= seen * shrunk
        if push.any():
            step = np.outer(rate * push, x)
            weights[:, columns] += step
            late[:, columns] += seen * step
            moves += 1
        seen += share
    return Progress(weights, late, seen, moves)


class OnlineLinearClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Base of the classifiers here; a subclass holds the options and makes the rule."""

    max_iter: int
    average: bool
    shuffle: bool
    random_state: Any

    @abstractmethod
    def _rule(self, features: Any, weights: Array) -> Rule:
        """The rule, from the options and, where a default needs it, the first rows and their weights."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from the rows, in passes, until a pass changes nothing or `max_iter` passes are done.

        Parameters
        ----------
        X : (n, d) array, sparse matrix or data frame
        y : (n,) classes of any kind
        sample_weight : (n,) float, 0 or more
            A row of weight 3 counts as three rows, one of weight 0 is not there.
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
        """Go on learning: one pass over these rows, in the order in which they stand.

        Parameters
        ----------
        X, y, sample_weight : as of `fit`; a row of weight 3 takes a step three times as long.
        classes : all classes that will ever come
            Needed in the first call.
        """
        self._check_options()
        first = not hasattr(self, "classes_")
        features, y, weights = self._checked(X, y, sample_weight, reset=first)
        if first:
            self.classes_ = _two_or_more(np.unique(_given(classes)))
            self._learns_by, self._progress, self.n_iter_ = self._rule(features, weights), self._blank(), 0
        self._pass(features, _codes(y, self.classes_), visits_in_order(weights))
        return self._done()

    def decision_function(self, X: Any) -> Array:
        """Scores w·x + b: (n,) of the second class where there are two, else (n, k)."""
        check_is_fitted(self)
        features = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        scores = np.asarray(features @ self.coef_.T + self.intercept_)
        return scores.ravel() if len(self.classes_) == 2 else scores

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The class of the highest score; with two classes, the second where its score is above 0."""
        scores = self.decision_function(X)
        codes = (scores > 0).astype(np.int64) if scores.ndim == 1 else scores.argmax(axis=1)
        return np.asarray(self.classes_[codes])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _check_options(self) -> None:
        if self.max_iter < 1:
            raise InputError("max_iter", "be 1 or more passes", repr(self.max_iter), "Leave it out for the default.")

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
        # A step that is too long for the features ends in infinity: said below, in words, and not as a warning.
        with np.errstate(over="ignore", invalid="ignore"):
            targets = _one_against_rest(codes, len(self.classes_))
            self._progress = learn(self._progress, _with_ones(features), targets, visits, self._learns_by)
        if not np.isfinite(self._progress.weights).all():
            raise InputError(
                "the weights",
                "stay finite",
                f"an overflow in pass {self.n_iter_}",
                "Scale the features, for example with StandardScaler, or take a smaller eta0.",
            )

    def _done(self) -> Self:
        weights = self._progress.mean if self.average else self._progress.weights
        self.coef_, self.intercept_ = weights[:, :-1].copy(), weights[:, -1].copy()
        self.n_updates_ = self._progress.moves
        return self


def above_zero(name: str, value: float) -> float:
    """The value, or an InputError where it is not above 0."""
    if not value > 0:
        raise InputError(name, "be above 0", repr(value), "Leave it out for the default.")
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
            "hold two classes or more in rows that weigh something",
            f"{len(classes)} class{'es' if len(classes) != 1 else ''}, {classes.tolist()}",
            "Add rows of another class.",
        )
    return classes


def _given(classes: Any) -> Any:
    if classes is None:
        raise InputError(
            "classes", "be given in the first call to partial_fit", "None", "Name all classes that will ever come."
        )
    return classes


def _codes(y: npt.NDArray[Any], classes: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    unknown = np.setdiff1d(y, classes)
    if len(unknown):
        raise InputError(
            "y",
            f"hold the classes {classes.tolist()} only, those named in the first call",
            repr(unknown[0]),
            "Call fit anew, or name all classes in the first call to partial_fit.",
        )
    return np.searchsorted(classes, y).astype(np.int64)
