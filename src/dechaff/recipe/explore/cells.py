"""C002 and C003: cells that are empty, contain a placeholder, or contain artefacts of processing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from dechaff.core.row_hash import row_hash
from dechaff.core.table import Column
from dechaff.data.dataset import Dataset
from dechaff.methods.cells.placeholders import Placeholder, placeholder_dates, placeholder_numbers, placeholder_texts
from dechaff.methods.cells.text_artefacts import ARTEFACTS, TextArtefacts, text_artefacts
from dechaff.recipe.explore.view import View, row_name
from dechaff.recipe.explore.words import counted, percent
from dechaff.records.findings import Detection, Finding
from dechaff.typing import Mask

MOST_DISTINCT = 10_000
_NEVER = 2.0
_NAMED_TO = 5e-6
"""Numbers are named by six digits; placeholders are far from all other values."""
_DAY = 86400


@dataclass
class ColumnCount:
    """What is counted in one column over all training rows."""

    empty: int = 0
    missing: int = 0
    values: set[int] = field(default_factory=set)
    """By their hashes: a text may be longer than all that is kept of it."""
    placeholders: dict[str, int] = field(default_factory=dict)

    def add(self, column: Column, *, values: bool = True) -> None:
        """The cells of one part; without `values`, different ones are not counted."""
        self.missing += int(column.missing.sum())
        self.empty += int((column.missing & (column.raw == "")).sum())
        for value in self.placeholders:
            self.placeholders[value] += int(_stands(column, value).sum())
        if values and len(self.values) <= MOST_DISTINCT:
            self.values.update(row_hash(column.raw[~column.missing]).tolist())

    def merge(self, other: ColumnCount) -> None:
        """What was counted in other rows."""
        self.missing += other.missing
        self.empty += other.empty
        for value, count in other.placeholders.items():
            self.placeholders[value] += count
        if len(self.values) <= MOST_DISTINCT:
            self.values |= other.values

    def is_constant(self, n_rows: int) -> bool:
        """Whether all of `n_rows` rows have the same value, or none."""
        return self.missing == n_rows or (self.missing == 0 and self.distinct == 1)

    @property
    def distinct(self) -> int | None:
        """Different values; None if there are too many to count."""
        return len(self.values) if len(self.values) <= MOST_DISTINCT else None


def column_counts(columns: Sequence[Column], placeholders: Sequence[tuple[str, Placeholder]]) -> dict[str, ColumnCount]:
    """Nothing counted yet, of every column."""
    counts = {column.name: ColumnCount() for column in columns}
    for name, placeholder in placeholders:
        counts[name].placeholders[placeholder.value] = 0
    return counts


def missing_cells(view: View) -> Detection:
    """C002: empty cells, and placeholders for them, column by column; files that hold no image, row by row."""
    columns = view.train.table.columns
    placeholders = placeholders_of(columns)
    counts = column_counts(columns, placeholders)
    for column in columns:
        counts[column.name].add(column, values=False)
    findings = missing_findings(columns, placeholders, counts, len(view.train))
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
    code = int(view.train.codes[row])
    given = view.train.class_names[code] if code >= 0 else ""
    return Finding("C002", 1.0, why, f"Restore the image, or drop {name}.", row, "", column, given)


def texts_with_artefacts(view: View) -> Detection:
    """C003: texts with markup, broken encoding, control characters, or hardly any text."""
    artefacts = artefacts_of(view.train)
    found = artefact_detection(view.train, artefacts)
    natures = {name: one.everywhere for name, one in artefacts.items()}
    return replace(found, findings=(*everywhere_findings(natures), *found.findings))


Natures = Mapping[str, Mapping[int, float]]
"""Column -> the kinds of artefacts that nearly every cell of it carries, and the share of the cells."""


def artefacts_of(data: Dataset, natures: Natures | None = None) -> dict[str, TextArtefacts]:
    """The artefacts of each column, but for those that are its nature; these are found if they are not known."""
    artefacts = {}
    for column in data.table.of_kind("text", "categorical"):
        if natures is None:
            found = text_artefacts(column.values, column.missing)
        else:
            nature = natures.get(column.name, {})
            found = text_artefacts(column.values, column.missing, everywhere=_NEVER, nature=nature)
        # '+' and '?' name a category as well as a word does.
        artefacts[column.name] = found.without("hardly any text") if column.kind == "categorical" else found
    return artefacts


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
        for kind, share in nature.items():
            artefact = ARTEFACTS[kind]
            why = (
                f"Nearly every cell of {column} ({percent(share)}) contains an artefact of processing: {artefact.name}."
            )
            yield Finding(
                "C003", artefact.score / 2, why, f"Clean the whole column {column} in one step.", field=column
            )


def _empty_cells(name: str, number: int, n_rows: int) -> tuple[Finding, ...]:
    """The finding for the empty cells of a column; none if all or no cells are empty."""
    if number == 0 or number == n_rows:  # a column without any value is constant: F003
        return ()
    share = number / n_rows
    why = f"{counted(number, 'cell')} of {name} {'is' if number == 1 else 'are'} empty ({percent(share)})."
    fix = "Nothing if empty means 'unknown': the models treat it as missing. Otherwise fill in the values."
    return (Finding("C002", 0.1 + 0.4 * share, why, fix, field=name),)


def placeholders_of(columns: Sequence[Column]) -> list[tuple[str, Placeholder]]:
    """Values that probably mean 'nothing', by the name of their column."""
    return [(column.name, one) for column in columns for one in _placeholders(column)]


def _placeholders(column: Column) -> tuple[Placeholder, ...]:
    spelled = placeholder_texts(column.raw)
    if column.kind == "numeric":
        return (*spelled, *placeholder_numbers(column.values))
    if column.kind == "datetime":
        return (*spelled, *placeholder_dates(column.values))
    return () if column.kind == "image" else spelled


def _stands(column: Column, value: str) -> Mask:
    """Where a value stands that was named by the sample, however the cells are spelled: -999 as -999.0."""
    stands: Mask = column.raw == value
    with suppress(ValueError):  # a sign such as ? is no number, and 0000-00-00 no date
        if column.kind == "numeric":
            stands |= np.isclose(column.values, float(value), rtol=_NAMED_TO, atol=0.0)
        if column.kind == "datetime":
            stands |= np.floor(column.values / _DAY) == np.datetime64(value, "D").astype(np.int64)
    return stands


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
