"""Curriculum learning: what a classifier is trained on first, by how hard the rows are; and whether that helps."""

from dechaff.api.curricula import CurriculumAudit, find_curriculum
from dechaff.estimators.curriculum.choose_pacing import TriedPacings, choose_pacing
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
    "CurriculumAudit",
    "CurriculumClassifier",
    "Exponential",
    "FixedSteps",
    "Logarithmic",
    "OnePass",
    "Polynomial",
    "RankedRows",
    "TriedPacings",
    "area_under_margin",
    "choose_pacing",
    "compare_curricula",
    "early_loss",
    "easy_first",
    "find_curriculum",
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
