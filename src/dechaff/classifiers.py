"""Classifiers in scikit-learn's form for wrong or missing labels and for rare classes; and the perceptron."""

from dechaff.estimators.clean.clean_classifier import CleanClassifier, ReweightingClassifier
from dechaff.estimators.pu.bagging import BaggingPUClassifier
from dechaff.estimators.pu.elkan_noto import ElkanNotoClassifier
from dechaff.estimators.pu.linear_risk import NonNegativePUClassifier, UnbiasedPUClassifier
from dechaff.estimators.pu.pu_classifier import PUClassifier
from dechaff.estimators.pu.rank_pruning import RankPruningClassifier
from dechaff.estimators.pu.selection_biased import SelectionBiasedPUClassifier
from dechaff.estimators.pu.spy import SpyClassifier
from dechaff.estimators.pu.torch_network import TorchPUClassifier
from dechaff.estimators.rare_classes.balanced_accuracy_classifier import BalancedAccuracyClassifier
from dechaff.models.teaching.perceptron import Perceptron

__all__ = [
    "BaggingPUClassifier",
    "BalancedAccuracyClassifier",
    "CleanClassifier",
    "ElkanNotoClassifier",
    "NonNegativePUClassifier",
    "PUClassifier",
    "Perceptron",
    "RankPruningClassifier",
    "ReweightingClassifier",
    "SelectionBiasedPUClassifier",
    "SpyClassifier",
    "TorchPUClassifier",
    "UnbiasedPUClassifier",
]
