"""The model where none is given."""

from __future__ import annotations

from typing import Any

from scipy.sparse import issparse
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler


def usual_model(X: Any = None) -> Pipeline:
    """Logistic regression on scaled numbers: its probabilities can be trusted, and few labelled rows are enough.

    Sparse matrices are scaled and not centred, so that they stay sparse; so is X where it is not known.

    Examples
    --------
    >>> [name for name, _ in usual_model().steps]
    ['standardscaler', 'logisticregression']
    """
    return make_pipeline(StandardScaler(with_mean=not (X is None or issparse(X))), LogisticRegression(max_iter=1000))
