"""C001 to C004: cells that are bad, empty or a placeholder, texts with artefacts, and images with faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from dechaff.core.distinct import Distinct
from dechaff.core.table import Column
from dechaff.core.words import counted, percent
from dechaff.data.dataset import Dataset
from dechaff.methods.cells.cell_columns import Doubt
from dechaff.methods.cells.image_faults import FAULTS, ImageFault, image_faults
from dechaff.methods.cells.placeholders import Placeholder
from dechaff.methods.cells.text_artefacts import ARTEFACTS, TextArtefacts, text_artefacts
from dechaff.models.images import image_measures
from dechaff.recipe.explore.cell_errors import FoundCells
from dechaff.recipe.explore.column_counts import ColumnCount
from dechaff.recipe.explore.view import View, label_of, row_name
from dechaff.records.findings import Detection, Finding

_NEVER = 2.0
_SHOWN_ROWS = 5


def missing_cells(view: View) -> Detection:
    """C002: empty cells, and placeholders for them, column by column; files that hold no image, row by row."""
    findings = missing_findings(view.train.table.columns, view.placeholders, view.counts, len(view.train))
    images = view.train.table.of_kind("image")
    if not images:
        return Detection("C002", tuple(findings))
    findings += [_no_image(view, images[0].name, row, fault) for row, fault in view.unreadable.items()]
    flag = view.unread
    return Detection("C002", tuple(findings), flag.astype(np.float64), flag)


def missing_findings(
    columns: Sequence[Column],
    placeholders: Sequence[tuple[str, Placeholder]],
    counts: Mapping[str, ColumnCount],
    n_rows: int,
) -> list[Finding]:
    """Findings about empty cells and placeholders.

    Parameters
    ----------
    columns : of the sample.
    placeholders : that were found in it, by the name of their column.
    counts : of all rows, by column.
    n_rows : training rows.
    """
    by_name = {column.name: column for column in columns}
    findings = [finding for name in by_name for finding in _empty_cells(name, counts[name].empty, n_rows)]
    for name, placeholder in placeholders:
        found = replace(placeholder, count=counts[name].placeholders[placeholder.value])
        findings.append(_placeholder_finding(by_name[name], found))
    return findings


def _no_image(view: View, column: str, row: int, fault: str) -> Finding:
    name = view.row_name(row)
    instead = "Models see the average image instead, so its label was not judged."
    why = f"{name} cannot be read as an image: {fault}. {instead}"
    fix = f"Restore the image, or drop {name}."
    return Finding("C002", 1.0, why, fix, row, "", column, label_of(view.train, row))


def bad_cells(view: View) -> Detection:
    """C001: cells that contradict the rest of their column or row."""
    return cell_detection(cell_findings(view.train, view.cell_errors), len(view.train))


def cell_findings(data: Dataset, found: FoundCells) -> list[Finding]:
    """C001: the flagged cells, row by row; what should be empty is left to C002."""
    at = {one.name: one.raw for one in data.table.columns}
    return [_finding(data, row, name, str(at[name][row]), doubt) for (row, name), doubt in found.flagged.items()
            if doubt.suggested != ""]  # fmt: skip


def cell_detection(findings: Sequence[Finding], n_rows: int) -> Detection:
    """C001: findings about cells, with the surest one of each row as its score."""
    score = np.zeros(n_rows)
    rows = np.array([one.row for one in findings], dtype=np.int64)
    np.maximum.at(score, rows, [one.score for one in findings])
    return Detection("C001", tuple(findings), score, score > 0)


def _finding(data: Dataset, row: int, name: str, given: str, doubt: Doubt) -> Finding:
    right = doubt.suggested
    fix = f"Correct {name} of {row_name(data, row)}." if right is None else f"Write {right} instead."
    return Finding("C001", doubt.sure, f"{name}: {doubt.why}", fix, row, "", name, given, right or "")


def faulty_images(view: View) -> Detection:
    """C004: images that show hardly anything, or are unlike the others."""
    images = view.train.table.of_kind("image")
    if not images:
        return Detection("C004")
    kind, score = image_faults(image_measures(images[0].values))
    rows = np.flatnonzero(kind >= 0).tolist()
    findings = tuple(_faulty(view, images[0].name, row, FAULTS[kind[row]]) for row in rows)
    return Detection("C004", findings, score, kind >= 0)


def _faulty(view: View, column: str, row: int, fault: ImageFault) -> Finding:
    name = view.row_name(row)
    why = f"The image of {name} is {fault.name}."
    fix = f"Look at the image; restore it, or drop {name}."
    return Finding("C004", fault.score, why, fix, row, fault.name, column, label_of(view.train, row))


def texts_with_artefacts(view: View) -> Detection:
    """C003: texts with markup, broken encoding, control characters, or hardly any text."""
    artefacts = artefacts_of(view.train)
    found = artefact_detection(view.train, artefacts)
    natures = {name: one.everywhere for name, one in artefacts.items()}
    return replace(found, findings=(*everywhere_findings(natures), *found.findings))


Natures = Mapping[str, Mapping[int, float]]
"""Column -> the kinds of artefacts that nearly every cell of it carries, and the fraction of the cells."""


def artefacts_of(data: Dataset, natures: Natures | None = None) -> dict[str, TextArtefacts]:
    """The artefacts of each column, but for those that are its nature; these are found if they are not known."""
    artefacts = {}
    for column in data.table.of_kind("text", "categorical"):
        if natures is None:
            found = text_artefacts(_spelled(column), column.missing)
        else:
            nature = natures.get(column.name, {})
            found = text_artefacts(_spelled(column), column.missing, everywhere=_NEVER, nature=nature)
        # '+' and '?' name a category as well as a word does.
        artefacts[column.name] = found.without("hardly any text") if column.kind == "categorical" else found
    return artefacts


def _spelled(column: Column) -> Distinct:
    """The distinct texts that models read."""
    return column.distinct if column.values is column.raw else Distinct.of(column.values)


def artefact_detection(data: Dataset, artefacts: Mapping[str, TextArtefacts]) -> Detection:
    """C003: the rows whose texts carry artefacts."""
    score, flag = np.zeros(len(data)), np.zeros(len(data), dtype=bool)
    findings: list[Finding] = []
    for name, found in artefacts.items():
        rows = np.flatnonzero(found.kind >= 0).tolist()
        findings += [_artefact_finding(row_name(data, row), name, found, row) for row in rows]
        score, flag = np.maximum(score, found.score), flag | (found.kind >= 0)
    return Detection("C003", tuple(findings), score, flag)


def everywhere_findings(natures: Natures) -> Iterator[Finding]:
    """Findings about kinds of artefacts that nearly every cell of a column carries."""
    for column, nature in natures.items():
        for kind, fraction in nature.items():
            artefact, nearly = ARTEFACTS[kind], f"Nearly every cell of {column} ({percent(fraction)})"
            why = f"{nearly} contains an artefact of processing: {artefact.name}."
            yield Finding(
                "C003", artefact.score / 2, why, f"Clean the whole column {column} in one step.", field=column
            )


def _empty_cells(name: str, number: int, n_rows: int) -> tuple[Finding, ...]:
    """The finding for the empty cells of a column; none if all or no cells are empty."""
    if number == 0 or number == n_rows:  # a column without any value is constant: F003
        return ()
    fraction = number / n_rows
    why = f"{counted(number, 'cell')} of {name} {'is' if number == 1 else 'are'} empty ({percent(fraction)})."
    fix = "Nothing if empty means 'unknown': the models treat it as missing. Otherwise fill in the values."
    return (Finding("C002", 0.1 + 0.4 * fraction, why, fix, field=name),)


def _placeholder_finding(column: Column, placeholder: Placeholder) -> Finding:
    """The finding for a placeholder of missing values."""
    count = counted(placeholder.count, "cell")
    contain = "contains" if placeholder.count == 1 else "contain"
    why = f"{count} of {column.name} {contain} '{placeholder.value}', which {placeholder.why}."
    if bool(column.missing[column.raw == placeholder.value].any()):
        return Finding(
            "C002",
            0.5,
            why + " It has been read as missing.",
            "Replace it with empty cells.",
            field=column.name,
            given=placeholder.value,
        )
    fix = (
        f"Replace it with empty cells, so that no model takes '{placeholder.value}' for a value of {column.name}."
        if placeholder.sure >= 0.7
        else f"Does '{placeholder.value}' mean 'unknown' in {column.name}? If so, replace it with empty cells."
    )
    return Finding("C002", placeholder.sure, why, fix, field=column.name, given=placeholder.value)


def _artefact_finding(name: str, column: str, artefacts: TextArtefacts, row: int) -> Finding:
    """The finding for one text; ``name`` is the name of its row."""
    artefact = ARTEFACTS[int(artefacts.kind[row])]
    evidence = str(artefacts.evidence[row])
    why = f"{column} contains an artefact of processing: {artefact.name} ({_visible(evidence)})."
    fix = f"Clean {column} at its source, and check whether the label of {name} can be trusted."
    if artefact.name in ("hardly any text", "nothing but an address"):
        why = f"{column} has {artefact.name}: {_visible(evidence)}."
        fix = f"Drop {name}, or fill in a text."
    return Finding("C003", artefact.score, why, fix, row, artefact.name, column, evidence)


def _visible(text: str) -> str:
    """The text in quotes, with control characters spelled out."""
    return "'" + "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text) + "'"
