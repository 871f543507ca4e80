"""Where a model fails; and metrics from positive and unlabelled rows, without known negatives."""

from dechaff.api.failing_slices import FailingSlices, find_failing_slices
from dechaff.estimators.pu.scorers import pu_scorer
from dechaff.methods.pu.diagnostics.positive_errors import positive_errors
from dechaff.methods.pu.metrics.curves import pu_auc, pu_precision_recall_curve, pu_roc_curve
from dechaff.methods.pu.metrics.rates import lee_liu, pu_accuracy, pu_f1, pu_log_loss, pu_precision, pu_recall

__all__ = [
    "FailingSlices",
    "find_failing_slices",
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
