"""The worst rows of each code with the evidence: as a report shows them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.table import Column, Table
from dechaff.data.dataset import Dataset
from dechaff.models.images import thumbnail
from dechaff.models.model import EncodedBound, take_rows
from dechaff.models.neighbours import nearest_rows
from dechaff.recipe.explore.view import label_of
from dechaff.recipe.explore.wrong_cells import place_of_number, place_of_value
from dechaff.recipe.passes.context import AuditContext
from dechaff.records.findings import FINDINGS_SCHEMA, Finding, NamedFinding
from dechaff.records.metrics import Example, Examples, OtherRow
from dechaff.records.record import Strip
from dechaff.records.wrong_cells import ValueCount
from dechaff.typing import Probs, Rows

_PER_CODE = 10
_SLICES = ("L002", "S001")
_MEMBERS = 6
_NEIGHBOURS = 3
_GROUP = 5
_PROBS = 5
_CELL_CHARACTERS = 300
_TEXT_CHARACTERS = 160
_CELLS = 30
_SIDE = 96
"""Pixels of the thumbnail of a row; those of other rows have half of them."""
_QUOTED = re.compile(r"\('(.{1,80}?)'\)")
"""Where a reason quotes a piece of the text in brackets, that piece is highlighted."""


@dataclass(frozen=True)
class ExampleSources:
    """What examples are made from: the rows, their out-of-sample probabilities, and a bound model or None."""

    train: Dataset
    probs: Probs
    bound: Any


def examples_of(
    findings: Sequence[Path], sources_of: Callable[[Rows], tuple[ExampleSources, Mapping[int, int]]]
) -> Examples:
    """Code -> its worst findings, from the pieces of all findings.

    `sources_of` gives some rows of the source with what is shown beside them, and where each of them stands there.
    """
    named = list(_named(wanted_findings(findings)))
    rows = np.array(sorted({one.finding.row for one in named if one.finding.row is not None}), dtype=np.int64)
    sources, place = sources_of(rows)
    local = [
        one if one.finding.row is None else replace(one, finding=replace(one.finding, row=place[one.finding.row]))
        for one in named
    ]
    return worst_examples(local, sources)


def wanted_findings(findings: Sequence[Path]) -> pl.DataFrame:
    """The worst findings of each code, and some others of their groups."""
    if not findings:
        return pl.DataFrame(schema={**FINDINGS_SCHEMA, "place": pl.Int64})
    table = pl.scan_parquet(list(findings)).with_row_index("order")
    # Findings can be millions: the sentences are read of those alone that are shown.
    number = pl.int_range(pl.len()).over("code")
    first = table.select("order", "code").filter(number < _PER_CODE).collect()["order"]
    worst = table.filter(pl.col("order").is_in(first.implode())).collect()
    # Rows of a slice are shown with the slice as a whole, not beside one another.
    about_rows = (pl.col("place") >= 0) & ~pl.col("code").is_in(_SLICES)
    groups = worst.filter((pl.col("group") != "") & (about_rows | (pl.col("place") < 0)))
    pairs = groups.select("code", "group").unique()
    members = table.join(pairs.lazy(), on=["code", "group"], how="semi").collect().filter(pl.col("place") >= 0)
    some = members.with_columns(pl.int_range(pl.len()).over("code", "group").alias("n")).filter(pl.col("n") < _MEMBERS)
    return pl.concat([worst, some.drop("n")]).unique("order").sort("order")


def _named(table: pl.DataFrame) -> Iterator[NamedFinding]:
    for line in table.iter_rows(named=True):
        row = line["place"] if line["place"] >= 0 else None
        finding = Finding(
            line["code"], line["score"], line["why"], line["fix"], row, line["group"], line["field"], line["given"],
            line["suggested"],
        )  # fmt: skip
        yield NamedFinding(line["finding_id"], finding)


def worst_examples(named: Sequence[NamedFinding], sources: ExampleSources) -> Examples:
    """Code -> up to ten findings of the highest score, with cells, probabilities, neighbours and group."""
    by_code: dict[str, list[NamedFinding]] = defaultdict(list)
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in named:
        if len(by_code[one.finding.code]) < _PER_CODE:
            by_code[one.finding.code].append(one)
        if one.finding.group and one.finding.row is not None:
            members[one.finding.code, one.finding.group].append(one.finding.row)
    rows = sorted({one.finding.row for chosen in by_code.values() for one in chosen if one.finding.row is not None})
    near = nearest_rows(sources.bound, np.array(rows, dtype=np.int64), count=_NEIGHBOURS)
    neighbours = dict(zip(rows, near, strict=True))
    return {
        code: tuple(_example(one, sources, neighbours, members) for one in chosen)
        for code, chosen in by_code.items()
        if chosen
    }


def _example(
    one: NamedFinding,
    sources: ExampleSources,
    neighbours: dict[int, npt.NDArray[np.int64]],
    members: dict[tuple[str, str], list[int]],
) -> Example:
    finding = one.finding
    about_row = finding.row is not None
    row = finding.row or 0
    # Rows of a slice share a condition, nothing more: they are shown once, with the slice.
    alike = [] if about_row and finding.code in _SLICES else members.get((finding.code, finding.group), [])
    group = [other for other in alike if other != finding.row]
    strip, values = _evidence_of_cell(sources.train, finding)
    return Example(
        finding_id=one.finding_id,
        row=str(sources.train.ids[row]) if about_row else "",
        field=finding.field,
        score=_rounded(float(finding.score)),
        given=finding.given,
        suggested=finding.suggested,
        why=finding.why,
        fix=finding.fix,
        cells=_cells(sources.train, row, finding) if about_row else (),
        probs=_probs(sources, row) if about_row else (),
        neighbours=tuple(_brief(sources.train, int(other)) for other in neighbours[row]) if about_row else (),
        group=tuple(_brief(sources.train, other) for other in group[:_GROUP]),
        image=_image(sources.train, row, _SIDE) if about_row else "",
        more_cells=max(0, len(sources.train.table.columns) - _CELLS) if about_row else 0,
        strip=strip,
        values=values,
    )


def _evidence_of_cell(train: Dataset, finding: Finding) -> tuple[Strip | None, tuple[ValueCount, ...]]:
    """The cell of a finding among those of its column: a number on a strip, or a value beside the usual ones."""
    if finding.code not in ("O001", "C001") or finding.row is None:
        return None, ()
    column = next((one for one in train.table.columns if one.name == finding.field), None)
    if column is None:
        return None, ()
    strip = place_of_number(column, finding.row, finding.suggested)
    if strip is not None or finding.code == "O001":
        return strip, ()
    return None, place_of_value(column, finding.row, finding.suggested)


def _rounded(score: float) -> float:
    """Six digits; only what is certain is 1."""
    return min(round(score, 6), 1 - 1e-6) if score < 1 else 1.0


def _cells(train: Dataset, row: int, finding: Finding) -> tuple[tuple[str, str, str], ...]:
    quoted = _QUOTED.search(finding.why)
    mark = quoted.group(1) if quoted else ""
    cells = []
    for column in _first_named(train.table.columns, finding.why)[:_CELLS]:
        text = str(column.raw[row])
        place = text.find(mark) if mark else -1
        start = max(0, place - _CELL_CHARACTERS // 3) if place > _CELL_CHARACTERS // 2 else 0
        shown = ("…" if start else "") + text[start : start + _CELL_CHARACTERS]
        shown += "…" if start + _CELL_CHARACTERS < len(text) else ""
        cells.append((column.name, shown, mark if mark and mark in shown else ""))
    return tuple(cells)


def _first_named(columns: Sequence[Column], why: str) -> list[Column]:
    """The columns that a reason names come first: of a wide table not all are shown."""
    return sorted(columns, key=lambda column: re.search(rf"(?<!\w){re.escape(column.name)}(?!\w)", why) is None)


def _image(train: Dataset, row: int, side: int) -> str:
    images = train.table.of_kind("image")
    return thumbnail(str(images[0].values[row]), side) if images else ""


def _probs(sources: ExampleSources, row: int) -> tuple[tuple[str, float], ...]:
    order = np.argsort(-sources.probs[row], kind="stable")[:_PROBS]
    return tuple((sources.train.class_names[c], round(float(sources.probs[row, c]), 6)) for c in order)


def _brief(train: Dataset, row: int) -> OtherRow:
    image = _image(train, row, _SIDE // 2)
    columns = train.table.of_kind("text") or train.table.columns[:8]
    text = "; ".join(str(c.raw[row]) if len(columns) == 1 else f"{c.name}: {c.raw[row]}" for c in columns)
    return OtherRow(str(train.ids[row]), label_of(train, row), "" if image else text[:_TEXT_CHARACTERS], image)


def sources_of(
    context: AuditContext, rows: Rows, encoded: EncodedBound | None
) -> tuple[ExampleSources, dict[int, int]]:
    """Some rows above the other rows of the sample, with probabilities and a model, and where each of them stands.

    Parameters
    ----------
    context : the data, and the probabilities of the rows.
    rows : their numbers, ascending.
    encoded : the sample as the models see it; None if the model does not expose that.
    """
    sample, probs = context.read_plan.sample, context.parts.of(rows)
    # A row that is shown and sampled counts once, so that it is not its own nearest neighbour.
    others = np.flatnonzero(~np.isin(sample.positions, rows))
    found = context.request.over_rows(context.read_plan.alone().rows_at, rows)
    shown = _joined([sample.take(rows[:0]), *found])
    blank = np.zeros((len(others), probs.shape[1]))
    sources = ExampleSources(
        _joined([shown, sample.take(others)]),
        np.concatenate([probs, blank]),
        _bound(encoded, shown, others, probs.shape[1]),
    )
    return sources, {row: number for number, row in enumerate(rows.tolist())}


def _joined(some: Sequence[Dataset]) -> Dataset:
    """The rows of data sets of the same columns, one below the other."""

    def together(parts: Sequence[Any], *names: str) -> dict[str, Any]:
        return {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}

    every = zip(*(one.table.columns for one in some), strict=True)
    columns = tuple(replace(each[0], **together(each, "values", "missing", "raw")) for each in every)
    rows = together(some, "codes", "ids", "keys", "positions", "groups")
    return replace(some[0], table=Table(columns, sum(map(len, some))), **rows)


def _bound(
    encoded: EncodedBound | None, data: Dataset, others: npt.NDArray[np.int64], n_classes: int
) -> EncodedBound | None:
    """The rows above others of the sample, as the models see them."""
    if encoded is None or not len(data):
        return None
    from scipy.sparse import issparse, vstack

    matrix = encoded.encoding.transform(data.table, None)
    both = (matrix, take_rows(encoded.matrix, others))
    together = vstack(both, format="csr") if issparse(matrix) else np.concatenate(both)
    return EncodedBound(encoded.learner, encoded.encoding, together, n_classes, 0)
