"""dechaff: finds what is wrong in labelled data, fixes it, and proves that the model got better."""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

from dechaff._version import __version__ as __version__

_HOME = {
    "Audit": "dechaff.api",
    "BaggingPUClassifier": "dechaff.estimators.pu.bagging",
    "CleanClassifier": "dechaff.estimators.clean.clean_classifier",
    "ConfidentScores": "dechaff.api",
    "DechaffError": "dechaff.errors",
    "ElkanNotoClassifier": "dechaff.estimators.pu.elkan_noto",
    "InputError": "dechaff.errors",
    "LabelErrors": "dechaff.api",
    "LabelScores": "dechaff.api",
    "MultilabelErrors": "dechaff.api",
    "NonNegativePUClassifier": "dechaff.estimators.pu.linear_risk",
    "PUClassifier": "dechaff.estimators.pu.pu_classifier",
    "Perceptron": "dechaff.models.teaching.perceptron",
    "Proof": "dechaff.recipe.prove",
    "RankPruningClassifier": "dechaff.estimators.pu.rank_pruning",
    "Recipe": "dechaff.api",
    "ReweightingClassifier": "dechaff.estimators.clean.clean_classifier",
    "RunError": "dechaff.errors",
    "SelectionBiasedPUClassifier": "dechaff.estimators.pu.selection_biased",
    "SoftLabelErrors": "dechaff.api",
    "SpyClassifier": "dechaff.estimators.pu.spy",
    "TargetErrors": "dechaff.api",
    "TokenErrors": "dechaff.api",
    "TorchPUClassifier": "dechaff.estimators.pu.torch_network",
    "UnbiasedPUClassifier": "dechaff.estimators.pu.linear_risk",
    "apply": "dechaff.api",
    "audit": "dechaff.api",
    "explain": "dechaff.api",
    "find_label_errors": "dechaff.api",
    "find_multilabel_errors": "dechaff.api",
    "find_soft_label_errors": "dechaff.api",
    "find_target_errors": "dechaff.api",
    "find_token_errors": "dechaff.api",
    "lee_liu": "dechaff.methods.pu.metrics.rates",
    "open_run": "dechaff.api",
    "positive_errors": "dechaff.methods.pu.diagnostics.positive_errors",
    "predict": "dechaff.api",
    "prove": "dechaff.api",
    "pu": "dechaff.api",
    "pu_accuracy": "dechaff.methods.pu.metrics.rates",
    "pu_auc": "dechaff.methods.pu.metrics.curves",
    "pu_f1": "dechaff.methods.pu.metrics.rates",
    "pu_log_loss": "dechaff.methods.pu.metrics.rates",
    "pu_precision": "dechaff.methods.pu.metrics.rates",
    "pu_precision_recall_curve": "dechaff.methods.pu.metrics.curves",
    "pu_recall": "dechaff.methods.pu.metrics.rates",
    "pu_roc_curve": "dechaff.methods.pu.metrics.curves",
    "pu_scorer": "dechaff.estimators.pu.scorers",
    "run_recipe": "dechaff.api",
    "stream_confident_learning": "dechaff.api",
    "stream_label_errors": "dechaff.api",
}
"""Public name -> the module that it is loaded from on first use, so that ``import dechaff`` stays light."""

__all__ = [
    "Audit",
    "BaggingPUClassifier",
    "CleanClassifier",
    "ConfidentScores",
    "DechaffError",
    "ElkanNotoClassifier",
    "InputError",
    "LabelErrors",
    "LabelScores",
    "MultilabelErrors",
    "NonNegativePUClassifier",
    "PUClassifier",
    "Perceptron",
    "Proof",
    "RankPruningClassifier",
    "Recipe",
    "ReweightingClassifier",
    "RunError",
    "SelectionBiasedPUClassifier",
    "SoftLabelErrors",
    "SpyClassifier",
    "TargetErrors",
    "TokenErrors",
    "TorchPUClassifier",
    "UnbiasedPUClassifier",
    "apply",
    "audit",
    "explain",
    "find_label_errors",
    "find_multilabel_errors",
    "find_soft_label_errors",
    "find_target_errors",
    "find_token_errors",
    "lee_liu",
    "open_run",
    "positive_errors",
    "predict",
    "prove",
    "pu",
    "pu_accuracy",
    "pu_auc",
    "pu_f1",
    "pu_log_loss",
    "pu_precision",
    "pu_precision_recall_curve",
    "pu_recall",
    "pu_roc_curve",
    "pu_scorer",
    "run_recipe",
    "stream_confident_learning",
    "stream_label_errors",
]

if _typing.TYPE_CHECKING:
    from dechaff.api import (
        Audit,
        ConfidentScores,
        LabelErrors,
        LabelScores,
        MultilabelErrors,
        Recipe,
        SoftLabelErrors,
        TargetErrors,
        TokenErrors,
        apply,
        audit,
        explain,
        find_label_errors,
        find_multilabel_errors,
        find_soft_label_errors,
        find_target_errors,
        find_token_errors,
        open_run,
        predict,
        prove,
        pu,
        run_recipe,
        stream_confident_learning,
        stream_label_errors,
    )
    from dechaff.errors import DechaffError, InputError, RunError
    from dechaff.estimators.clean.clean_classifier import CleanClassifier, ReweightingClassifier
    from dechaff.estimators.pu.bagging import BaggingPUClassifier
    from dechaff.estimators.pu.elkan_noto import ElkanNotoClassifier
    from dechaff.estimators.pu.linear_risk import NonNegativePUClassifier, UnbiasedPUClassifier
    from dechaff.estimators.pu.pu_classifier import PUClassifier
    from dechaff.estimators.pu.rank_pruning import RankPruningClassifier
    from dechaff.estimators.pu.scorers import pu_scorer
    from dechaff.estimators.pu.selection_biased import SelectionBiasedPUClassifier
    from dechaff.estimators.pu.spy import SpyClassifier
    from dechaff.estimators.pu.torch_network import TorchPUClassifier
    from dechaff.methods.pu.diagnostics.positive_errors import positive_errors
    from dechaff.methods.pu.metrics.curves import pu_auc, pu_precision_recall_curve, pu_roc_curve
    from dechaff.methods.pu.metrics.rates import lee_liu, pu_accuracy, pu_f1, pu_log_loss, pu_precision, pu_recall
    from dechaff.models.teaching.perceptron import Perceptron
    from dechaff.recipe.prove import Proof


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'dechaff' has no attribute {name!r}")
    return getattr(_importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
