"""Curriculum learning: what a classifier is trained on first, by how hard the rows are; and whether that helps."""

from dechaff.estimators.curriculum.compare_curricula import Comparison, compare_curricula
from dechaff.estimators.curriculum.curriculum_classifier import CurriculumClassifier
from dechaff.estimators.curriculum.hardness import (
    CurrentLoss,
    RankedRows,
    area_under_margin,
    early_loss,
    forgetting,
    neighbours_disagree,
    noise_last,
    out_of_fold_margin,
    variability,
)
from dechaff.methods.curriculum.curriculum import Budget, Curriculum
from dechaff.methods.curriculum.orders import easy_first, hard_first, random_order
from dechaff.methods.curriculum.pacing.baby_steps import BabySteps
from dechaff.methods.curriculum.pacing.exponential import Exponential
from dechaff.methods.curriculum.pacing.fixed_steps import FixedSteps
from dechaff.methods.curriculum.pacing.logarithmic import Logarithmic
from dechaff.methods.curriculum.pacing.one_pass import OnePass
from dechaff.methods.curriculum.pacing.polynomial import Polynomial
from dechaff.methods.curriculum.self_paced import hard_weights, soft_weights

__all__ = [
    "BabySteps",
    "Budget",
    "Comparison",
    "CurrentLoss",
    "Curriculum",
    "CurriculumClassifier",
    "Exponential",
    "FixedSteps",
    "Logarithmic",
    "OnePass",
    "Polynomial",
    "RankedRows",
    "area_under_margin",
    "compare_curricula",
    "early_loss",
    "easy_first",
    "forgetting",
    "hard_first",
    "hard_weights",
    "neighbours_disagree",
    "noise_last",
    "out_of_fold_margin",
    "random_order",
    "soft_weights",
    "variability",
]
