"""dechaff: finds what is wrong in labelled data, fixes it, and proves that the model got better.

More public names: ``dechaff.labels`` (results of label errors, streams of files), ``dechaff.classifiers`` and
``dechaff.metrics``.
"""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

from dechaff._version import __version__ as __version__

_HOME = {
    "Audit": "dechaff.api.results",
    "CleanClassifier": "dechaff.estimators.clean.clean_classifier",
    "DechaffError": "dechaff.errors",
    "InputError": "dechaff.errors",
    "PUClassifier": "dechaff.estimators.pu.pu_classifier",
    "Policy": "dechaff.records.policies",
    "Proof": "dechaff.recipe.prove.prove",
    "Recipe": "dechaff.api.results",
    "RunError": "dechaff.errors",
    "apply": "dechaff.api.auditing",
    "audit": "dechaff.api.auditing",
    "explain": "dechaff.api",
    "find_label_errors": "dechaff.api.labels.single",
    "find_multilabel_errors": "dechaff.api.labels.multi",
    "find_soft_label_errors": "dechaff.api.labels.soft",
    "find_target_errors": "dechaff.api.labels.target",
    "find_token_errors": "dechaff.api.labels.token",
    "open_run": "dechaff.api.auditing",
    "predict": "dechaff.api.in_rounds",
    "prove": "dechaff.api.proving",
    "pu": "dechaff.api.positive_unlabelled",
    "run_recipe": "dechaff.api.in_rounds",
}
"""Public name -> the module that it is loaded from on first use, so that ``import dechaff`` stays light."""
_NAMESPACES = ("classifiers", "labels", "metrics")
"""Modules with more public names, loaded on first use too."""

__all__ = [
    "Audit",
    "CleanClassifier",
    "DechaffError",
    "InputError",
    "PUClassifier",
    "Policy",
    "Proof",
    "Recipe",
    "RunError",
    "apply",
    "audit",
    "explain",
    "find_label_errors",
    "find_multilabel_errors",
    "find_soft_label_errors",
    "find_target_errors",
    "find_token_errors",
    "open_run",
    "predict",
    "prove",
    "pu",
    "run_recipe",
]

if _typing.TYPE_CHECKING:
    from dechaff import classifiers as classifiers
    from dechaff import labels as labels
    from dechaff import metrics as metrics
    from dechaff.api import explain
    from dechaff.api.auditing import apply, audit, open_run
    from dechaff.api.in_rounds import predict, run_recipe
    from dechaff.api.labels.multi import find_multilabel_errors
    from dechaff.api.labels.single import find_label_errors
    from dechaff.api.labels.soft import find_soft_label_errors
    from dechaff.api.labels.target import find_target_errors
    from dechaff.api.labels.token import find_token_errors
    from dechaff.api.positive_unlabelled import pu
    from dechaff.api.proving import prove
    from dechaff.api.results import Audit, Recipe
    from dechaff.errors import DechaffError, InputError, RunError
    from dechaff.estimators.clean.clean_classifier import CleanClassifier
    from dechaff.estimators.pu.pu_classifier import PUClassifier
    from dechaff.recipe.prove.prove import Proof
    from dechaff.records.policies import Policy


def __getattr__(name: str) -> object:
    if name in _NAMESPACES:
        return _importlib.import_module(f"dechaff.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'dechaff' has no attribute {name!r}")
    return getattr(_importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_NAMESPACES})
