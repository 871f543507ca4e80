"""Base of the classifiers that wrap a model and hold rows out in ``fit``: folds and routing of ``fit`` arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.utils import get_tags, indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from dechaff.core.row_hash import row_hash
from dechaff.errors import InputError, LabelsError
from dechaff.estimators.class_labels import ClassLabels, read_class_labels
from dechaff.estimators.content_folds import ContentFolds, class_folds, folds_of_splits, seed_of
from dechaff.estimators.training_rows import TrainingRows, checked_length, checked_weights
from dechaff.estimators.weighted_fit import WEIGHT, default_model, request_weights, seeded
from dechaff.typing import Groups, Rows

R = TypeVar("R", bound=TrainingRows)


class FoldedClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Base class: makes the folds and routes the arguments of ``fit``. Subclasses hold the options."""

    estimator: Any
    cv: Any
    random_state: Any
    estimator_: Any
    _deal: ClassVar[Callable[..., Groups]]
    """Assigns folds from row hashes and labels, with weights, groups, n_folds and seed."""

    def _numbered_folds(self, kept: TrainingRows) -> Groups:
        """(n,) fold of each row, if ``cv`` is a number or None."""
        return self._deal(
            row_hash(kept.X),
            kept.labels,
            weights=kept.weights,
            groups=kept.groups,
            n_folds=self.cv,
            seed=seed_of(self.random_state),
        )

    def get_metadata_routing(self) -> MetadataRouter:
        """Metadata routing of this classifier, its model and its splitter."""
        model = self.estimator
        if model is None:
            model = default_model()
            if get_config()["enable_metadata_routing"]:
                request_weights(model)
        return (
            MetadataRouter(owner=self)
            .add_self_request(self)
            .add(estimator=model, method_mapping=MethodMapping().add(caller="fit", callee="fit"))
            .add(
                splitter=ContentFolds() if is_number(self.cv) else self.cv,
                method_mapping=MethodMapping().add(caller="fit", callee="split"),
            )
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator if hasattr(self.estimator, "__sklearn_tags__") else default_model())
        tags.input_tags, tags.no_validation, tags.non_deterministic = (
            inner.input_tags,
            inner.no_validation,
            inner.non_deterministic,
        )
        return tags

    def _rows(self, kind: type[R], X: Any, labels: npt.NDArray[Any], weights: Any, fit_params: dict[str, Any]) -> R:
        """All rows, with the arguments for the model and for the folds."""
        options, groups = self._routed(weights, fit_params)
        for_model = options.pop(WEIGHT, None)
        # The model may request its weights under another name; then they apply here, too.
        counts = checked_weights(for_model if weights is None else weights, len(labels))
        return kind(X, labels, counts, for_model is not None, options, None if groups is None else np.asarray(groups))

    def _folds(self, rows: TrainingRows, kept: TrainingRows, places: Rows) -> Groups:
        """(m,) fold of each kept row; indices in pairs (train, test) refer to all rows."""
        if is_number(self.cv):
            return self._numbered_folds(kept)
        if hasattr(self.cv, "split") and not isinstance(self.cv, str):
            splits = self.cv.split(kept.X, kept.labels.astype(np.int64), kept.groups)
            return folds_of_splits(splits, len(kept.labels))
        if isinstance(self.cv, Iterable) and not isinstance(self.cv, str):
            return folds_of_splits(self.cv, len(rows.labels))[places]
        raise InputError(
            "cv",
            "be a number of folds, a splitter, or pairs (train, test)",
            repr(self.cv),
            "Omit it for up to five stratified folds that keep duplicate rows together.",
        )

    def _routed(self, sample_weight: Any, fit_params: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        """Arguments for ``fit`` of the model, and groups for the folds."""
        if get_config()["enable_metadata_routing"]:
            routed = process_routing(self, "fit", sample_weight=sample_weight, **fit_params)
            return dict(routed.estimator.fit), routed.splitter.split.get("groups")
        options = {**fit_params, WEIGHT: sample_weight}
        return options, options.pop("groups", None)

    def _copy_features(self) -> None:
        """Copies the model's feature attributes, if it has them."""
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimator_, name):
                setattr(self, name, getattr(self.estimator_, name))
            elif hasattr(self, name):
                delattr(self, name)


def is_number(cv: Any) -> bool:
    """Whether `cv` is None or a number of folds."""
    return cv is None or (isinstance(cv, int | np.integer) and not isinstance(cv, bool))


def checked_classifier(estimator: Any) -> Any:
    """The estimator; an InputError if it is not an instance of a classifier."""
    name = getattr(estimator, "__name__", type(estimator).__name__)
    if isinstance(estimator, type) or not (hasattr(estimator, "fit") and hasattr(estimator, "get_params")):
        fix = "Pass an instance such as LogisticRegression(), not a class or a function."
        raise InputError("the estimator", "be a scikit-learn classifier, an instance", name, fix)
    return estimator


def scattered(values: npt.NDArray[Any], places: Rows, n: int) -> npt.NDArray[Any]:
    """(n,) with `values` (m,) at `places` (m,), and NaN or False elsewhere."""
    whole = np.full(n, np.nan if values.dtype.kind == "f" else False, dtype=values.dtype)
    whole[places] = values
    return whole


def model_has(name: str) -> Any:
    """A check for `available_if`: whether the model has the method."""

    def check(self: Any) -> bool:
        inner = getattr(self, "estimator_", self.estimator)
        getattr(default_model() if inner is None else inner, name)
        return True

    return check


class DelegatingClassifier(FoldedClassifier):
    """Base of classifiers whose predictions are those of the fitted model ``estimator_``."""

    _deal = staticmethod(class_folds)

    def _given(self, X: Any, y: Any, fit_params: dict[str, Any], *, fix: str) -> tuple[ClassLabels, TrainingRows]:
        """Labels of two classes or more, and the rows; `fix` is said if `fit` gets more than groups."""
        given = read_class_labels(y)
        (X,) = indexable(X)
        checked_length(X, len(given.codes))
        if len(given.classes) < 2:
            more = "Pass rows of two classes or more."
            raise LabelsError("y", "name at least two classes", f"{len(given.classes)} class", more)
        if others := sorted(set(fit_params) - {"groups"}):
            raise InputError("the arguments of fit", "be groups only", ", ".join(others), fix)
        return given, self._rows(TrainingRows, X, given.codes, None, fit_params)

    def _probabilistic_model(self, X: Any, purpose: str) -> Any:
        """The model to train, with its seed; an InputError if it has no probabilities."""
        model = default_model(X) if self.estimator is None else checked_classifier(self.estimator)
        if not hasattr(model, "predict_proba"):
            fix = "Set probability=True, or wrap it in CalibratedClassifierCV."
            raise InputError("the estimator", f"have predict_proba, {purpose}", type(model).__name__, fix)
        return seeded(model, self.random_state)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """(m,) predicted class of each row."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict(X))

    @available_if(model_has("predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """(m, k) probabilities of the classes, in the order of ``classes_``."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict_proba(X))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "estimator_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = False
        return tags
