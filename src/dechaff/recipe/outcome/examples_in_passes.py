"""The worst rows of each code with the evidence, fetched from the files once they are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column, Table
from dechaff.data.dataset import Dataset
from dechaff.data.formats.part import FilePart
from dechaff.models.model import EncodedBound, take_rows
from dechaff.recipe.outcome.examples import Evidence
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.typing import Rows


@dataclass(frozen=True)
class RowsOfPart:
    """Some rows of a part with all of their columns."""

    read_plan: ReadPlan

    def __call__(self, where: tuple[FilePart, Rows]) -> Dataset:
        """Those at some places of it."""
        part, places = where
        return self.read_plan.rows(part, part.read())[0].take(places)


def evidence_of(context: AuditContext, rows: Rows, encoded: EncodedBound | None) -> tuple[Evidence, dict[int, int]]:
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
    found = context.request.over_rows(RowsOfPart(context.read_plan.alone()), rows)
    shown = _joined([sample.take(rows[:0]), *found])
    blank = np.zeros((len(others), probs.shape[1]))
    evidence = Evidence(
        _joined([shown, sample.take(others)]),
        np.concatenate([probs, blank]),
        _bound(encoded, shown, others, probs.shape[1]),
    )
    return evidence, {row: number for number, row in enumerate(rows.tolist())}


def _joined(some: Sequence[Dataset]) -> Dataset:
    """The rows of data sets of the same columns, one below the other."""
    columns = tuple(
        Column(
            columns[0].name,
            columns[0].kind,
            np.concatenate([one.values for one in columns]),
            np.concatenate([one.missing for one in columns]),
            np.concatenate([one.raw for one in columns]),
        )
        for columns in zip(*(one.table.columns for one in some), strict=True)
    )
    return replace(
        some[0],
        table=Table(columns, sum(map(len, some))),
        codes=np.concatenate([one.codes for one in some]),
        ids=np.concatenate([one.ids for one in some]),
        keys=np.concatenate([one.keys for one in some]),
        positions=np.concatenate([one.positions for one in some]),
        groups=np.concatenate([one.groups for one in some]),
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
