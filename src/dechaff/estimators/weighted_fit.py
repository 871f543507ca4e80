"""The default model, and a fresh model trained on weighted rows, whether it is a classifier, a pipeline or a search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import issparse
from sklearn import get_config
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler
from sklearn.utils import check_random_state
from sklearn.utils.metadata_routing import get_routing_for_object

from dechaff.errors import InputError
from dechaff.typing import Labels, Probs


def default_model(X: Any = None) -> Pipeline:
    """Logistic regression on standardised features: calibrated, and fits few labelled rows.

    Sparse matrices, and X of unknown type, are scaled but not centred, which keeps them sparse.

    Parameters
    ----------
    X : n rows that the model will be fitted on, or None if they are unknown

    Examples
    --------
    >>> [name for name, _ in default_model().steps]
    ['standardscaler', 'logisticregression']
    """
    return make_pipeline(StandardScaler(with_mean=not (X is None or issparse(X))), LogisticRegression(max_iter=1000))


WEIGHT = "sample_weight"
_MISSING, _TEXTS = "NaN", ("could not convert string to float", "arrays of bytes/strings")
"""Parts of scikit-learn's error messages about missing values and about texts."""


def fit_fresh(
    estimator: Any,
    X: Any,
    targets: npt.NDArray[np.int64],
    *,
    weights: npt.NDArray[np.float64] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Any:
    """A fitted clone of the estimator; the estimator itself is not changed.

    Parameters
    ----------
    estimator : scikit-learn classifier
    X : n rows, in any form that the estimator accepts
    targets : (n,) int
    weights : (n,) float, above 0, or None for 1 each
        Sample weights. In a pipeline they go to the last step and to any other step that takes them.
    options : further arguments of ``fit``

    Raises
    ------
    InputError
        If the estimator does not accept weights, or the missing values or texts in X.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> model = fit_fresh(GaussianNB(), [[0.0], [1.0], [2.0]], np.array([0, 1, 1]), weights=np.array([2.0, 1.0, 1.0]))
    >>> model.class_prior_
    array([0.5, 0.5])
    """
    model = clone(estimator, safe=False)
    given = dict(options or {})
    if weights is not None:
        given |= {name: weights * given[name] if name in given else weights for name in _weight_arguments(model)}
    try:
        fitted = model.fit(X, targets, **given)
        return model if fitted is None else fitted
    except ValueError as error:
        raise explained(model, error) from error


def fit_codes(model: Any, k: int, X: Any, codes: Labels) -> Callable[[Any], Probs]:
    """A clone trained on codes; probabilities are 0 for classes that its rows lack."""
    seen = np.unique(codes)
    trained = fit_fresh(model, X, codes) if len(seen) > 1 else None

    def probs(rows: Any) -> Probs:
        n = rows.shape[0] if hasattr(rows, "shape") else len(rows)
        found = np.zeros((n, k))
        found[:, seen] = 1.0 if trained is None else trained.predict_proba(rows)
        return found

    return probs


def weight_names(estimator: Any) -> tuple[str, ...]:
    """Names of the ``fit`` arguments for weights: none, one, or one per pipeline step that takes weights.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> weight_names(default_model())
    ('standardscaler__sample_weight', 'logisticregression__sample_weight')
    >>> weight_names(KNeighborsClassifier())
    ()
    """
    if isinstance(estimator, Pipeline):
        steps = [(name, step) for name, step in estimator.steps if step not in (None, "passthrough")]
        if not steps or not weight_names(steps[-1][1]):
            return ()
        return tuple(f"{name}__{inner}" for name, step in steps if _carries(step) for inner in weight_names(step))
    parameters = signature(estimator.fit).parameters
    if WEIGHT in parameters:
        return (WEIGHT,)
    any_name = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    inner = getattr(estimator, "estimator", None)
    return weight_names(inner) if any_name and _passes_on(estimator) and hasattr(inner, "fit") else ()


def _passes_on(estimator: Any) -> bool:
    """Whether weights reach the inner model; most scikit-learn wrappers pass them on only with metadata routing."""
    if get_config()["enable_metadata_routing"] or not type(estimator).__module__.startswith("sklearn."):
        return True
    return isinstance(estimator, BaseSearchCV | SelectFromModel)


def _carries(step: Any) -> bool:
    """Whether weights can be passed to a pipeline step; bins of equal width refuse them."""
    if isinstance(step, KBinsDiscretizer):
        return bool(step.strategy == "quantile")
    if not hasattr(step, "fit_transform") or isinstance(step, Pipeline):
        return True
    parameters = signature(step.fit_transform).parameters
    return WEIGHT in parameters or any(one.kind is one.VAR_KEYWORD for one in parameters.values())


def _weight_arguments(model: Any) -> tuple[str, ...]:
    """`weight_names`, or ``sample_weight`` with metadata routing, which the model then requests."""
    names = weight_names(model)
    if not names:
        raise InputError(
            "the estimator",
            "take sample_weight in fit, because rows are weighted",
            f"{type(model).__name__}, which does not",
            "Use a classifier that does, such as LogisticRegression or HistGradientBoostingClassifier.",
        )
    if not get_config()["enable_metadata_routing"]:
        return names
    request_weights(model)
    return (WEIGHT,)


def request_weights(model: Any, *, wanted: bool = True) -> None:
    """Sets the weight requests that the parts of a model leave open, in place.

    As without routing, weights go to the pipeline steps that take them and to the model inside a search or another
    wrapper, not to the parts of a `ColumnTransformer`. A search that fits with weights must also score with them.
    """
    if isinstance(model, Pipeline | FeatureUnion | ColumnTransformer):
        for part, carries in _parts(model):
            request_weights(part, wanted=wanted and carries)
        return
    if _undecided(model, "fit"):
        model.set_fit_request(sample_weight=wanted)
    if _undecided(model, "score"):
        model.set_score_request(sample_weight=wanted)
    if hasattr(getattr(model, "estimator", None), "fit"):
        request_weights(model.estimator, wanted=wanted)


def _parts(model: Pipeline | FeatureUnion | ColumnTransformer) -> list[tuple[Any, bool]]:
    """Its parts, and whether weights can be passed to each; strings such as "passthrough" are left out."""
    if isinstance(model, Pipeline):
        parts = [(step, _carries(step)) for _, step in model.steps]
    elif isinstance(model, FeatureUnion):
        parts = [(part, False) for _, part in model.transformer_list]
    else:
        parts = [(part, False) for part in (*(one[1] for one in model.transformers), model.remainder)]
    return [(part, carries) for part, carries in parts if hasattr(part, "fit")]


def seeded(estimator: Any, random_state: Any) -> Any:
    """A clone with every ``random_state=None`` set, as in scikit-learn's ensembles; unchanged if there is no seed.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> seeded(DecisionTreeClassifier(), 7).random_state
    327741615
    """
    if random_state is None:
        return estimator
    copy, random = clone(estimator), check_random_state(random_state)
    open_seeds = [
        name
        for name, value in sorted(copy.get_params().items())
        if value is None and (name == "random_state" or name.endswith("__random_state"))
    ]
    return copy.set_params(**{name: int(random.randint(2**31 - 1)) for name in open_seeds})


def _undecided(model: Any, method: str) -> bool:
    if not hasattr(model, f"set_{method}_request"):
        return False
    routing = get_routing_for_object(model)
    own = getattr(routing, "_self_request", routing)  # a model that contains others
    requests = {} if own is None else getattr(own, method).requests
    return WEIGHT in requests and requests[WEIGHT] is None


def explained(model: Any, error: ValueError) -> ValueError:
    """The error rewritten as an InputError if it is about missing values or texts in X; else unchanged.

    Examples
    --------
    >>> print(explained(None, ValueError("could not convert string to float: 'red'")))
    X must contain numbers, because the model does not take texts; found could not convert string to float: 'red'.
    Put OneHotEncoder() (categories) or TfidfVectorizer() (texts) before it in a pipeline.
    """
    message = str(error)
    if isinstance(error, InputError) or not (_MISSING in message or any(words in message for words in _TEXTS)):
        return error
    name = "the model" if model is None else type(model[-1] if isinstance(model, Pipeline) else model).__name__
    found = message.strip().splitlines()[0].rstrip(".")
    if _MISSING in message:
        must = f"have no missing values, because {name} does not take them"
        fix = "Put SimpleImputer() before it in a pipeline, or use HistGradientBoostingClassifier."
        return InputError("X", must, found, fix)
    fix = "Put OneHotEncoder() (categories) or TfidfVectorizer() (texts) before it in a pipeline."
    return InputError("X", f"contain numbers, because {name} does not take texts", found, fix)
