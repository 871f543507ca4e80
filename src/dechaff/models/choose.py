"""Candidate baseline models by kind of data, the simplest first, and their weighted mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.core.table import Table
from dechaff.errors import InputError
from dechaff.models.boosting import Boosting, RandomTrees
from dechaff.models.columns import EmbeddingEncoder, LinearEncoder, TreeEncoder
from dechaff.models.estimator import EstimatorLearner
from dechaff.models.model import Bound, Codes, EncodedBound, EncodedModel, Encoder, GivenFeatures, Model, Probabilities
from dechaff.models.neighbours import Neighbours
from dechaff.models.softmax import SoftmaxRegression
from dechaff.models.text import TextEncoder

TEXT_NAME = "word and character TF-IDF, logistic regression"
EMBEDDING_NAME = "logistic regression on the given features"


MANY_CLASSES = 60
"""No boosted trees above this number of classes, because each round grows one tree per class."""
MANY_ROWS = 25_000
"""No randomised trees above this number of rows, because of their cost."""


def candidate_models(table: Table, features: GivenFeatures = None, *, n_classes: int = 2) -> tuple[Model, ...]:
    """The candidate models for a baseline, the simplest first.

    Given features are used instead of columns, images instead of other columns, texts together with other columns.
    Above 60 classes, tables get a k-NN instead of boosted trees, which would cost too much.

    Parameters
    ----------
    table : n rows of feature columns
    features : (n, d) float, or None
        Embeddings of the rows.
    n_classes : int
        k.

    Raises
    ------
    InputError
        If there are no feature columns.

    Examples
    --------
    >>> from dechaff.core.table import Column, Table
    >>> ages = np.array([31.0, 45.0])
    >>> column = Column("age", "numeric", ages, np.isnan(ages), np.array(["31", "45"], dtype=object))
    >>> [model.name for model in candidate_models(Table((column,), 2))]
    ['logistic regression', 'gradient-boosted trees', 'extremely randomised trees']
    """
    if features is not None:
        return _embedding_models()
    if table.of_kind("image"):
        return _image_models()
    others = table.of_kind("numeric", "categorical", "datetime")
    if table.of_kind("text"):
        return _mixed_models(n_classes) if others else _text_models()
    if others:
        return _column_models(len(table), n_classes)
    raise InputError(
        "the data set",
        "have at least one column besides label and id to learn from",
        "none",
        "Check --drop and --id, or pass features= or probs=.",
    )


def neighbour_model(table: Table, features: GivenFeatures = None) -> Model:
    """A k-NN on the representation of the default model: a lower bound for any useful baseline."""
    default = candidate_models(table, features)[0]
    assert isinstance(default, EncodedModel)
    cosine = features is not None or bool(table.of_kind("text"))
    return EncodedModel("k nearest neighbours", default.encoder, Neighbours(cosine=cosine))


def bind_together(
    models: Sequence[Model], table: Table, features: GivenFeatures, n_classes: int, *, seed: int
) -> tuple[Bound, ...]:
    """Every model bound to the rows; models with equal encoders share one matrix."""
    ready: dict[Encoder, EncodedBound] = {}
    bound: list[Bound] = []
    for model in models:
        if not isinstance(model, EncodedModel):
            bound.append(model.bind(table, features, n_classes, seed=seed))
            continue
        if model.encoder not in ready:
            ready[model.encoder] = model.bind(table, features, n_classes, seed=seed)
        shared = ready[model.encoder]
        bound.append(EncodedBound(model.learner, shared.encoding, shared.matrix, n_classes, seed))
    return tuple(bound)


def _text_models() -> tuple[Model, ...]:
    return (
        EncodedModel(TEXT_NAME, TextEncoder(), SoftmaxRegression(1.0)),
        EncodedModel(f"{TEXT_NAME}, light penalty", TextEncoder(), SoftmaxRegression(5.0)),
    )


def _mixed_models(n_classes: int) -> tuple[Model, ...]:
    linear = EncodedModel(
        "TF-IDF of the texts beside the other columns, logistic regression", LinearEncoder(), SoftmaxRegression(1.0)
    )
    if n_classes > MANY_CLASSES:
        return (linear,)
    name = "topics of the texts beside the other columns, gradient-boosted trees"
    return linear, EncodedModel(name, TreeEncoder(), Boosting())


def _column_models(n_rows: int, n_classes: int) -> tuple[Model, ...]:
    linear = EncodedModel("logistic regression", LinearEncoder(), SoftmaxRegression(1.0))
    if n_classes > MANY_CLASSES:
        return linear, EncodedModel("k nearest neighbours", LinearEncoder(), Neighbours())
    boosted = EncodedModel("gradient-boosted trees", TreeEncoder(), Boosting())
    if n_rows > MANY_ROWS:
        return linear, boosted
    return linear, boosted, EncodedModel("extremely randomised trees", TreeEncoder(), RandomTrees())


def _embedding_models() -> tuple[Model, ...]:
    return (
        EncodedModel(EMBEDDING_NAME, EmbeddingEncoder(), SoftmaxRegression(0.003)),
        EncodedModel(f"{EMBEDDING_NAME}, light penalty", EmbeddingEncoder(), SoftmaxRegression(0.02)),
        EncodedModel("nearest neighbours on the given features", EmbeddingEncoder(), Neighbours(15, cosine=True)),
    )


def _image_models() -> tuple[Model, ...]:
    from dechaff.models.images import ImageEncoder

    return (EncodedModel("pixels and edge directions, logistic regression", ImageEncoder(), SoftmaxRegression(0.01)),)


@dataclass(frozen=True)
class Mixture:
    """A FitPredict that trains every member and averages their probabilities with ``weights``, which sum to 1."""

    members: tuple[Bound, ...]
    weights: tuple[float, ...]

    def __call__(self, fit_rows: Codes, fit_codes: Codes, predict_rows: Codes) -> Probabilities:
        """(m, k) probabilities of `predict_rows`; members of weight 0 are not trained."""
        parts = [
            weight * member(fit_rows, fit_codes, predict_rows)
            for member, weight in zip(self.members, self.weights, strict=True)
            if weight > 0
        ]
        return np.asarray(np.sum(parts, axis=0))


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
