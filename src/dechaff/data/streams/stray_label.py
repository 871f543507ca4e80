"""The first label of a stream that no column of the probabilities has: looked for once there is known to be one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from dechaff.data.classes import no_such_class, without_column
from dechaff.data.streams.label_codes import LabelCodes, WhereOf
from dechaff.data.streams.label_stream import LabelStream
from dechaff.errors import LabelsError


class _AsTheyAre(LabelCodes):
    """Labels that stay what they are."""

    def codes(self, labels: pl.Series, where: WhereOf, first_row: int) -> Any:
        """The labels."""
        return labels


def stray_label(stream: LabelStream, names: Sequence[Any] | None) -> LabelsError | None:
    """The error that names the first such label with its file and row; None where every label has a column.

    Labels are read in the order of rows, by this process, up to the one that tells.
    """
    k = stream.n_classes
    first: dict[Any, int] = {}
    for label, row in _new_labels(stream):
        first[label] = row
        if len(first) > k or (names is not None and without_column([label], k, names)):
            break
    stray = next(iter(without_column(list(first), k, names)), None)
    if stray is None:
        return None
    place = f" in row {first[stray]} ({stream.where_of(first[stray])})"
    return no_such_class(stray, place, k, names)


def _new_labels(stream: LabelStream) -> Iterator[tuple[Any, int]]:
    """Each different label with its first row; missing ones are told of elsewhere."""
    nothing = np.empty(0, dtype=np.int64)
    seen: set[Any] = set()
    for chunk in stream.coded(_AsTheyAre(nothing, nothing, nothing)).chunks(["labels", "row"]):
        labels: Any = chunk["labels"]
        for label in labels.unique(maintain_order=True).drop_nulls().to_list():
            if label not in seen and label == label:
                seen.add(label)
                yield label, int(chunk["row"][labels.index_of(label)])
