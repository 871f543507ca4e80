"""The worst rows of each code with the evidence, fetched from the files once they are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column, Table
from dechaff.data.dataset import Dataset
from dechaff.models.model import EncodedBound, take_rows
from dechaff.recipe.baseline.prob_parts import ProbParts
from dechaff.recipe.outcome.examples import Evidence
from dechaff.recipe.passes.read_plan import ReadPlan


def evidence_of(
    read_plan: ReadPlan, rows: npt.NDArray[np.int64], parts: ProbParts, encoded: EncodedBound | None
) -> tuple[Evidence, dict[int, int]]:
    """Some rows above the other rows of the sample, with probabilities and a model, and where each of them stands.

    Parameters
    ----------
    read_plan : the data.
    rows : their numbers, ascending.
    parts : probabilities of the rows.
    encoded : the sample as the models see it; None if the model does not expose that.
    """
    data, probs = _fetched(read_plan, rows, parts)
    # A row that is shown and sampled counts once, so that it is not its own nearest neighbour.
    others = np.flatnonzero(~np.isin(read_plan.sample.positions, rows))
    together = _below(data, read_plan.sample.take(others))
    blank = np.zeros((len(others), probs.shape[1]))
    evidence = Evidence(together, np.concatenate([probs, blank]), _bound(encoded, data, others, probs.shape[1]))
    return evidence, {row: number for number, row in enumerate(rows.tolist())}


def _fetched(read_plan: ReadPlan, rows: npt.NDArray[np.int64], parts: ProbParts) -> tuple[Dataset, Any]:
    """Some rows with all of their columns, and their probabilities."""
    ends = np.array([block.first_row + block.n_rows for block in read_plan.blocks])
    hit = np.unique(np.searchsorted(ends, rows, side="right"))
    found = [read_plan.sample.take(np.zeros(0, dtype=np.int64))]
    for block, read in read_plan.each([read_plan.blocks[place] for place in hit.tolist()]):
        whole, _ = read_plan.rows(block, read)
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
