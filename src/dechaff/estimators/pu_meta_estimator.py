"""What all classifiers here have in common that wrap a model and learn from labelled positives and unlabelled rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils import indexable
from sklearn.utils.validation import check_is_fitted

from dechaff.errors import InputError
from dechaff.estimators.folded_classifier import FoldedClassifier, checked_classifier, of_all_rows
from dechaff.estimators.label_folds import LabelFolds, label_folds
from dechaff.estimators.pu_labels import named, probability_columns, read_pu_labels
from dechaff.estimators.pu_rows import PURows
from dechaff.estimators.training_rows import checked_length
from dechaff.estimators.usual_model import usual_model
from dechaff.estimators.weighted_fit import explained, seeded
from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.elkan_noto import is_positive
from dechaff.methods.pu.scheme import Scheme, class_prior
from dechaff.typing import Groups


class PUMetaEstimator(FoldedClassifier):
    """Base of the classifiers; a subclass holds the options, learns from `PURows` and says how sure it is.

    After ``fit``: ``classes_``, ``positive_class_``, ``labelled_`` (n,), ``label_probs_`` (n,) where the subclass
    gives some, ``n_features_in_`` and ``feature_names_in_`` where the model has them.
    """

    scheme: Scheme
    positive: Hashable
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
        rows = self._rows(PURows, X, labels.labelled, sample_weight, fit_params)
        places = rows.places_that_count()
        kept = rows if len(places) == len(labels.labelled) else rows.only(places)
        found = self._learnt(kept, self._folds(rows, kept, places), model)
        self.classes_, self.positive_class_ = labels.classes, labels.classes[labels.positive]
        self.labelled_ = labels.labelled
        for name, values in ({"label_probs_": found} if isinstance(found, np.ndarray) else found or {}).items():
            setattr(self, name, of_all_rows(values, places, len(labels.labelled)))
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

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    _deal = staticmethod(label_folds)

    def _usual_splitter(self) -> Any:
        return LabelFolds()

    def _asked(self, X: Any) -> npt.NDArray[np.float64]:
        """(m,) p(y = 1 | x) of new rows, once there is something to ask."""
        check_is_fitted(self)
        try:
            return self._positive_probs(X)
        except ValueError as error:
            raise explained(None, error) from error

    def _keep_c(self, binned: BinnedScores, c: float) -> None:
        """Sets what is known of the classes; c is at least the share of labelled rows, as if all rows were positive."""
        n_labelled, n_unlabelled = binned.n_labelled, binned.n_unlabelled
        self.c_ = min(max(float(c), n_labelled / (n_labelled + n_unlabelled)), 1.0)
        self.class_prior_ = class_prior(self.c_, n_labelled, n_unlabelled, self.scheme)

    def _positive_place(self) -> int:
        return int(self.classes_[1] == self.positive_class_)


def checked_model(estimator: Any) -> Any:
    """The estimator, or an InputError where it is no instance of a classifier with probabilities."""
    if not hasattr(checked_classifier(estimator), "predict_proba"):
        fix = "Wrap it: sklearn.calibration.CalibratedClassifierCV(estimator) gives probabilities."
        found = f"{type(estimator).__name__}, which has none"
        raise InputError("the estimator", "have predict_proba", found, fix)
    return estimator
