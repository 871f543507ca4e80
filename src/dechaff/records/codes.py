"""The stable codes of findings: the meaning and the usual remedy of each."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from dechaff.errors import InputError


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
        "The label of this row is probably wrong: a model that was not trained on the row strongly prefers another "
        "class, after accounting for its own errors and for the label noise.",
        "Look at the row. Accept the suggested label, drop the row, or keep it as it is.",
    ),
    Code(
        "L002",
        "noisy slice",
        "The labels of a part of the data, named by a condition in words, disagree with a model that was trained "
        "without that part. They are either random or swapped in a regular way.",
        "Find out where the part comes from. Random labels: drop the rows. Swapped labels: relabel them.",
    ),
    Code("L003", "missing label", "This row has no label.", "Label it by hand, or take the suggested label."),
    Code(
        "L004",
        "rare class",
        "This class has too few rows to be learnt or checked.",
        "Collect more rows of the class, merge it with another class, or leave it out.",
    ),
    Code(
        "L005",
        "classes that overlap",
        "The model confuses these two classes so often that the annotators may have done so too.",
        "Write down what separates the classes, or merge them.",
    ),
    Code(
        "D001",
        "exact duplicate",
        "The same input with the same label occurs more than once: it is over-weighted in training, and it leaks "
        "across splits.",
        "Keep one row of each group.",
    ),
    Code(
        "D002",
        "near duplicate",
        "Nearly the same input occurs more than once (up to case, spacing, punctuation or a few words).",
        "Compare the rows of the group; keep the best one if they are copies.",
    ),
    Code(
        "D003",
        "same input with different labels",
        "The same input has different labels; at most one of them can be right.",
        "Decide which label is right for all rows of the group, or add the column that separates them.",
    ),
    Code(
        "D004",
        "row of the test file in train",
        "This row is also in the test data: a correct prediction of it may be memorised.",
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
        "The text contains artefacts of its processing: markup, mojibake, control characters, or hardly any text.",
        "Clean the text at its source; check whether the labels of such rows can be trusted.",
    ),
    Code(
        "F001",
        "identifier column",
        "The values of this column identify the rows (nearly every one is different): a model can only memorise them.",
        "Take it out of the features, or name it with --id.",
    ),
    Code(
        "F002",
        "column that leaks the label",
        "This single column predicts the label of unseen rows almost perfectly. Often it is filled in after the label "
        "is known.",
        "Check whether the column is available when the model is used. If not, leave it out.",
    ),
    Code("F003", "constant column", "Every row has the same value here.", "Leave the column out."),
    Code("O001", "outlier", "This row is unlike all others.", "Check whether it belongs to the data."),
    Code(
        "P001",
        "probably positive",
        "This row is unlabelled, and more likely positive than not: rows like it are labelled about as often as rows "
        "that are certainly positive.",
        "Look at the row, and label it as positive.",
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


def code_named(name: str, what: str = "the code") -> Code:
    """The code of this name, in any case, or an InputError that names the closest ones."""
    wanted = name.strip().upper()
    if wanted not in CODES:
        close = difflib.get_close_matches(wanted, CODES, n=3, cutoff=0.5) or list(CODES)
        raise InputError(what, "be the code of a finding", repr(name), f"Write one of: {', '.join(close)}.")
    return CODES[wanted]


def explanation(code: str) -> str:
    """The page of a code, as Markdown.

    Parameters
    ----------
    code : such as ``"L001"``, in any case.

    Raises
    ------
    InputError
        If there is no such code; the message names the closest ones.

    Examples
    --------
    >>> print(explanation("l003").splitlines()[0])
    # L003: missing label
    """
    named = code_named(code)
    page = (Path(__file__).parent / "pages" / f"{named.code}.md").read_text(encoding="utf-8")
    return f"# {named.code}: {named.title}\n\n{named.meaning}\n\n{page}\nIn short: {named.remedy}"
