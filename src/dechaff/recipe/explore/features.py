"""F001 to F004, F007: columns that a model should not see, or does not need."""

from __future__ import annotations

import numpy as np

from dechaff.core.identifying_columns import LEAST_DISTINCT
from dechaff.core.table import Column
from dechaff.core.words import counted, listed, percent
from dechaff.estimators.features.unfit_columns import adds_nothing
from dechaff.methods.features.leaking import (
    LEAKS_FROM,
    LEAST_ROWS,
    SHORT_TEXT,
    ColumnPower,
    categories_of,
    copied_classes,
    exceptions_explained,
    power_of,
    words_per_cell,
)
from dechaff.methods.features.leaking_phrases import phrase_power
from dechaff.methods.features.missingness import Missingness, missingness
from dechaff.methods.features.redundant_columns import Redundant, redundant_columns
from dechaff.models.choose import candidate_models
from dechaff.models.out_of_fold import out_of_fold, stratified_group_folds
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.explore.view import View
from dechaff.records.findings import Detection, Finding

STRONG_FROM = 0.9
"""If other columns reach this much, too, the task may simply be easy."""
_DAY, _MOMENTS_SCORE = 86_400, 0.5
_NUMBERS_FROM = 0.998
"""Fraction of the variance of a number that another column explains from which on it is reported: measurements of one
object, such as its height and its size, often reach 0.995 without being copies."""
_GAPS_FROM, _GAPS_SURE = 0.4, 1e-3
"""Correlation of empty cells and classes from which on they are reported, and its p-value over all columns."""
_VALUES_PER_CLASS, _FEWEST_EXCEPTIONS, _EXPLAINED = 2, 8, 2.33


