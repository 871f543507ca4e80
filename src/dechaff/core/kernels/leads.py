"""The columns of some rows whose numbers lead the given one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.shares import cells_of, codes_of, native_for_any_order, typed
from dechaff.typing import Labels, Mask


@dataclass(frozen=True)
class LeadsAbove:
    """Leads row by row, and in each by column."""

    rows: npt.NDArray[np.int32]
    """(m,) the place of each one's row."""
    columns: npt.NDArray[np.int32]
    margins: npt.NDArray[Any]
    """(m,) as precise as the numbers are."""
    largest: Labels
    """(n,) the column of the largest number of a marked row, of equal ones the first; the label of any other row."""


def leads_above(
    labels: Labels, values: npt.NDArray[Any], given: npt.NDArray[Any], marked: Mask, least: npt.NDArray[Any]
) -> LeadsAbove:
    """The columns of marked rows that lead the given one by more than the least margin of label and column.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    values : (n, k) float
    given : (n,) ``values[i, labels[i]]``
    marked : (n,) bool
        The other rows are not looked at.
    least : (k, k) of the type of the values; rows = labels.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([[0.5, 0.2, 0.3], [0.1, 0.6, 0.3]])
    >>> found = leads_above(np.array([0, 0]), values, values[:, 0], np.array([False, True]), np.full((3, 3), 0.1))
    >>> found.rows, found.columns, found.margins, found.largest
    (array([1, 1], dtype=int32), array([1, 2], dtype=int32), array([0.5, 0.2]), array([0, 1]))
    """
    native = native_for_any_order(values)
    if native is None:
        return _leads_above(labels, values, given, marked, least)
    room = int(np.count_nonzero(marked)) * values.shape[1] + 1  # written before it is known whether it counts
    rows, columns = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    margins, largest = np.empty(room, dtype=values.dtype), np.array(labels, dtype=np.int64)
    options = (np.ascontiguousarray(given), np.ascontiguousarray(marked), np.ascontiguousarray(least))
    found = (rows, columns, margins, largest)
    n = native(typed("leads_above", values), codes_of(labels), *cells_of(values), *options, *found)
    return LeadsAbove(rows[:n].copy(), columns[:n].copy(), margins[:n].copy(), largest)


def _leads_above(
    labels: Labels, values: npt.NDArray[Any], given: npt.NDArray[Any], marked: Mask, least: npt.NDArray[Any]
) -> LeadsAbove:
    some, largest = np.flatnonzero(marked), np.array(labels, dtype=np.int64)
    block = values[some]
    largest[some] = block.argmax(axis=1)
    with np.errstate(invalid="ignore"):  # infinite numbers have no margin
        margins = block - given[some][:, None]
    places, columns = np.nonzero(margins > least[labels[some]])
    leading = some[places].astype(np.int32)
    return LeadsAbove(leading, columns.astype(np.int32), margins[places, columns], largest)
