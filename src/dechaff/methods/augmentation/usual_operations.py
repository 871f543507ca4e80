"""The operations that are tried on tables, texts and images."""

from __future__ import annotations

from dechaff.methods.augmentation.colour import colour
from dechaff.methods.augmentation.cut_out import cut_out
from dechaff.methods.augmentation.feature_dropout import feature_dropout
from dechaff.methods.augmentation.flip import flip_left_right, flip_top_bottom
from dechaff.methods.augmentation.gaussian_noise import gaussian_noise
from dechaff.methods.augmentation.misspelling import misspelling
from dechaff.methods.augmentation.mixup import mixup
from dechaff.methods.augmentation.operation import Kind, Operation, RowChange
from dechaff.methods.augmentation.punctuation_insertion import punctuation_insertion
from dechaff.methods.augmentation.rand_augment import rand_augment
from dechaff.methods.augmentation.smote import Oversampling
from dechaff.methods.augmentation.synonym_replacement import synonym_insertion, synonym_replacement
from dechaff.methods.augmentation.warp import crop, rotation, shift
from dechaff.methods.augmentation.word_deletion import word_deletion
from dechaff.methods.augmentation.word_swap import word_swap

OF_TABLES: tuple[Operation, ...] = (
    RowChange("Gaussian noise", "table", gaussian_noise, (0.1, 0.3, 0.6)),
    RowChange("feature dropout", "table", feature_dropout, (0.05, 0.1, 0.3)),
    RowChange("mixup", "table", mixup, (0.1, 0.3, 1.0)),
)
OF_UNEQUAL_CLASSES: tuple[Operation, ...] = (
    Oversampling("SMOTE"),
    Oversampling("BorderlineSMOTE"),
    Oversampling("ADASYN"),
)
"""Also tried on tables whose classes differ in size, if imbalanced-learn is installed."""
OF_TEXTS: tuple[Operation, ...] = (
    RowChange("synonym replacement", "text", synonym_replacement, (0.1, 0.3)),
    RowChange("synonym insertion", "text", synonym_insertion, (0.1, 0.3)),
    RowChange("word swap", "text", word_swap, (0.1, 0.3)),
    RowChange("word deletion", "text", word_deletion, (0.1, 0.3, 0.5)),
    RowChange("punctuation insertion", "text", punctuation_insertion, (0.3,)),
    RowChange("misspelling", "text", misspelling, (0.1, 0.3)),
)
OF_IMAGES: tuple[Operation, ...] = (
    RowChange("shift", "image", shift, (0.05, 0.1, 0.15)),
    RowChange("rotation", "image", rotation, (0.1, 0.2)),
    RowChange("crop", "image", crop, (0.1, 0.25)),
    RowChange("flip left to right", "image", flip_left_right),
    RowChange("flip top to bottom", "image", flip_top_bottom),
    RowChange("colour", "image", colour, (0.1, 0.3)),
    RowChange("cut-out", "image", cut_out, (0.2, 0.4)),
)
OF_TORCHVISION: tuple[Operation, ...] = (RowChange("RandAugment", "image", rand_augment, (0.1, 0.3)),)
"""Also tried on images if torchvision is installed."""
USUAL: dict[Kind, tuple[Operation, ...]] = {"table": OF_TABLES, "text": OF_TEXTS, "image": OF_IMAGES}
