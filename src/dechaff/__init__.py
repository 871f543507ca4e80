"""dechaff: finds what is wrong in labelled data, fixes it, and proves that the model got better."""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

__version__ = "0.1.0"

_HOME = {
    "Audit": "dechaff.api",
    "DechaffError": "dechaff.errors",
    "ElkanNotoClassifier": "dechaff.estimators.elkan_noto_classifier",
    "InputError": "dechaff.errors",
    "LabelErrors": "dechaff.methods.label_errors.find_label_errors",
    "PUClassifier": "dechaff.estimators.pu_classifier",
    "Perceptron": "dechaff.models.perceptron",
    "Proof": "dechaff.recipe.prove",
    "Recipe": "dechaff.api",
    "RunError": "dechaff.errors",
    "SGDLinearClassifier": "dechaff.models.sgd_linear",
    "apply": "dechaff.api",
    "audit": "dechaff.api",
    "explain": "dechaff.api",
    "find_label_errors": "dechaff.methods.label_errors.find_label_errors",
    "open_run": "dechaff.api",
    "predict": "dechaff.api",
    "prove": "dechaff.api",
    "run_recipe": "dechaff.api",
}
"""Public name -> the module that it is loaded from on first use, so that ``import dechaff`` stays light."""

__all__ = [
    "Audit",
    "DechaffError",
    "ElkanNotoClassifier",
    "InputError",
    "LabelErrors",
    "PUClassifier",
    "Perceptron",
    "Proof",
    "Recipe",
    "RunError",
    "SGDLinearClassifier",
    "apply",
    "audit",
    "explain",
    "find_label_errors",
    "open_run",
    "predict",
    "prove",
    "run_recipe",
]

if _typing.TYPE_CHECKING:
    from dechaff.api import Audit, Recipe, apply, audit, explain, open_run, predict, prove, run_recipe
    from dechaff.errors import DechaffError, InputError, RunError
    from dechaff.estimators.elkan_noto_classifier import ElkanNotoClassifier
    from dechaff.estimators.pu_classifier import PUClassifier
    from dechaff.methods.label_errors.find_label_errors import LabelErrors, find_label_errors
    from dechaff.models.perceptron import Perceptron
    from dechaff.models.sgd_linear import SGDLinearClassifier
    from dechaff.recipe.prove import Proof


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'dechaff' has no attribute {name!r}")
    return getattr(_importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
