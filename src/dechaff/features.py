"""Columns: which ones a model should not see or does not need, and the tests behind that."""

from dechaff.api.feature_selection import FeatureSelection, select_features
from dechaff.estimators.features.creation.creation import Creation
from dechaff.estimators.features.creation.study import CreationStudy, Gain, TriedFeature
from dechaff.estimators.features.feature_creator import FeatureCreator
from dechaff.estimators.features.feature_selector import FeatureSelector
from dechaff.methods.features.grouped_importance import correlated_groups, grouped_importance
from dechaff.methods.features.knockoffs import gaussian_knockoffs, knockoff_selection
from dechaff.methods.features.mrmr import mrmr_order
from dechaff.methods.features.selection_frequency import selection_frequency
from dechaff.methods.features.shadow_test import shadow_test

__all__ = [
    "Creation",
    "CreationStudy",
    "FeatureCreator",
    "FeatureSelection",
    "FeatureSelector",
    "Gain",
    "TriedFeature",
    "correlated_groups",
    "gaussian_knockoffs",
    "grouped_importance",
    "knockoff_selection",
    "mrmr_order",
    "select_features",
    "selection_frequency",
    "shadow_test",
]
