"""F001 to F003: columns that a model should not see."""

from __future__ import annotations

from dechaff.core.words import counted, listed, percent
from dechaff.methods.features.leaking import LEAKS_FROM, ColumnPower, power_of
from dechaff.recipe.explore.view import View
from dechaff.records.findings import Detection, Finding

STRONG_FROM = 0.9
"""If other columns reach this much, too, the task may simply be easy."""


def identifier_columns(view: View) -> Detection:
    """F001: columns that identify the rows."""
    reasons = {
        "counting": "counts the rows: each whole number is larger (or smaller) than the one before",
        "whole numbers without repeats": "contains whole numbers that never repeat, unlike measurements",
        "codes": "contains a different code in nearly every row",
    }
    findings = [
        Finding(
            "F001",
            found.distinct,
            f"{name} {reasons[found.kind]} ({percent(found.distinct)} of its values are different).",
            _identifier_fix(view, name),
            field=name,
        )
        for name, found in view.identifiers.items()
    ]
    return Detection("F001", tuple(findings))


def _identifier_fix(view: View, name: str) -> str:
    if view.train.table[name].kind == "identifier":
        return f"Nothing: no model sees {name}. If it is a measurement, pass --numeric {name}."
    return f"Take {name} out of the features, or name it with --id {name}."


def constant_columns(view: View) -> Detection:
    """F003: columns with the same value everywhere."""
    findings = []
    for column in view.train.table.columns:
        if view.counts[column.name].is_constant(len(view.train)):
            holds = "is empty in every row" if column.missing.all() else f"is '{column.raw[0]}' in every row"
            findings.append(
                Finding("F003", 1.0, f"{column.name} {holds}.", f"Leave {column.name} out.", field=column.name)
            )
    return Detection("F003", tuple(findings))


def leaking_columns(view: View) -> Detection:
    """F002: single columns that predict the label of held-out rows almost perfectly."""
    codes, n_classes = view.train.codes, len(view.train.class_names)
    powers = {one.name: power_of(one, codes, n_classes, seed=view.seed) for one in view.train.table.columns}
    known = {name: power for name, power in powers.items() if power is not None}
    strong = [name for name, power in known.items() if power.balanced_accuracy >= STRONG_FROM]
    findings = [
        _leak(view, name, power, [other for other in strong if other != name])
        for name, power in known.items()
        if power.balanced_accuracy >= LEAKS_FROM
    ]
    return Detection("F002", tuple(findings))


def _leak(view: View, name: str, power: ColumnPower, strong: list[str]) -> Finding:
    label = view.train.label_name or "the label"
    reach = percent(power.balanced_accuracy)
    why = (
        f"{name} alone predicts {label} of {counted(power.rows, 'held-out row')} with a balanced accuracy of {reach} "
        f"(chance: {percent(power.chance)})."
    )
    score = 0.5 + 0.5 * min(1.0, (power.balanced_accuracy - LEAKS_FROM) / (1 - LEAKS_FROM))
    if strong:
        why += f" {listed(strong)} come close, so the task may simply be easy."
        score *= 0.7
    if name in view.identifiers:
        why += f" It also identifies the rows: they seem to be numbered in the order of {label}."
    fix = f"Is {name} known before {label} is? If it is filled in afterwards, or derived from {label}, leave it out."
    return Finding("F002", score, why, fix, field=name)
