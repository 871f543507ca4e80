"""C002 and C003: cells that are empty, stand for 'nothing', or carry traces of processing."""

from __future__ import annotations

import numpy as np

from dechaff.core.table import Column
from dechaff.methods.cells.placeholders import Placeholder, placeholder_dates, placeholder_numbers, placeholder_texts
from dechaff.methods.cells.text_artefacts import ARTEFACTS, TextArtefacts, text_artefacts
from dechaff.recipe.explore.view import View
from dechaff.recipe.explore.words import counted, percent
from dechaff.records.findings import Detection, Finding


def missing_cells(view: View) -> Detection:
    """C002: empty cells, and placeholders for them, column by column; files that hold no image, row by row."""
    findings: list[Finding] = []
    for column in view.train.table.columns:
        findings.extend(_empty(column, len(view.train)))
        findings.extend(placeholder_finding(column, placeholder) for placeholder in placeholders_of(column))
    images = view.train.table.of_kind("image")
    if not images:
        return Detection("C002", tuple(findings))
    findings.extend(_no_image(view, images[0].name, row, fault) for row, fault in view.unreadable.items())
    flag = view.unread
    return Detection("C002", tuple(findings), flag.astype(np.float64), flag)


def _no_image(view: View, column: str, row: int, fault: str) -> Finding:
    name = view.row_name(row)
    instead = "Models see the average image instead, so its label was not judged."
    why = f"{name} cannot be read as an image: {fault}. {instead}"
    code = int(view.train.codes[row])
    given = view.train.class_names[code] if code >= 0 else ""
    return Finding("C002", 1.0, why, f"Put the image back in its place, or drop {name}.", row, "", column, given)


def texts_with_artefacts(view: View) -> Detection:
    """C003: texts with markup, broken encoding, control characters, or hardly any text."""
    n = len(view.train)
    score, flag = np.zeros(n), np.zeros(n, dtype=bool)
    findings: list[Finding] = []
    for column in view.train.table.of_kind("text", "categorical"):
        artefacts = text_artefacts(column.values, column.missing)
        if column.kind == "categorical":
            artefacts = artefacts.without("hardly any text")  # '+' and '?' name a category as well as a word does
        findings.extend(
            artefact_everywhere(column.name, number, share) for number, share in artefacts.everywhere.items()
        )
        findings.extend(
            artefact_finding(view.row_name(row), column.name, artefacts, row)
            for row in np.flatnonzero(artefacts.kind >= 0).tolist()
        )
        score, flag = np.maximum(score, artefacts.score), flag | (artefacts.kind >= 0)
    return Detection("C003", tuple(findings), score, flag)


def _empty(column: Column, n_rows: int) -> tuple[Finding, ...]:
    return empty_cells(column.name, int((column.missing & (column.raw == "")).sum()), n_rows)


def empty_cells(name: str, number: int, n_rows: int) -> tuple[Finding, ...]:
    """What is said of so many empty cells of a column."""
    if number == 0 or number == n_rows:  # a column without any value is constant: F003
        return ()
    share = number / n_rows
    why = f"{counted(number, 'cell')} of {name} {'is' if number == 1 else 'are'} empty ({percent(share)})."
    fix = "Nothing, if empty means 'not known': models here take it as such. Fill them in where the values can be had."
    return (Finding("C002", 0.1 + 0.4 * share, why, fix, field=name),)


def placeholders_of(column: Column) -> tuple[Placeholder, ...]:
    """Values of a column that probably mean 'nothing'."""
    spelled = placeholder_texts(column.raw)
    if column.kind == "numeric":
        return (*spelled, *placeholder_numbers(column.values))
    if column.kind == "datetime":
        return (*spelled, *placeholder_dates(column.values))
    return () if column.kind == "image" else spelled


def placeholder_finding(column: Column, placeholder: Placeholder) -> Finding:
    """What is said of a value that stands for 'nothing'."""
    count = counted(placeholder.count, "cell")
    holds = "holds" if placeholder.count == 1 else "hold"
    why = f"{count} of {column.name} {holds} '{placeholder.value}', which {placeholder.why}."
    if bool(column.missing[column.raw == placeholder.value].any()):
        return Finding(
            "C002",
            0.5,
            why + " It has been read as missing.",
            "Write these cells empty.",
            field=column.name,
            given=placeholder.value,
        )
    fix = (
        f"Write these cells of {column.name} empty, so that '{placeholder.value}' is not taken for a value."
        if placeholder.sure >= 0.7
        else f"Does '{placeholder.value}' mean 'not known' in {column.name}? If so, write these cells empty."
    )
    return Finding("C002", placeholder.sure, why, fix, field=column.name, given=placeholder.value)


def artefact_finding(name: str, column: str, artefacts: TextArtefacts, row: int) -> Finding:
    """What is said of one text; ``name`` is what people call its row."""
    artefact = ARTEFACTS[int(artefacts.kind[row])]
    evidence = str(artefacts.evidence[row])
    why = f"{column} carries traces of its processing: {artefact.name} ({_visible(evidence)})."
    fix = f"Clean {column} at its source, and look at whether the label of {name} can be trusted."
    if artefact.name in ("hardly any text", "nothing but an address"):
        why = f"{column} has {artefact.name}: {_visible(evidence)}."
        fix = f"Drop {name}, or give it a text."
    return Finding("C003", artefact.score, why, fix, row, artefact.name, column, evidence)


def artefact_everywhere(column: str, number: int, share: float) -> Finding:
    """What is said of a kind of artefact that nearly every cell of a column carries."""
    artefact = ARTEFACTS[number]
    why = f"Nearly every cell of {column} ({percent(share)}) carries traces of its processing: {artefact.name}."
    return Finding("C003", artefact.score / 2, why, f"Clean the whole column {column} in one step.", field=column)


def _visible(text: str) -> str:
    """The text in quotes, with control characters spelled out."""
    return "'" + "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text) + "'"
