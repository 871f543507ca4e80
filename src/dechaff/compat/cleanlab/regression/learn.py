"""cleanlab's ``CleanLearning`` for numbers to be predicted, over `dechaff.find_target_errors`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.validation import check_is_fitted

from dechaff.api.labels.target import find_target_errors
from dechaff.checks import check_count, check_same_length
from dechaff.compat.cleanlab.regression.rank import numbers
from dechaff.core.row_hash import row_hash
from dechaff.errors import InputError
from dechaff.estimators.content_folds import seed_of
from dechaff.models.columns import pandas_frame
from dechaff.typing import Mask, Numbers


class CleanLearning(MetaEstimatorMixin, RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Any regressor, trained on the rows whose numbers are no issues.

    Parameters
    ----------
    model : scikit-learn regressor, or None for linear regression
        Never fitted itself: after `fit`, the attribute ``model`` is the fitted copy.
    cv_n_folds : int
        Folds, with equal rows together.
    n_boot : int
        Repetitions in `get_epistemic_uncertainty`.
    include_aleatoric_uncertainty, verbose : bool
        Without effect: the spread of good numbers is estimated from the residuals, and nothing is printed.
    seed : int or None
        Seed of the folds.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(300, 2))
    >>> y = X[:, 0] + 0.1 * X[:, 1] ** 2
    >>> y[:6] += 9
    >>> issues = CleanLearning(seed=0).find_label_issues(X, y)
    >>> np.flatnonzero(issues["is_label_issue"])
    array([0, 1, 2, 3, 4, 5])
    """

    def __init__(
        self,
        model: Any = None,
        *,
        cv_n_folds: int = 5,
        n_boot: int = 5,
        include_aleatoric_uncertainty: bool = True,
        verbose: bool = False,
        seed: int | None = None,
    ) -> None:
        self.model = model
        self.cv_n_folds = cv_n_folds
        self.n_boot = n_boot
        self.include_aleatoric_uncertainty = include_aleatoric_uncertainty
        self.verbose = verbose
        self.seed = seed

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        label_issues: Any = None,
        sample_weight: Any = None,
        find_label_issues_kwargs: Mapping[str, Any] | None = None,
        model_kwargs: Mapping[str, Any] | None = None,
        model_final_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Find the issues, unless they are passed, and learn from the other rows."""
        if label_issues is None:
            label_issues = self.find_label_issues(X, y, model_kwargs=model_kwargs, **(find_label_issues_kwargs or {}))
        flags = _flags(label_issues, np.asarray(y))
        self.label_issues_df = label_issues if hasattr(label_issues, "columns") else _frame(y, is_label_issue=flags)
        kept = np.flatnonzero(~flags)
        options = {**(model_kwargs or {}), **(model_final_kwargs or {})}
        if sample_weight is not None:
            options["sample_weight"] = np.asarray(sample_weight)[kept]
        self.estimator_ = self._model().fit(_safe_indexing(X, kept), _safe_indexing(y, kept), **options)
        return self

    def find_label_issues(
        self,
        X: Any,
        y: Any,
        *,
        uncertainty: Any = None,
        coarse_search_range: Sequence[float] = (0.01, 0.05, 0.1, 0.15, 0.2),
        fine_search_size: int = 3,
        save_space: bool = False,
        model_kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """A pandas frame of ``is_label_issue``, ``label_quality``, ``given_label`` and ``predicted_label``.

        By models that have learned from neither the row nor the issues of a first round. If `uncertainty` is passed,
        the usual distance between given and predicted number, residuals are divided by it. The number of issues is
        estimated, so that the search ranges have no effect.
        """
        X, _ = indexable(X, y)
        given = numbers(y, "y")
        expected = self._held_out(X, given, options=model_kwargs)
        flags = _judged(given, expected, uncertainty).flag
        if flags.any():
            expected = self._held_out(X, given, options=model_kwargs, leave_out=flags)
        found = _judged(given, expected, uncertainty)
        columns = {
            "is_label_issue": found.flag,
            "label_quality": 1 - found.score,
            "given_label": np.asarray(y),
            "predicted_label": expected,
        }
        frame = _frame(y, X, **columns)
        if not save_space:
            self.label_issues_df = frame
        return frame

    def get_label_issues(self) -> Any:
        """The frame of the last `find_label_issues` or `fit`; None before."""
        return getattr(self, "label_issues_df", None)

    @property
    def label_issues_mask(self) -> Any:
        """(n,) the flags; None before."""
        issues = self.get_label_issues()
        return None if issues is None else np.asarray(issues["is_label_issue"])

    def save_space(self) -> None:
        """Forget what was found of each row."""
        self.__dict__.pop("label_issues_df", None)

    def get_epistemic_uncertainty(self, X: Any, y: Any, predictions: Any = None) -> Numbers:
        """(n,) standard deviation of the predictions of models trained on halves of the data."""
        given = numbers(y, "y")
        rounds = [self._held_out(X, given, n_folds=2, shift=1 + shift) for shift in range(self.n_boot)]
        if not rounds:
            return np.zeros(len(given))
        return np.asarray(np.std([*rounds, *([] if predictions is None else [np.asarray(predictions)])], axis=0))

    def get_aleatoric_uncertainty(self, X: Any, residual: Any) -> float:
        """Standard deviation of the residuals as far as the model predicts them."""
        return float(np.std(self._held_out(X, numbers(residual, "residual"))))

    def predict(self, X: Any, *args: Any, **kwargs: Any) -> npt.NDArray[Any]:
        """(m,) predicted numbers."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict(X, *args, **kwargs))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The model's own score; R² if it has none."""
        check_is_fitted(self)
        if not hasattr(self.estimator_, "score"):
            return float(super().score(X, y, sample_weight))
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        return float(self.estimator_.score(X, y, **weights))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "estimator_")

    def _model(self) -> Any:
        return LinearRegression() if self.model is None else clone(self.model)

    def _held_out(
        self,
        X: Any,
        y: Numbers,
        *,
        n_folds: int | None = None,
        shift: int = 0,
        options: Mapping[str, Any] | None = None,
        leave_out: Mask | None = None,
    ) -> Numbers:
        """(n,) predictions by models that have not seen the row, nor rows to leave out."""
        hashes, model = row_hash(X), self._model()
        check_same_length(X=hashes, y=y)
        n_folds = check_count("cv_n_folds", self.cv_n_folds) if n_folds is None else n_folds
        distinct = len(np.unique(hashes))
        if not 2 <= n_folds <= distinct:
            found = f"{n_folds} folds, {distinct} distinct rows"
            raise InputError("cv_n_folds", "be from 2 to the number of distinct rows", found, "Pass fewer folds.")
        folds = GroupKFold(n_folds, shuffle=True, random_state=seed_of(self.seed) + shift)
        splits = list(folds.split(hashes, groups=hashes))
        if leave_out is not None:
            splits = [(train[~leave_out[train]], test) for train, test in splits]
        return np.asarray(cross_val_predict(model, X, y, cv=splits, params=dict(options or {})), dtype=np.float64)


