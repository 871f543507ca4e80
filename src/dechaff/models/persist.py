"""Fitted models on disk in the skops format: no pickle, so that loading a file runs no code from it.

Stores the arrays and vocabularies of dechaff's own models, and scikit-learn estimators. Saving an estimator with parts
of other packages raises an error that names them.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from dechaff.core.files import write_whole
from dechaff.errors import InputError, RunError
from dechaff.models.model import Fitted

OWN_TYPES = frozenset(
    f"dechaff.models.{name}"
    for name in (
        "model.EncodedFitted",
        "text.TextEncoding",
        "text.Grams",
        "columns.LinearEncoding",
        "columns.TreeEncoding",
        "columns.EmbeddingEncoding",
        "images.ImageEncoding",
        "estimator.GivenShape",
        "estimator.FittedEstimator",
        "estimator.CalibratedEstimator",
        "boosting.BoostedTrees",
        "softmax.SoftmaxWeights",
        "neighbours.NeighbourVotes",
        "neighbours.Neighbours",
    )
)
"""Parts of dechaff's fitted models: frozen records of arrays, safe to load."""
SKLEARN_TYPES = frozenset(
    (
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        # Boosted trees hold a partial of this check; any other function in a partial is listed by its own name.
        "functools.partial",
        "sklearn.utils.validation.check_array",
    )
)
"""Parts of scikit-learn's estimators that skops does not trust by default."""


def save(fitted: Fitted, path: Path) -> None:
    """Writes a fitted model atomically.

    Equal models are equal in content, not byte for byte: skops stores the time, and names parts by memory address.

    Raises
    ------
    InputError
        If it contains types of other packages, which could not be loaded.
    """
    import skops.io as skops

    try:
        stored = skops.dumps(fitted)
        unknown = _unknown(skops.get_untrusted_types(data=stored))
    except Exception as error:
        raise _cannot_store(f"{type(error).__name__}: {error}") from error
    if unknown:
        raise _cannot_store(", ".join(unknown))
    write_whole(path, stored)


def load(path: Path) -> Any:
    """Loads a fitted model that `save` wrote.

    Raises
    ------
    RunError
        If the file cannot be read, or contains types that are not known to be safe.
    """
    import skops.io as skops

    try:
        found = skops.get_untrusted_types(file=path)
        unknown = _unknown(found)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise RunError(
            f"Cannot read the model file {path}: {type(error).__name__}: {error}.",
            fix="Run the recipe again to create it anew.",
        ) from error
    if unknown:
        raise RunError(
            f"The model file {path} contains types that are not known to be safe: {', '.join(unknown)}.",
            fix="Do not open it: dechaff did not write it. Run the recipe again to create it anew.",
        )
    return skops.load(path, trusted=found)


def _unknown(found: list[str]) -> list[str]:
    return sorted(set(found) - OWN_TYPES - SKLEARN_TYPES)


def _cannot_store(found: str) -> InputError:
    return InputError(
        "the model to be saved",
        "be made of scikit-learn, numpy and scipy parts, because models are stored without pickle",
        found,
        "Save your own estimator with joblib.dump yourself, or use one of scikit-learn's.",
    )
