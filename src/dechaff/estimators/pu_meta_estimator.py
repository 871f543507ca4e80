"""What all classifiers here have in common that wrap a model and learn from labelled positives and unlabelled rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.utils import get_tags, indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.validation import check_is_fitted

from dechaff.core.row_hash import row_hash
from dechaff.errors import InputError
from dechaff.estimators.label_folds import LabelFolds, folds_of_splits, label_folds, seed_of
from dechaff.estimators.pu_labels import named, probability_columns, read_pu_labels
from dechaff.estimators.pu_rows import PURows
from dechaff.estimators.training_rows import checked_length, checked_weights
from dechaff.estimators.usual_model import usual_model
from dechaff.estimators.weighted_fit import WEIGHT, explained, request_weights, seeded
from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.elkan_noto import is_positive
from dechaff.methods.pu.scheme import Scheme, class_prior
from dechaff.typing import Groups, Mask, Rows


class PUMetaEstimator(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Base of the classifiers; a subclass holds the options, learns from `PURows` and says how sure it is.

    After ``fit``: ``classes_``, ``positive_class_``, ``labelled_`` (n,), ``label_probs_`` (n,) where the subclass
    gives some, ``n_features_in_`` and ``feature_names_in_`` where the model has them.
    """

    estimator: Any
    scheme: Scheme
    positive: Hashable
    cv: Any
    random_state: Any

    @abstractmethod
    def _learn(
        self, rows: PURows, folds: Groups, model: Any
    ) -> npt.NDArray[np.float64] | Mapping[str, npt.NDArray[Any]] | None:
        """Sets the fitted attributes, ``estimator_`` among them; gives out-of-fold g of the rows, if it has it.

        `folds` (n,) says in which part each row is held out; `model` is the estimator to clone. Where something else
        is known of each row, it is given by the name of the attribute.
        """

    @abstractmethod
    def _positive_probs(self, X: Any) -> npt.NDArray[np.float64]:
        """(m,) p(y = 1 | x) of new rows."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> Self:
        """Learn from labelled positives and unlabelled rows.

        Parameters
        ----------
        X : n rows: array, sparse matrix, data frame, list of texts, whatever the model takes
        y : (n,) labelled or not: 1 / 0, 1 / -1, True / False, any two names, or one name and missing values
        sample_weight : (n,) float, 0 or more
            A row of weight 3 counts as three rows, one of weight 0 is not there.
        **fit_params : `groups` for the folds, everything else for ``fit`` of the model
            Where metadata routing is on, what the model and the splitter request.

        Raises
        ------
        InputError
            Where labels, weights, folds or options cannot be used; see the message.
        """
        labels = read_pu_labels(y, positive=self.positive)
        (X,) = indexable(X)
        checked_length(X, len(labels.labelled))
        class_prior(1.0, 1, 1, self.scheme)  # an unknown scheme is refused before anything is trained
        model = seeded(usual_model(X) if self.estimator is None else checked_model(self.estimator), self.random_state)
        rows = self._rows(X, labels.labelled, sample_weight, fit_params)
        places = rows.places_that_count()
        kept = rows if len(places) == len(labels.labelled) else rows.only(places)
        found = self._learnt(kept, self._folds(rows, kept, places), model)
        self.classes_, self.positive_class_ = labels.classes, labels.classes[labels.positive]
        self.labelled_ = labels.labelled
        for name, values in ({"label_probs_": found} if isinstance(found, np.ndarray) else found or {}).items():
            setattr(self, name, _of_all_rows(values, places, len(labels.labelled)))
        self._copy_features()
        return self

    def _learnt(self, rows: PURows, folds: Groups, model: Any) -> Any:
        try:
            return self._learn(rows, folds, model)
        except ValueError as error:
            raise explained(None, error) from error

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Probabilities (m, 2) of the classes, not of labels, in the order of ``classes_``; rows sum to 1."""
        positive_probs = self._asked(X)
        return probability_columns(positive_probs, self._positive_place())

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The class (m,) of each row: positive where its probability is at least one half."""
        positive = is_positive(self._asked(X))
        return named(self.classes_, self._positive_place(), positive)

    def get_metadata_routing(self) -> MetadataRouter:
        """Who wants which metadata: this classifier, its model, its splitter."""
        model = self.estimator
        if model is None:
            model = usual_model()
            if get_config()["enable_metadata_routing"]:
                request_weights(model)
        return (
            MetadataRouter(owner=self)
            .add_self_request(self)
            .add(estimator=model, method_mapping=MethodMapping().add(caller="fit", callee="fit"))
            .add(
                splitter=LabelFolds() if _is_number(self.cv) else self.cv,
                method_mapping=MethodMapping().add(caller="fit", callee="split"),
            )
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(usual_model() if self.estimator is None else self.estimator)
        tags.input_tags, tags.no_validation, tags.non_deterministic = (
            inner.input_tags,
            inner.no_validation,
            inner.non_deterministic,
        )
        tags.classifier_tags.multi_class = False
        return tags

    def _asked(self, X: Any) -> npt.NDArray[np.float64]:
        """(m,) p(y = 1 | x) of new rows, once there is something to ask."""
        check_is_fitted(self)
        try:
            return self._positive_probs(X)
        except ValueError as error:
            raise explained(None, error) from error

    def _rows(self, X: Any, labelled: Mask, sample_weight: Any, fit_params: dict[str, Any]) -> PURows:
        """All rows, with the arguments that are meant for the model and for the folds."""
        options, groups = self._routed(sample_weight, fit_params)
        for_model = options.pop(WEIGHT, None)
        # The model may ask for its weights by another name; then they count here, too.
        weights = checked_weights(for_model if sample_weight is None else sample_weight, len(labelled))
        return PURows(
            X, labelled, weights, for_model is not None, options, None if groups is None else np.asarray(groups)
        )

    def _folds(self, rows: PURows, kept: PURows, places: Rows) -> Groups:
        """The fold of each row that is kept; numbers in pairs (train, test) count all rows."""
        if _is_number(self.cv):
            seed = seed_of(self.random_state)
            return label_folds(
                row_hash(kept.X), kept.labelled, weights=kept.weights, groups=kept.groups, n_folds=self.cv, seed=seed
            )
        if hasattr(self.cv, "split") and not isinstance(self.cv, str):
            splits = self.cv.split(kept.X, kept.labelled.astype(np.int64), kept.groups)
            return folds_of_splits(splits, len(kept.labelled))
        if isinstance(self.cv, Iterable) and not isinstance(self.cv, str):
            return folds_of_splits(self.cv, len(rows.labelled))[places]
        raise InputError(
            "cv",
            "be a number of folds, a splitter, or pairs (train, test)",
            repr(self.cv),
            "Leave it out: up to five folds are made, stratified, with equal rows together.",
        )

    def _routed(self, sample_weight: Any, fit_params: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        """Arguments for ``fit`` of the model, and groups for the folds."""
        if get_config()["enable_metadata_routing"]:
            routed = process_routing(self, "fit", sample_weight=sample_weight, **fit_params)
            return dict(routed.estimator.fit), routed.splitter.split.get("groups")
        options = {**fit_params, WEIGHT: sample_weight}
        return options, options.pop("groups", None)

    def _keep_c(self, binned: BinnedScores, c: float) -> None:
        """Sets what is known of the classes; c is at least the share of labelled rows, as if all rows were positive."""
        n_labelled, n_unlabelled = binned.n_labelled, binned.n_unlabelled
        self.c_ = min(max(float(c), n_labelled / (n_labelled + n_unlabelled)), 1.0)
        self.class_prior_ = class_prior(self.c_, n_labelled, n_unlabelled, self.scheme)

    def _positive_place(self) -> int:
        return int(self.classes_[1] == self.positive_class_)

    def _copy_features(self) -> None:
        """What the model knows of the columns; nothing where it knows nothing, such as of texts."""
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimator_, name):
                setattr(self, name, getattr(self.estimator_, name))
            elif hasattr(self, name):
                delattr(self, name)


def _of_all_rows(values: npt.NDArray[Any], places: Rows, n: int) -> npt.NDArray[Any]:
    """The values of rows that count, in their places; NaN or False in the others."""
    whole = np.full(n, np.nan if values.dtype.kind == "f" else False, dtype=values.dtype)
    whole[places] = values
    return whole


def _is_number(cv: Any) -> bool:
    return cv is None or (isinstance(cv, int | np.integer) and not isinstance(cv, bool))


def checked_model(estimator: Any) -> Any:
    """The estimator, or an InputError where it is no instance of a classifier with probabilities."""
    name = getattr(estimator, "__name__", type(estimator).__name__)
    if isinstance(estimator, type) or not (hasattr(estimator, "fit") and hasattr(estimator, "get_params")):
        fix = "Hand in an instance, for example LogisticRegression(), not the class or a function."
        raise InputError("the estimator", "be a scikit-learn classifier, an instance", name, fix)
    if not hasattr(estimator, "predict_proba"):
        fix = "Wrap it: sklearn.calibration.CalibratedClassifierCV(estimator) gives probabilities."
        raise InputError("the estimator", "have predict_proba", f"{name}, which has none", fix)
    return estimator