def identifier_columns(view: View) -> Detection:
    """F001: columns that identify the rows."""
    reasons = {
        "counting": "counts the rows: each whole number is larger (or smaller) than the one before",
        "whole numbers without repeats": "contains whole numbers that never repeat, unlike measurements",
        "random numbers": "contains numbers that are spread evenly over all numbers of that length",
        "moments": "contains moments, in seconds since 1970, that hardly repeat",
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
    moments = (_moments(column) for column in view.train.table.of_kind("datetime"))
    return Detection("F001", (*findings, *(one for one in moments if one is not None)))


def _moments(column: Column) -> Finding | None:
    """A column of times of day that hardly repeat; days are measurements."""
    known = column.values[~column.missing]
    if len(known) < LEAST_ROWS or not (known % _DAY).any():
        return None
    distinct = len(np.unique(known)) / len(known)
    if distinct < LEAST_DISTINCT:
        return None
    why = f"{column.name} contains moments that hardly repeat ({percent(distinct)} of its values are different)."
    fix = f"Take {column.name} out of the features, or replace it by the day, the weekday or the hour."
    return Finding("F001", _MOMENTS_SCORE * distinct, why, fix, field=column.name)


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


def redundant(view: View) -> Detection:
    """F004: columns that another one explains nearly completely."""
    columns = [column for column in view.train.table.columns if column.name not in view.identifiers]
    return Detection(
        "F004",
        tuple(
            Finding(
                "F004",
                one.explained,
                f"{one.of} explains {percent(one.explained)} of the variance of {one.name}"
                f"{', and the other way round' if one.mutual else ''}.",
                f"Leave {one.name} out, or {one.of} if that is the one that is kept up to date.",
                field=one.name,
            )
            for one in redundant_columns(columns, seed=view.seed)
            if adds_nothing(one, view.train.table) and _is_copied(one, view.train.table[one.name])
        ),
    )


def _is_copied(one: Redundant, column: Column) -> bool:
    return column.kind == "categorical" or one.explained >= _NUMBERS_FROM


def leaking_gaps(view: View) -> Detection:
    """F007: columns whose empty cells depend on the label."""
    columns, codes, n_classes = view.train.table.columns, view.train.codes, len(view.train.class_names)
    gaps = {one.name: missingness(one.missing, codes, n_classes) for one in columns if one.missing.any()}
    return Detection(
        "F007",
        tuple(
            _gap(view, name, found)
            for name, found in gaps.items()
            if found is not None and found.strength >= _GAPS_FROM and found.p_value * len(gaps) < _GAPS_SURE
        ),
    )


def _gap(view: View, name: str, found: Missingness) -> Finding:
    label, names = view.train.label_name or "the label", view.train.class_names
    most, least = int(np.nanargmax(found.rates)), int(np.nanargmin(found.rates))
    why = (
        f"{name} is empty in {percent(found.rates[most])} of the rows whose {label} is {names[most]}, and in "
        f"{percent(found.rates[least])} of those whose {label} is {names[least]}."
    )
    fix = f"Is {name} filled in before {label} is known, and for all classes alike? If not, leave it out."
    return Finding("F007", found.strength, why, fix, field=name)


def leaking_columns(view: View) -> Detection:
    """F002: single columns that predict the label of held-out rows almost perfectly."""
    codes, n_classes = view.train.codes, len(view.train.class_names)
    powers = {one.name: power_of(one, codes, n_classes, seed=view.seed) for one in view.train.table.columns}
    known = {name: power for name, power in powers.items() if power is not None}
    phrases = (_leaking_phrases(view, column) for column in view.train.table.of_kind("text"))
    strong = [name for name, power in known.items() if power.balanced_accuracy >= STRONG_FROM]
    findings = [
        _leak(view, name, power, [other for other in strong if other != name])
        for name, power in known.items()
        if power.balanced_accuracy >= LEAKS_FROM
        or (power.balanced_accuracy >= STRONG_FROM and _is_copy_with_slips(view, view.train.table[name]))
    ]
    return Detection("F002", (*findings, *(one for one in phrases if one is not None)))


def _is_copy_with_slips(view: View, column: Column) -> bool:
    """Whether a column has hardly more values than there are classes, and no other column explains its exceptions."""
    n_classes, others = len(view.train.class_names), view.train.table.without([column.name])
    codes, labels = categories_of(column, n_classes), view.train.codes
    if codes is None:
        return False
    rows = np.flatnonzero(~column.missing & (labels >= 0))
    if len(np.unique(codes[rows])) > _VALUES_PER_CLASS * n_classes:
        return False
    exceptions = copied_classes(codes[rows], labels[rows], n_classes) != labels[rows]
    if exceptions.sum() < _FEWEST_EXCEPTIONS:
        return False
    readable = others.of_kind("text", "numeric", "categorical", "datetime")
    if not readable:
        return False
    models = candidate_models(others.take(rows), None, n_classes=2)
    bound = models[min(1, len(models) - 1)].bind(others.take(rows), None, 2, seed=view.seed)
    slips = exceptions.astype(np.int64)
    folds = stratified_group_folds(slips, np.full(len(rows), -1), data_hashes(view.train)[rows], seed=view.seed)
    score = out_of_fold(bound, slips, folds, 2)[:, 1]
    return exceptions_explained(score, exceptions, labels[rows]) < _EXPLAINED


def _leaking_phrases(view: View, column: Column) -> Finding | None:
    """A text in which a few phrases tell the label of held-out rows."""
    if words_per_cell(column) <= SHORT_TEXT:
        return None
    found = phrase_power(column.values, view.train.codes, len(view.train.class_names), seed=view.seed)
    if found is None or found.rows < LEAST_ROWS or found.balanced_accuracy < STRONG_FROM:
        return None
    label = view.train.label_name or "the label"
    why = (
        f"A few phrases of {column.name} predict {label} of {counted(found.rows, 'held-out row')} with a balanced "
        f"accuracy of {percent(found.balanced_accuracy)} (chance: {percent(found.chance)}): "
        f"{listed([repr(one) for one in found.phrases])}."
    )
    fix = f"Was this part of {column.name} written when {label} was known? If so, cut it from the texts."
    return Finding("F002", 0.5 + 0.5 * found.balanced_accuracy, why, fix, field=column.name)


def _leak(view: View, name: str, power: ColumnPower, strong: list[str]) -> Finding:
    label = view.train.label_name or "the label"
    reach = percent(power.balanced_accuracy)
    why = (
        f"{name} alone predicts {label} of {counted(power.rows, 'held-out row')} with a balanced accuracy of {reach} "
        f"(chance: {percent(power.chance)})."
    )
    score = 0.5 + 0.5 * min(1.0, max(0.0, power.balanced_accuracy - LEAKS_FROM) / (1 - LEAKS_FROM))
    if strong:
        why += f" {listed(strong)} come close, so the task may simply be easy."
        score *= 0.7
    if name in view.identifiers:
        why += f" It also identifies the rows: they seem to be numbered in the order of {label}."
    fix = f"Is {name} known before {label} is? If it is filled in afterwards, or derived from {label}, leave it out."
    return Finding("F002", score, why, fix, field=name)
