"""L003, L004 and L006: rows without a label, classes with too few rows, and labels in several spellings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from dechaff.core.words import counted, listed
from dechaff.data.columns.cells import texts
from dechaff.data.columns.spellings import is_typo
from dechaff.data.dataset import Dataset
from dechaff.methods.label_errors.class_health import rare_classes
from dechaff.recipe.explore.duplicates import class_votes, clear_majority
from dechaff.recipe.explore.view import View
from dechaff.records.findings import Detection, Finding
from dechaff.typing import Labels, Rows, Texts


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
    """The same from the rows of each class; nothing if no row has a label yet."""
    if not counts.any():
        return Detection("L004", ())
    rare = rare_classes(counts)
    frequent = [names[code] for code in np.flatnonzero(rare == 0).tolist()]
    findings = [
        _rare(names[code], int(counts[code]), float(rare[code]), frequent) for code in np.flatnonzero(rare > 0).tolist()
    ]
    return Detection("L004", tuple(findings))


def label_spellings(view: View) -> Detection:
    """L006: classes whose label is written in several ways."""
    train, rows = view.train, oddly_spelled(view.train)
    odd = (train.odd_labels[row] for row in train.positions[rows].tolist())
    return spelling_detection(train.class_names, Counter(zip(train.codes[rows].tolist(), odd, strict=True)))


def oddly_spelled(train: Dataset) -> Rows:
    """The rows whose label is not spelled in the standard way of its class."""
    return np.flatnonzero(np.isin(train.positions, list(train.odd_labels)))


def spelling_detection(names: Sequence[str], odd: Mapping[tuple[int, str], int]) -> Detection:
    """The same from the rows of each class and other spelling of it."""
    findings = []
    for code in sorted({code for code, _ in odd}):
        others = sorted((-rows, raw) for (of, raw), rows in odd.items() if of == code and rows)
        rows, name = -sum(count for count, _ in others), names[code]
        shown = [name, *(raw if raw == raw.strip() else repr(raw) for _, raw in others)]
        if others:
            why = f"These {len(shown)} spellings are one label: {listed(shown)}. Here they count as {name}."
            fix = f"Merge them into {name}: {counted(rows, 'row')}."
            findings.append(Finding("L006", 1.0, why, fix, field=name, given=others[0][1], suggested=name))
    return Detection("L006", tuple(findings))


def _rare(name: str, count: int, score: float, frequent: Sequence[str]) -> Finding:
    stands = f"has {counted(count, 'row')}" if count else "has no row in the training data"
    why = f"The class {name} {stands}: too few to learn the class or to check its labels."
    fix = f"Collect more rows of {name}, merge it with another class, or leave it out."
    other = next((one for one in frequent if is_typo(name, one)), "")
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


def given_labels(train: Dataset) -> Texts:
    """The given labels, by the names of their classes unless they are spelled in another way; '' if missing."""
    names = np.array([*train.class_names, ""], dtype=object)[train.codes]
    rows = oddly_spelled(train)
    names[rows] = texts([train.odd_labels[row] for row in train.positions[rows].tolist()])
    return np.asarray(names, dtype=object)
