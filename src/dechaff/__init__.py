"""dechaff: finds what is wrong in labelled data, fixes it, and proves that the model got better.

More public names: ``dechaff.labels`` (results of label errors, streams of files), ``dechaff.classifiers``,
``dechaff.curriculum``, ``dechaff.augmentation``, ``dechaff.features``, ``dechaff.metrics``, ``dechaff.engine`` and
``dechaff.benchmarks``.
"""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

from dechaff._version import __version__ as __version__

_MODULES = {
    "api": ("explain",),
    "api.auditing": ("apply", "audit", "open_run"),
    "api.cell_errors": ("find_cell_errors",),
    "api.consensus": ("consensus",),
    "api.in_rounds": ("predict", "run_recipe"),
    "api.labels.multi": ("find_multilabel_errors",),
    "api.labels.single": ("find_label_errors",),
    "api.labels.soft": ("find_soft_label_errors",),
    "api.labels.target": ("find_target_errors",),
    "api.labels.token": ("find_token_errors",),
    "api.next_label": ("next_to_label",),
    "api.outliers": ("find_outliers",),
    "api.positive_unlabelled": ("pu",),
    "api.proving": ("prove",),
    "api.results": ("Audit", "Recipe"),
    "errors": ("DechaffError", "InputError", "RunError"),
    "estimators.clean.clean_classifier": ("CleanClassifier",),
    "estimators.outlier_detector": ("OutlierDetector",),
    "estimators.pu.pu_classifier": ("PUClassifier",),
    "recipe.prove.prove": ("Proof",),
    "records.policies": ("Policy",),
    "surfaces.review.server": ("review",),
}
_HOME = {name: f"dechaff.{module}" for module, names in _MODULES.items() for name in names}
"""Public name -> the module that it is loaded from on first use, so that ``import dechaff`` stays light."""
_NAMESPACES = ("augmentation", "benchmarks", "classifiers", "curriculum", "engine", "features", "labels", "metrics")
"""Modules with more public names, loaded on first use too."""

__all__ = sorted(_HOME)

if _typing.TYPE_CHECKING:
    from dechaff import augmentation as augmentation
    from dechaff import benchmarks as benchmarks
    from dechaff import classifiers as classifiers
    from dechaff import curriculum as curriculum
    from dechaff import engine as engine
    from dechaff import features as features
    from dechaff import labels as labels
    from dechaff import metrics as metrics
    from dechaff.api import explain as explain
    from dechaff.api.auditing import apply as apply
    from dechaff.api.auditing import audit as audit
    from dechaff.api.auditing import open_run as open_run
    from dechaff.api.cell_errors import find_cell_errors as find_cell_errors
    from dechaff.api.consensus import consensus as consensus
    from dechaff.api.in_rounds import predict as predict
    from dechaff.api.in_rounds import run_recipe as run_recipe
    from dechaff.api.labels.multi import find_multilabel_errors as find_multilabel_errors
    from dechaff.api.labels.single import find_label_errors as find_label_errors
    from dechaff.api.labels.soft import find_soft_label_errors as find_soft_label_errors
    from dechaff.api.labels.target import find_target_errors as find_target_errors
    from dechaff.api.labels.token import find_token_errors as find_token_errors
    from dechaff.api.next_label import next_to_label as next_to_label
    from dechaff.api.outliers import find_outliers as find_outliers
    from dechaff.api.positive_unlabelled import pu as pu
    from dechaff.api.proving import prove as prove
    from dechaff.api.results import Audit as Audit
    from dechaff.api.results import Recipe as Recipe
    from dechaff.errors import DechaffError as DechaffError
    from dechaff.errors import InputError as InputError
    from dechaff.errors import RunError as RunError
    from dechaff.estimators.clean.clean_classifier import CleanClassifier as CleanClassifier
    from dechaff.estimators.outlier_detector import OutlierDetector as OutlierDetector
    from dechaff.estimators.pu.pu_classifier import PUClassifier as PUClassifier
    from dechaff.recipe.prove.prove import Proof as Proof
    from dechaff.records.policies import Policy as Policy
    from dechaff.surfaces.review.server import review as review


def __getattr__(name: str) -> object:
    if name in _NAMESPACES:
        return _importlib.import_module(f"dechaff.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'dechaff' has no attribute {name!r}")
    return getattr(_importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_NAMESPACES})
