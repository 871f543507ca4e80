"""Classifiers of any number of classes whose answers are those of the one model that they have trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from dechaff.estimators.class_folds import ClassFolds, class_folds
from dechaff.estimators.folded_classifier import FoldedClassifier
from dechaff.estimators.usual_model import usual_model


def model_has(name: str) -> Any:
    """A check for `available_if`: whether the model has that method."""

    def check(self: Any) -> bool:
        inner = getattr(self, "estimator_", self.estimator)
        getattr(usual_model() if inner is None else inner, name)
        return True

    return check


class AnswersOfModel(FoldedClassifier):
    """Base: ``fit`` leaves the model in ``estimator_``, and that is asked."""

    _deal = staticmethod(class_folds)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The class (m,) of each row."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict(X))

    @available_if(model_has("predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Probabilities (m, k) of the classes, in the order of ``classes_``."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict_proba(X))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "estimator_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = False
        return tags

    def _usual_splitter(self) -> Any:
        return ClassFolds()
