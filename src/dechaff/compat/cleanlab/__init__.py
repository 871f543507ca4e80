"""cleanlab's names and signatures over dechaff: in cleanlab's modules, and flat; each is loaded on first use.

Quality is cleanlab's here, 0 = worst, and option strings are its own; docs/coming-from-cleanlab.md lists what differs.
"""

from __future__ import annotations

import importlib as _importlib

_MODULES = {
    "benchmarking.noise_generation": (
        "generate_n_rand_probabilities_that_sum_to_m",
        "generate_noise_matrix_from_trace",
        "generate_noisy_labels",
        "noise_matrix_is_valid",
        "randomly_distribute_N_balls_into_K_bins",
    ),
    "classification": ("CleanLearning",),
    "count": (
        "calibrate_confident_joint",
        "compute_confident_joint",
        "estimate_confident_joint_and_cv_pred_proba",
        "estimate_cv_predicted_probabilities",
        "estimate_joint",
        "estimate_latent",
        "estimate_noise_matrices",
        "estimate_py_and_noise_matrices_from_probabilities",
        "estimate_py_noise_matrices_and_cv_pred_proba",
        "get_confident_thresholds",
        "num_label_issues",
    ),
    "data_valuation": ("data_shapley_knn",),
    "datalab.datalab": ("Datalab",),
    "datalab.internal.issue_manager": ("IssueManager",),
    "dataset": (
        "find_overlapping_classes",
        "health_summary",
        "overall_label_health_score",
        "rank_classes_by_label_quality",
    ),
    "experimental.label_issues_batched": ("LabelInspector", "find_label_issues_batched"),
    "filter": ("find_label_issues", "find_label_issues_using_argmax_confusion_matrix", "find_predicted_neq_given"),
    "multiannotator": (
        "convert_long_to_wide_dataset",
        "get_active_learning_scores",
        "get_active_learning_scores_ensemble",
        "get_label_quality_multiannotator",
        "get_label_quality_multiannotator_ensemble",
        "get_majority_vote_label",
    ),
    "outlier": ("OutOfDistribution",),
    "rank": (
        "find_top_issues",
        "get_confidence_weighted_entropy_for_each_label",
        "get_label_quality_ensemble_scores",
        "get_label_quality_scores",
        "get_normalized_margin_for_each_label",
        "get_self_confidence_for_each_label",
        "order_label_issues",
    ),
}
_NOT_FLAT = {
    "datalab.internal.issue_manager_factory": ("register",),
    "internal.multilabel_utils": ("get_onehot_num_classes", "int2onehot", "onehot2int", "stack_complement"),
    "experimental.span_classification": ("display_issues", "find_label_issues", "get_label_quality_scores"),
    "internal.token_classification_utils": (
        "color_sentence",
        "filter_sentence",
        "get_sentence",
        "mapping",
        "merge_probs",
        "process_token",
    ),
    "internal.util": ("print_inverse_noise_matrix", "print_joint_matrix", "print_noise_matrix", "value_counts"),
    "multilabel_classification.dataset": (
        "common_multilabel_issues",
        "multilabel_health_summary",
        "overall_multilabel_health_score",
        "rank_classes_by_multilabel_quality",
    ),
    "multilabel_classification.filter": ("find_label_issues", "find_multilabel_issues_per_class"),
    "multilabel_classification.rank": ("get_label_quality_scores", "get_label_quality_scores_per_class"),
    "object_detection.filter": ("find_label_issues",),
    "object_detection.rank": (
        "compute_badloc_box_scores",
        "compute_overlooked_box_scores",
        "compute_swap_box_scores",
        "get_label_quality_scores",
        "issues_from_scores",
        "pool_box_scores_per_image",
    ),
    "object_detection.summary": (
        "bounding_box_size_distribution",
        "calculate_per_class_metrics",
        "class_label_distribution",
        "get_average_per_class_confusion_matrix",
        "get_sorted_bbox_count_idxs",
        "object_counts_per_image",
    ),
    "regression.learn": ("CleanLearning",),
    "regression.rank": ("get_label_quality_scores",),
    "segmentation.filter": ("find_label_issues",),
    "segmentation.rank": ("get_label_quality_scores", "issues_from_scores"),
    "segmentation.summary": ("common_label_issues", "filter_by_class"),
    "token_classification.filter": ("find_label_issues",),
    "token_classification.rank": ("get_label_quality_scores", "issues_from_scores"),
    "token_classification.summary": ("common_label_issues", "display_issues", "filter_by_token"),
}
"""Names that are others' in other modules, or internal."""
_HOME = {name: f"dechaff.compat.cleanlab.{module}" for module, names in _MODULES.items() for name in names}
"""Public name -> its module: a filter must not wait for what only trains."""

__all__ = sorted(_HOME)
__version__ = "2.9.0"
"""The version of cleanlab that these names and signatures are of."""


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(_importlib.import_module(_HOME[name]), name)
    submodules = [module for module in {**_MODULES, **_NOT_FLAT} if module.partition(".")[0] == name]
    if not submodules:
        raise AttributeError(f"module 'dechaff.compat.cleanlab' has no attribute {name!r}")
    for module in submodules:
        _importlib.import_module(f"{__name__}.{module}")
    return _importlib.import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *(module.partition(".")[0] for module in {**_MODULES, **_NOT_FLAT})})
