"""Metrics from positive and unlabelled rows, without known negatives."""

from dechaff.estimators.pu.scorers import pu_scorer
from dechaff.methods.pu.diagnostics.positive_errors import positive_errors
from dechaff.methods.pu.metrics.curves import pu_auc, pu_precision_recall_curve, pu_roc_curve
from dechaff.methods.pu.metrics.rates import lee_liu, pu_accuracy, pu_f1, pu_log_loss, pu_precision, pu_recall

__all__ = [
    "lee_liu",
    "positive_errors",
    "pu_accuracy",
    "pu_auc",
    "pu_f1",
    "pu_log_loss",
    "pu_precision",
    "pu_precision_recall_curve",
    "pu_recall",
    "pu_roc_curve",
    "pu_scorer",
]
