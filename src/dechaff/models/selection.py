"""Candidate models for cleaned data: those of the baseline, and some with less regularisation."""

from __future__ import annotations

from typing import Any

from dechaff.core.table import Table
from dechaff.models.boosting import Boosting
from dechaff.models.choose import MANY_CLASSES, candidate_models
from dechaff.models.columns import TreeEncoder
from dechaff.models.embeddings import EmbeddingEncoder
from dechaff.models.estimator import EstimatorLearner
from dechaff.models.model import EncodedModel, GivenFeatures, Model
from dechaff.models.softmax import SoftmaxRegression
from dechaff.models.text import TextEncoder

BOOSTED_CELLS = 5_000_000
"""Most cells (rows x features) for which boosted trees are tried on given features."""


def selection_models(table: Table, features: GivenFeatures = None, *, n_classes: int = 2) -> tuple[Model, ...]:
    """The candidate models for improved data, the simplest first. Parameters as in `candidate_models`.

    Raises
    ------
    InputError
        If there are no feature columns.
    """
    usual = candidate_models(table, features, n_classes=n_classes)
    if features is not None:
        return usual + _for_features(features, n_classes)
    if table.of_kind("image"):
        return usual
    if not table.of_kind("text"):
        return usual + _for_columns(n_classes)
    if table.of_kind("numeric", "categorical", "datetime"):
        return usual
    return _for_texts() + usual


def _for_texts() -> tuple[Model, ...]:
    from sklearn.linear_model import SGDClassifier
    from sklearn.naive_bayes import ComplementNB

    bayes: Any = ComplementNB(alpha=0.3)
    # modified_huber, because log_loss would only approximate the logistic regression that is a candidate anyway.
    hinge: Any = SGDClassifier(loss="modified_huber", alpha=1e-4)
    return (
        EncodedModel("complement naive Bayes on TF-IDF", TextEncoder(), EstimatorLearner(bayes, "ComplementNB")),
        EncodedModel("linear classifier by SGD on TF-IDF", TextEncoder(), EstimatorLearner(hinge, "SGDClassifier")),
    )


def _for_columns(n_classes: int) -> tuple[Model, ...]:
    if n_classes > MANY_CLASSES:
        return ()
    longer = Boosting(rounds=200, leaves=31, learning_rate=0.06)
    return (EncodedModel("gradient-boosted trees, longer", TreeEncoder(), longer),)


def _for_features(features: Any, n_classes: int) -> tuple[Model, ...]:
    stronger = EncodedModel(
        "logistic regression on the given features, very light penalty", EmbeddingEncoder(), SoftmaxRegression(0.2)
    )
    if n_classes > MANY_CLASSES or features.size > BOOSTED_CELLS:
        return (stronger,)
    return stronger, EncodedModel("gradient-boosted trees on the given features", EmbeddingEncoder(), Boosting())
