"""The worst rows of each code with the evidence, fetched from the files once they are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.table import Column, Table
from dechaff.data.dataset import Dataset
from dechaff.models.model import EncodedBound, take_rows
from dechaff.recipe.examples import Evidence, worst_examples
from dechaff.recipe.large.fold_models import Encoded
from dechaff.recipe.large.known import Known
from dechaff.recipe.large.prob_parts import ProbParts
from dechaff.records.findings import Finding
from dechaff.records.frames import FINDINGS_SCHEMA, NamedFinding
from dechaff.records.metrics import Examples

_PER_CODE = 10
_MEMBERS = 6


def examples_of(known: Known, findings: list[Path], parts: ProbParts, encoded: Encoded | None) -> Examples:
    """Code -> its worst findings with cells, probabilities, neighbours in the sample, and the rows of their group.

    Parameters
    ----------
    known : the data.
    findings : pieces of all findings, with the numbers of their rows.
    parts : probabilities of the rows.
    encoded : the sample as the models see it; None where nobody knows how they do.
    """
    named = list(_named(wanted_findings(findings)))
    rows = np.array(sorted({one.finding.row for one in named if one.finding.row is not None}), dtype=np.int64)
    data, probs = _fetched(known, rows, parts)
    place = {row: number for number, row in enumerate(rows.tolist())}
    local = [
        one if one.finding.row is None else replace(one, finding=replace(one.finding, row=place[one.finding.row]))
        for one in named
    ]
    # A row that is shown and sampled stands there once, lest it be most like itself.
    others = np.flatnonzero(~np.isin(known.sample.positions, rows))
    together = _below(data, known.sample.take(others))
    blank = np.zeros((len(others), probs.shape[1]))
    evidence = Evidence(together, np.concatenate([probs, blank]), _bound(encoded, data, others, probs.shape[1]))
    return worst_examples(local, evidence)


def wanted_findings(findings: list[Path]) -> pl.DataFrame:
    """The worst of each code, and some others of their groups."""
    if not findings:
        return pl.DataFrame(schema={**FINDINGS_SCHEMA, "place": pl.Int64})
    table = pl.scan_parquet(findings).with_row_index("order")
    first = table.with_columns(pl.int_range(pl.len()).over("code").alias("n")).filter(pl.col("n") < _PER_CODE)
    worst = first.drop("n").collect()
    groups = worst.filter((pl.col("group") != "") & (pl.col("place") >= 0) & (pl.col("code") != "L002"))
    pairs = groups.select("code", "group").unique()
    members = table.join(pairs.lazy(), on=["code", "group"], how="semi").collect()
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


def _fetched(known: Known, rows: npt.NDArray[np.int64], parts: ProbParts) -> tuple[Dataset, Any]:
    """Some rows with all of their columns, and their probabilities."""
    ends = np.array([block.first_row + block.n_rows for block in known.blocks])
    hit = np.unique(np.searchsorted(ends, rows, side="right"))
    found = [known.sample.take(np.zeros(0, dtype=np.int64))]
    for block, read in known.each([known.blocks[place] for place in hit.tolist()]):
        whole, _ = known.rows(block, read)
        mine = rows[(rows >= block.first_row) & (rows < block.first_row + block.n_rows)] - block.first_row
        found.append(whole.take(mine))
    data = found[0]
    for other in found[1:]:
        data = _below(data, other)
    return data, parts.of(rows)


def _below(first: Dataset, second: Dataset) -> Dataset:
    """Rows of two data sets of the same columns."""
    columns = tuple(
        Column(
            one.name,
            one.kind,
            np.concatenate([one.values, other.values]),
            np.concatenate([one.missing, other.missing]),
            np.concatenate([one.raw, other.raw]),
        )
        for one, other in zip(first.table.columns, second.table.columns, strict=True)
    )
    return replace(
        first,
        table=Table(columns, len(first) + len(second)),
        codes=np.concatenate([first.codes, second.codes]),
        ids=np.concatenate([first.ids, second.ids]),
        keys=np.concatenate([first.keys, second.keys]),
        positions=np.concatenate([first.positions, second.positions]),
        groups=np.concatenate([first.groups, second.groups]),
    )


def _bound(
    encoded: Encoded | None, data: Dataset, others: npt.NDArray[np.int64], n_classes: int
) -> EncodedBound | None:
    """The rows above others of the sample, as the models see them."""
    if encoded is None or not len(data):
        return None
    from scipy.sparse import issparse, vstack

    matrix = encoded.encoding.transform(data.table, None)
    both = (matrix, take_rows(encoded.matrix, others))
    together = vstack(both, format="csr") if issparse(matrix) else np.concatenate(both)
    return EncodedBound(encoded.learner, encoded.encoding, together, n_classes, 0)
