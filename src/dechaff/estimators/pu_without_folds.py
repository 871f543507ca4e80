"""Base of the positive-unlabelled classifiers that hold no rows out: bags and expectation maximisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from dechaff.errors import InputError
from dechaff.estimators.pu_meta_estimator import PUMetaEstimator
from dechaff.estimators.training_rows import TrainingRows
from dechaff.methods.pu.scheme import Scheme
from dechaff.typing import Groups, Rows


class PUWithoutFolds(PUMetaEstimator):
    """The same as its base, but for folds; a subclass gets one fold of all rows."""

    scheme: Scheme = "single-training-set"
    cv: Any = None

    def _folds(self, rows: TrainingRows, kept: TrainingRows, places: Rows) -> Groups:
        if kept.groups is not None:
            name = type(self).__name__
            fix = "Leave them out; PUClassifier and SpyClassifier hold rows out by groups."
            raise InputError("groups", f"be left out, because {name} holds no rows out", "groups", fix)
        return np.zeros(len(kept.labels), dtype=np.int64)
