"""The default models of sparse rows, such as bags of words: logistic regressions; the labels choose one."""

from __future__ import annotations

from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

OF_TFIDF, OF_SCALED = (1.0, 10.0, 100.0), (0.01, 1.0)
"""Values of scikit-learn's C, on TF-IDF rows of unit length and on columns scaled to unit variance."""


def sparse_models() -> tuple[Pipeline, ...]:
    """Models to choose from: logistic regression on TF-IDF, which suits texts, and on scaled columns, for tables.

    Examples
    --------
    >>> [model[-1].C for model in sparse_models()]
    [1.0, 10.0, 100.0, 0.01, 1.0]
    """
    scalers = (TfidfTransformer(), OF_TFIDF), (StandardScaler(with_mean=False), OF_SCALED)
    return tuple(
        make_pipeline(scaler, LogisticRegression(C=C, max_iter=1000)) for scaler, values in scalers for C in values
    )
