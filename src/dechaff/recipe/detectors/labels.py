"""L003 and L004: rows without a label, and classes with too few rows."""

from __future__ import annotations

import numpy as np

from dechaff.methods.label_errors.rare_classes import rare_classes
from dechaff.recipe.detectors.duplicates import class_votes, clear_majority
from dechaff.recipe.detectors.view import View
from dechaff.recipe.detectors.words import counted
from dechaff.records.findings import Detection, Finding


def missing_labels(view: View) -> Detection:
    """L003: rows without a label; an equal row that has one lends it as a suggestion."""
    flag = view.train.codes < 0
    votes = class_votes(view) if flag.any() and not view.natural else {}
    findings = [_unlabelled(view, row, votes.get(int(view.equal[row]), {})) for row in np.flatnonzero(flag).tolist()]
    return Detection("L003", tuple(findings), flag.astype(np.float64), flag)


def few_rows(view: View) -> Detection:
    """L004: classes with too few rows."""
    names = view.train.class_names
    counts = np.bincount(view.train.codes[view.train.codes >= 0], minlength=len(names))
    findings = []
    for code in np.flatnonzero(rare_classes(counts) > 0).tolist():
        name, count = names[code], int(counts[code])
        stands = f"has {counted(count, 'row')}" if count else "has no row in the training data, only in the test data"
        why = f"The class {name} {stands}: too few to learn it, or to check its labels."
        fix = f"Collect more rows of {name}, merge it with another class, or leave it out."
        score = float(rare_classes(counts)[code])
        findings.append(Finding("L004", score, why, fix, field=name, given=name))
    return Detection("L004", tuple(findings))


def _unlabelled(view: View, row: int, vote: dict[int, int]) -> Finding:
    agreed = next(iter(vote)) if len(vote) == 1 else clear_majority(vote)
    label = view.train.label_name or "label"
    if agreed is None:
        return Finding("L003", 1.0, f"{view.row_name(row)} has no {label}.", "Label it by hand.", row, field=label)
    name = view.train.class_names[agreed]
    why = f"{view.row_name(row)} has no {label}; {counted(sum(vote.values()), 'row')} with the same input say {name}."
    return Finding("L003", 1.0, why, f"Take {name} as its label.", row, field=label, suggested=name)
