"""Candidate baseline models by kind of data, the simplest first, and their weighted mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dechaff.core.table import Table
from dechaff.errors import InputError
from dechaff.models.boosting import Boosting, RandomTrees
from dechaff.models.columns import EmbeddingEncoder, LinearEncoder, TreeEncoder
from dechaff.models.estimator import EstimatorLearner
from dechaff.models.model import (
    Codes,
    EncodedBound,
    EncodedModel,
    Encoder,
    GivenFeatures,
    Learner,
    Model,
    Probabilities,
)
from dechaff.models.neighbours import Neighbours
from dechaff.models.softmax import SoftmaxRegression
from dechaff.models.text import TextEncoder
from dechaff.typing import FitPredict

TEXT_NAME = "word and character TF-IDF, logistic regression"
EMBEDDING_NAME = "logistic regression on the given features"


MANY_CLASSES = 60
"""No boosted trees above this number of classes, because each round grows one tree per class."""
MANY_ROWS = 25_000
"""No randomised trees above this number of rows, because of their cost."""
BOOSTED_CELLS = 5_000_000
"""Most cells (rows x features) for which boosted trees are tried on given features."""


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
    return _models(table, features, n_classes, further=False)


def selection_models(table: Table, features: GivenFeatures = None, *, n_classes: int = 2) -> tuple[Model, ...]:
    """The candidate models for improved data, the simplest first: those of `candidate_models`, and a few more."""
    return _models(table, features, n_classes, further=True)


def _models(table: Table, features: GivenFeatures, n_classes: int, *, further: bool) -> tuple[Model, ...]:
    if features is not None:
        return _embedding_models(features.size, n_classes, further=further)
    if table.of_kind("image"):
        return _image_models()
    others = table.of_kind("numeric", "categorical", "datetime")
    if table.of_kind("text"):
        return _mixed_models(n_classes) if others else _text_models(further=further)
    check_learnable(table, features)
    return _column_models(len(table), n_classes, further=further)


def check_learnable(table: Table, features: GivenFeatures) -> None:
    """An InputError if there is nothing that a model could learn from."""
    if features is None and not table.of_kind("image", "text", "numeric", "categorical", "datetime"):
        raise InputError(
            "the data set",
            "have at least one column besides label and id to learn from",
            "none",
            "Check --drop and --id, or pass features= or probs= without a model.",
        )


def neighbour_model(table: Table, features: GivenFeatures = None) -> Model:
    """A k-NN on the representation of the default model: a lower bound for any useful baseline."""
    default = candidate_models(table, features)[0]
    assert isinstance(default, EncodedModel)
    cosine = features is not None or bool(table.of_kind("text"))
    return EncodedModel("k nearest neighbours", default.encoder, Neighbours(cosine=cosine))


def bind_together(
    models: Sequence[Model], table: Table, features: GivenFeatures, n_classes: int, *, seed: int
) -> tuple[FitPredict, ...]:
    """Every model bound to the rows; models with equal encoders share one matrix."""
    ready: dict[Encoder, EncodedBound] = {}
    bound: list[FitPredict] = []
    for model in models:
        if not isinstance(model, EncodedModel):
            bound.append(model.bind(table, features, n_classes, seed=seed))
            continue
        if model.encoder not in ready:
            ready[model.encoder] = model.bind(table, features, n_classes, seed=seed)
        bound.append(replace(ready[model.encoder], learner=model.learner))
    return tuple(bound)


def _text_models(*, further: bool) -> tuple[Model, ...]:
    linear = (
        EncodedModel(TEXT_NAME, TextEncoder(), SoftmaxRegression(1.0)),
        EncodedModel(f"{TEXT_NAME}, light penalty", TextEncoder(), SoftmaxRegression(5.0)),
    )
    if not further:
        return linear
    from sklearn.linear_model import SGDClassifier
    from sklearn.naive_bayes import ComplementNB

    bayes: Any = ComplementNB(alpha=0.3)
    # modified_huber, because log_loss would only approximate the logistic regression that is a candidate anyway.
    hinge: Any = SGDClassifier(loss="modified_huber", alpha=1e-4)
    return (
        EncodedModel("complement naive Bayes on TF-IDF", TextEncoder(), EstimatorLearner(bayes, "ComplementNB")),
        EncodedModel("linear classifier by SGD on TF-IDF", TextEncoder(), EstimatorLearner(hinge, "SGDClassifier")),
        *linear,
    )


def _mixed_models(n_classes: int) -> tuple[Model, ...]:
    linear = EncodedModel(
        "TF-IDF of the texts beside the other columns, logistic regression", LinearEncoder(), SoftmaxRegression(1.0)
    )
    if n_classes > MANY_CLASSES:
        return (linear,)
    name = "topics of the texts beside the other columns, gradient-boosted trees"
    return linear, EncodedModel(name, TreeEncoder(), Boosting())


def _column_models(n_rows: int, n_classes: int, *, further: bool) -> tuple[Model, ...]:
    linear = EncodedModel("logistic regression", LinearEncoder(), SoftmaxRegression(1.0))
    if n_classes > MANY_CLASSES:
        return linear, EncodedModel("k nearest neighbours", LinearEncoder(), Neighbours())
    models = [linear, EncodedModel("gradient-boosted trees", TreeEncoder(), Boosting())]
    if n_rows <= MANY_ROWS:
        models.append(EncodedModel("extremely randomised trees", TreeEncoder(), RandomTrees()))
    if further:
        longer = Boosting(rounds=200, leaves=31, learning_rate=0.06)
        models.append(EncodedModel("gradient-boosted trees, longer", TreeEncoder(), longer))
    return tuple(models)


def _embedding_models(n_cells: int, n_classes: int, *, further: bool) -> tuple[Model, ...]:
    usual: dict[str, Learner] = {
        EMBEDDING_NAME: SoftmaxRegression(0.003),
        f"{EMBEDDING_NAME}, light penalty": SoftmaxRegression(0.02),
        "nearest neighbours on the given features": Neighbours(15, cosine=True),
    }
    if further:
        usual[f"{EMBEDDING_NAME}, very light penalty"] = SoftmaxRegression(0.2)
    if further and n_classes <= MANY_CLASSES and n_cells <= BOOSTED_CELLS:
        usual["gradient-boosted trees on the given features"] = Boosting()
    return tuple(EncodedModel(name, EmbeddingEncoder(), learner) for name, learner in usual.items())


def _image_models() -> tuple[Model, ...]:
    from dechaff.models.images import ImageEncoder

    return (EncodedModel("pixels and edge directions, logistic regression", ImageEncoder(), SoftmaxRegression(0.01)),)


@dataclass(frozen=True)
class Mixture:
    """A FitPredict that trains every member and averages their probabilities with ``weights``, which sum to 1."""

    members: tuple[FitPredict, ...]
    weights: tuple[float, ...]

    def __call__(self, fit_rows: Codes, fit_codes: Codes, predict_rows: Codes) -> Probabilities:
        """(m, k) probabilities of `predict_rows`; members of weight 0 are not trained."""
        parts = [
            weight * member(fit_rows, fit_codes, predict_rows)
            for member, weight in zip(self.members, self.weights, strict=True)
            if weight > 0
        ]
        return np.asarray(np.sum(parts, axis=0))