def _judged(given: Numbers, expected: Numbers, uncertainty: Any) -> Any:
    if uncertainty is None:
        return find_target_errors(given, expected)
    usual = np.broadcast_to(np.asarray(uncertainty, dtype=np.float64), given.shape)
    if not (usual > 0).all():
        raise InputError("uncertainty", "be above 0", f"{usual.min()}", "Leave it out: it is estimated.")
    return find_target_errors(expected + (given - expected) / usual, expected)


def _flags(label_issues: Any, y: npt.NDArray[Any]) -> Mask:
    table = hasattr(label_issues, "columns")
    if table and "given_label" in label_issues.columns and (np.asarray(label_issues["given_label"]) != y).any():
        fix = "Pass the table of find_label_issues for these rows."
        raise InputError("label_issues", "contain the given labels of these rows", "other labels", fix)
    flags = np.asarray(label_issues["is_label_issue"] if table else label_issues)
    if flags.shape != y.shape or flags.dtype != np.bool_:
        found, fix = f"shape {flags.shape} of {flags.dtype}", "Pass what find_label_issues returns."
        raise InputError("label_issues", f"be a table or a mask of {len(y)} rows", found, fix)
    return flags


def _frame(*indexed: Any, **columns: Any) -> Any:
    """With the index of the first that has one."""
    index = next((one.index for one in indexed if hasattr(one, "iloc")), None)
    return pandas_frame(columns, index=index)
