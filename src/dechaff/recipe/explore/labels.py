"""L003 and L004: rows without a label, and classes with too few rows."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np

from dechaff.methods.label_errors.class_health import rare_classes
from dechaff.recipe.explore.duplicates import class_votes, clear_majority
from dechaff.recipe.explore.view import View
from dechaff.recipe.explore.words import counted
from dechaff.records.findings import Detection, Finding
from dechaff.typing import Labels

ALMOST = 0.9
"""Similarity of two class names (difflib ratio) from which on one may be a misspelling."""


def missing_labels(view: View) -> Detection:
    """L003: rows without a label; the label of equal rows is suggested."""
    flag = view.train.codes < 0
    votes = class_votes(view) if flag.any() and not view.natural else {}
    findings = [_unlabelled(view, row, votes.get(int(view.groups[row]), {})) for row in np.flatnonzero(flag).tolist()]
    return Detection("L003", tuple(findings), flag.astype(np.float64), flag)


def few_rows(view: View) -> Detection:
    """L004: classes with too few rows."""
    names = view.train.class_names
    return rare_class_detection(names, np.bincount(view.train.codes[view.train.codes >= 0], minlength=len(names)))


def rare_class_detection(names: Sequence[str], counts: Labels) -> Detection:
    """The same from the rows of each class."""
    rare = rare_classes(counts)
    frequent = [names[code] for code in np.flatnonzero(rare == 0).tolist()]
    findings = [
        _rare(names[code], int(counts[code]), float(rare[code]), frequent) for code in np.flatnonzero(rare > 0).tolist()
    ]
    return Detection("L004", tuple(findings))


def misspelled(name: str, frequent: Sequence[str]) -> str:
    """The frequent class whose name is almost the same, '' for none; other digits are another class.

    Examples
    --------
    >>> misspelled("heart faixure", ["heart failure", "pneumonia"]), misspelled("class 12", ["class 13"])
    ('heart failure', '')
    """
    close = get_close_matches(name.strip().casefold(), [other.casefold() for other in frequent], n=1, cutoff=ALMOST)
    found = next((other for other in frequent if close and other.casefold() == close[0]), "")
    digits = [[sign for sign in text if sign.isdigit()] for text in (name, found)]
    return found if digits[0] == digits[1] else ""


def _rare(name: str, count: int, score: float, frequent: Sequence[str]) -> Finding:
    stands = f"has {counted(count, 'row')}" if count else "has no row in the training data, only in the test data"
    why = f"The class {name} {stands}: too few to learn the class or to check its labels."
    fix = f"Collect more rows of {name}, merge it with another class, or leave it out."
    other = misspelled(name, frequent)
    if other:
        why += f" Its name is almost the same as {other}: it may be misspelled."
        fix = f"If {name} is {other} misspelled, relabel its rows as {other}."
    return Finding("L004", score, why, fix, field=name, given=name, suggested=other)


def _unlabelled(view: View, row: int, vote: dict[int, int]) -> Finding:
    agreed = next(iter(vote)) if len(vote) == 1 else clear_majority(vote)
    label = view.train.label_name or "label"
    if agreed is None:
        return Finding("L003", 1.0, f"{view.row_name(row)} has no {label}.", "Label it by hand.", row, field=label)
    name = view.train.class_names[agreed]
    same = counted(sum(vote.values()), "row")
    why = f"{view.row_name(row)} has no {label}; {same} with the same input have the label {name}."
    return Finding("L003", 1.0, why, f"Label it {name}.", row, field=label, suggested=name)
