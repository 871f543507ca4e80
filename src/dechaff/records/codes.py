"""The stable codes of findings, in one table: what each means, and what people usually do about it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Code:
    """One kind of finding."""

    code: str
    title: str
    meaning: str
    remedy: str


_ALL = (
    Code(
        "L001",
        "label error",
        "The label of this row is probably wrong: a model that never saw the row gives another class far more "
        "weight, after its own mistakes and the noise between the classes are taken into account.",
        "Read the row. Accept the suggested label, drop the row, or keep it as it is.",
    ),
    Code(
        "L002",
        "noisy slice",
        "The labels of a part of the data, named by a condition in words, disagree with a model that was trained "
        "without that part. Either they are random (nothing can be saved) or they are swapped in a regular way.",
        "Find out where the part comes from. Random labels: drop the rows. Swapped labels: relabel them.",
    ),
    Code("L003", "missing label", "This row has no label.", "Label it by hand, or take the suggested label."),
    Code(
        "L004",
        "rare class",
        "This class has so few rows that neither a model nor an audit can say much about it.",
        "Collect more rows of the class, merge it with another class, or leave it out.",
    ),
    Code(
        "L005",
        "classes that overlap",
        "The model confuses these two classes so often that people may have done so too.",
        "Write down what tells the classes apart, or merge them.",
    ),
    Code(
        "D001",
        "exact duplicate",
        "The same input with the same label stands more than once; it weighs more than it should, and where the "
        "copies fall on both sides of a split, the score is too good.",
        "Keep one row of each group.",
    ),
    Code(
        "D002",
        "near duplicate",
        "Nearly the same input stands more than once (case, spacing, punctuation or a few words apart).",
        "Compare the rows of the group; keep the best one if they are copies.",
    ),
    Code(
        "D003",
        "same input with different labels",
        "The same input carries different labels; at most one of them can be right.",
        "Decide which label is right for all rows of the group, or add the column that tells them apart.",
    ),
    Code(
        "D004",
        "row of the test file in train",
        "This row also stands in the test data: a score on it is memory, not skill.",
        "Leave the row out of the test score (done by the proof), and out of one of the two files.",
    ),
    Code("C001", "bad cell", "The value of this cell contradicts the rest of its row or column.", "Correct it."),
    Code(
        "C002",
        "missing or disguised missing",
        "Cells of this column are empty, or hold a placeholder for a missing value such as N/A, ? or -999.",
        "Write missing values as empty cells, so that a model can treat them as missing.",
    ),
    Code(
        "C003",
        "text artefact",
        "The text carries traces of its processing: markup, broken encoding, control characters, or hardly any text.",
        "Clean the text at its source; look at whether the label of such rows can be trusted.",
    ),
    Code(
        "F001",
        "identifier column",
        "The values of this column name the rows (nearly every one is different): a model can only learn "
        "them by heart.",
        "Take it out of the features, or name it with --id.",
    ),
    Code(
        "F002",
        "column that leaks the label",
        "This single column predicts the label of unseen rows almost perfectly. Often it is written after the label "
        "is known.",
        "Ask whether the column is known when the model is used. If not, leave it out.",
    ),
    Code("F003", "constant column", "Every row has the same value here.", "Leave the column out."),
    Code("O001", "outlier", "This row is unlike all others.", "Check whether it belongs to the data."),
    Code(
        "P001",
        "probably positive",
        "This row has no label, and is more likely positive than not: rows like it are labelled about as often as rows "
        "that are surely positive.",
        "Read the row, and label it as positive.",
    ),
    Code(
        "P002",
        "probably not positive",
        "This row is labelled positive, and hardly any row like it is: its label is probably wrong.",
        "Check its label.",
    ),
    Code("R001", "check not run", "A check of this audit could not be run; the reason is given.", "See the reason."),
)

CODES = MappingProxyType({code.code: code for code in _ALL})
"""Code -> its meaning, in the order in which reports list them."""
