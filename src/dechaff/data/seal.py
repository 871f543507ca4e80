"""Test rows of a source are set aside before any column is sniffed."""

from __future__ import annotations

import numpy as np

from dechaff.data.assemble import Parts, Sealed
from dechaff.data.columns.cells import Cells
from dechaff.data.columns.identifiers import sniff_id
from dechaff.data.columns.labels import class_names_of
from dechaff.data.dataset import Assumption
from dechaff.data.keys import content_of, equal_rows
from dechaff.data.splits import rows_by_size, rows_by_split
from dechaff.typing import Groups


def seal(parts: Parts, *, test_size: float | None, seed: int) -> Sealed | None:
    """The test rows by the split column or by size; None where no row is sealed."""
    if parts.wishes.split is not None:
        return _by_column(parts, parts.wishes.split)
    if test_size is not None:
        return _by_size(parts, test_size, seed)
    return None


def _by_column(parts: Parts, name: str) -> Sealed:
    cells = _column(parts, name)
    test, tuning = rows_by_split(cells)
    value = f"{int(test.sum()):,} of {parts.n_rows:,}"
    why = f"the column {name} says so"
    if tuning:
        why += f"; rows that say {' or '.join(tuning)} count as train"
    return Sealed(test, (Assumption("test rows", value, why, "--split"),))


def _by_size(parts: Parts, size: float, seed: int) -> Sealed:
    labels = parts.labels
    codes = labels.codes(class_names_of(labels))
    test = rows_by_size(codes, _equal_contents(parts), _groups(parts), size, seed)
    value = f"{int(test.sum()):,} of {parts.n_rows:,}"
    why = f"drawn by seed {seed}, as many of each class, equal rows on one side"
    return Sealed(test, (Assumption("test rows", value, why, "--test-size"),))


def _equal_contents(parts: Parts) -> Groups:
    """Rows that are equal but for label and id: an id would make every row differ."""
    read, wishes = parts.read, parts.wishes
    if read.content is not None:
        return equal_rows(list(read.content))
    features = [cells for cells in read.cells if cells.name not in (parts.label_name, wishes.group)]
    named = wishes.id or (sniff_id(features) or ("",))[0]
    return equal_rows(content_of([cells for cells in features if cells.name != named], read.n_rows))


def _groups(parts: Parts) -> Groups:
    if parts.wishes.group is None:
        return np.full(parts.n_rows, -1, dtype=np.int64)
    cells = _column(parts, parts.wishes.group)
    numbers = equal_rows(list(cells.raw))
    return np.where(cells.missing, -1, numbers)


def _column(parts: Parts, name: str) -> Cells:
    return next(cells for cells in parts.read.cells if cells.name == name)
