"""Data augmentation: rows made from other rows, accepted only if rows held out from training say that they help."""

from dechaff.estimators.augmentation.augmentation_selector import AugmentationSelector
from dechaff.estimators.augmentation.study import AugmentationStudy, Candidate, FlipRate, Tested, Tried
from dechaff.methods.augmentation.in_turn import InTurn
from dechaff.methods.augmentation.operation import NewRows, Operation, RowChange
from dechaff.methods.augmentation.smote import Oversampling
from dechaff.methods.augmentation.synonym_replacement import synonym_insertion, synonym_replacement

__all__ = [
    "AugmentationSelector",
    "AugmentationStudy",
    "Candidate",
    "FlipRate",
    "InTurn",
    "NewRows",
    "Operation",
    "Oversampling",
    "RowChange",
    "Tested",
    "Tried",
    "synonym_insertion",
    "synonym_replacement",
]
