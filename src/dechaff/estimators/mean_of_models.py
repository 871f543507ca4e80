"""Several fitted models that answer as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class MeanOfModels:
    """The mean of the probabilities of models that have learnt the same classes.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> models = [DummyClassifier().fit([[0]] * 4, [0] * n + [1] * (4 - n)) for n in (1, 2)]
    >>> MeanOfModels(tuple(models)).predict_proba([[0]])
    array([[0.375, 0.625]])
    """

    models: tuple[Any, ...]

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """(n, k) probabilities; rows sum to 1."""
        total = np.asarray(self.models[0].predict_proba(X), dtype=np.float64)
        for model in self.models[1:]:
            total = total + model.predict_proba(X)
        return np.asarray(total / len(self.models))

    def __getattr__(self, name: str) -> Any:
        """What the models know of their columns."""
        if name in ("n_features_in_", "feature_names_in_"):
            return getattr(self.models[0], name)
        raise AttributeError(name)
