"""Metrics without negatives as ``scoring=`` of scikit-learn's searches and cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from inspect import signature
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.metrics import make_scorer

from dechaff.errors import InputError
from dechaff.estimators.pu.labels import read_pu_labels
from dechaff.methods.pu.metrics.rates import pu_log_loss
from dechaff.methods.pu.scheme import Scheme

PUMetric = Callable[..., float]
"""``metric(labelled, predicted or scores or positive_probs, ...) -> float``."""

_ASKED_FOR: Mapping[str, Any] = MappingProxyType(
    {"predicted": "predict", "scores": ("decision_function", "predict_proba"), "positive_probs": "predict_proba"}
)
"""Name of a metric's second argument -> classifier methods that return it."""
_LOSSES = (pu_log_loss,)


def pu_scorer(
    metric: PUMetric,
    *,
    c: float | None = None,
    scheme: Scheme = "single-training-set",
    positive: Hashable = None,
) -> Any:
    """A scikit-learn scorer for positive-unlabelled labels: ``GridSearchCV(..., scoring=pu_scorer(lee_liu))``.

    All models must be scored with the same c. Estimating it per model would favour models that underestimate c, because
    a low c raises every precision. `lee_liu` and `pu_recall` need no c, and `pu_auc` ranks models the same for any c.

    Parameters
    ----------
    metric : `lee_liu`, `pu_recall`, `pu_precision`, `pu_f1`, `pu_accuracy`, `pu_auc`, `pu_log_loss`, or similar
        The sign of losses is flipped, so that higher is better, as in scikit-learn.
    c : float in (0, 1], if the metric needs it
        Probability that a positive is labelled; for example ``PUClassifier().fit(X, y).c_``.
    scheme : "single-training-set" or "case-control", if the metric takes it
    positive : name of labelled rows in y, and of the predicted positive class
        None: the greater of the two values.

    Returns
    -------
    function ``scorer(model, X, y) -> float``

    Raises
    ------
    InputError
        If the metric needs c and it is missing, does not take c and it is given, or is not such a metric.

    Source
    ------
    That of the metric; `make_scorer` of scikit-learn.

    Examples
    --------
    >>> from dechaff import PUClassifier
    >>> from dechaff.metrics import pu_f1
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import GridSearchCV
    >>> random = np.random.default_rng(0)
    >>> y = random.random(600) < 0.5
    >>> X = random.normal(size=(600, 2)) + 3 * y[:, None]
    >>> s = y & (random.random(600) < 0.4)
    >>> grid = {"estimator__C": [1e-5, 1.0]}
    >>> search = GridSearchCV(PUClassifier(LogisticRegression()), grid, scoring=pu_scorer(pu_f1, c=0.4), cv=3)
    >>> search.fit(X, s).best_params_
    {'estimator__C': 1.0}
    """
    wants = list(signature(metric).parameters)
    if len(wants) < 2 or wants[1] not in _ASKED_FOR:
        name = getattr(metric, "__name__", repr(metric))
        raise InputError("metric", "be a metric of labelled and unlabelled rows", name, "Pass one such as pu_f1.")
    if ("c" in wants) != (c is not None):
        must, found = ("be given", "None") if c is None else ("be omitted", f"c={c}")
        fix = (
            "Estimate it once for all models: PUClassifier().fit(X, y).c_."
            if c is None
            else "This metric does not use it."
        )
        raise InputError(f"c for {metric.__name__}", must, found, fix)
    known = {"c": c, "scheme": scheme}
    return make_scorer(
        metric_of_names,
        response_method=_ASKED_FOR[wants[1]],
        greater_is_better=metric not in _LOSSES,
        metric=metric,
        options={name: value for name, value in known.items() if name in wants},
        pos_label=positive,
    )


def metric_of_names(
    y_true: Any,
    y_pred: Any,
    *,
    metric: PUMetric,
    options: Mapping[str, Any],
    pos_label: Hashable = None,
    sample_weight: Any = None,
) -> float:
    """The metric of class names, or of class names and one score per row.

    Examples
    --------
    >>> from dechaff.metrics import pu_recall
    >>> given, predicted = ["yes", "yes", "?"], np.array(["yes", "?", "yes"])
    >>> metric_of_names(given, predicted, metric=pu_recall, options={}, pos_label="yes")
    0.5
    """
    labels = read_pu_labels(y_true, positive=pos_label)
    values = np.asarray(y_pred)
    if list(signature(metric).parameters)[1] == "predicted":
        values = np.asarray(values == labels.classes[labels.positive], dtype=np.bool_)
    weights = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    return metric(labels.labelled, values, **options, weights=weights)
