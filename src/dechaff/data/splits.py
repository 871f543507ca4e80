"""Which rows are sealed as test rows, decided before anything looks at the data."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from dechaff.core.groups import group_numbers, merged_groups
from dechaff.data.columns.cells import Cells
from dechaff.errors import DataError, InputError
from dechaff.typing import Groups, Labels, Mask

TRAIN_WORDS = frozenset({"train", "training", "tr"})
TUNE_WORDS = frozenset({"val", "valid", "validation", "dev", "tune"})
TEST_WORDS = frozenset({"test", "testing", "holdout", "hold-out", "held-out", "heldout", "eval", "evaluation", "te"})


def rows_by_split(cells: Cells) -> tuple[Mask, tuple[str, ...]]:
    """True for test rows by the words of a split column, and the words for tuning rows, which train.

    Raises
    ------
    DataError
        If a word says neither train nor test, or no row is a test row or none is a training row.
    """
    words = [str(word).strip().lower() for word in cells.raw]
    counted = Counter(words)
    unknown = [word for word in counted if word not in TRAIN_WORDS | TUNE_WORDS | TEST_WORDS]
    test = np.fromiter((word in TEST_WORDS for word in words), bool, len(words))
    if unknown or not test.any() or test.all():
        listed = ", ".join(f"{word or '(empty)'} ({rows:,} rows)" for word, rows in counted.most_common(8))
        raise DataError(
            f"the split column {cells.name!r}",
            "say train or test for each row, and both for some",
            listed,
            "Use the words train, val and test, or name another column with --split.",
        )
    return test, tuple(word for word in counted if word in TUNE_WORDS)


def is_split_column(cells: Cells) -> bool:
    """True for a column that is named and filled like a split column, though it was not named."""
    if cells.name.lower() not in ("split", "set", "fold", "subset", "partition"):
        return False
    words = {str(word).strip().lower() for word in set(cells.raw)}
    return words <= TRAIN_WORDS | TUNE_WORDS | TEST_WORDS and len(words) > 1


def rows_by_size(codes: Labels, content: Groups, groups: Groups, size: float, seed: int) -> Mask:
    """True for test rows: a fraction of every class, drawn by the seed; equal rows and groups on one side.

    Rows without a label stay in train. A class of which fewer than two units exist gives none.

    Parameters
    ----------
    codes : (n,) int
        Classes; -1 if the label is missing.
    content : (n,) int
        The same number for rows of equal content.
    groups : (n,) int
        The same number for rows that the user keeps together; -1 alone.
    size : float
        A fraction in (0, 1), or a number of rows from 1 on.
    seed : int
        Decides the draw.
    """
    fraction = _fraction(size, int((codes >= 0).sum()))
    units = group_numbers(merged_groups(content, groups))
    labelled = np.bincount(units, weights=codes >= 0) == np.bincount(units)
    # A unit counts for the class of its first row; units with mixed labels are few.
    first = np.unique(units, return_index=True)[1]
    sizes = np.bincount(units)
    generator = np.random.default_rng(seed)
    chosen = np.zeros(len(sizes), dtype=bool)
    for code in range(int(codes.max()) + 1):
        mine = np.flatnonzero(labelled & (codes[first] == code))
        if len(mine) < 2:
            continue
        order = generator.permutation(mine)
        quota = max(1, round(fraction * int(sizes[mine].sum())))
        chosen[_filled(order, sizes, quota)] = True
    test: Mask = chosen[units]
    if not test.any() or test.all():
        raise DataError(
            "the test size", "leave rows on both sides", f"{size} of {len(codes):,} rows", "Choose another --test-size."
        )
    return test


def _fraction(size: float, rows: int) -> float:
    fraction = size if 0 < size < 1 else size / rows
    if not 0 < fraction < 1:
        raise InputError(
            "test_size",
            f"be a fraction between 0 and 1, or a number of rows below {rows:,}",
            f"{size}",
            "Choose, for example, --test-size 0.2.",
        )
    return fraction


def _filled(order: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], quota: int) -> list[int]:
    """Units in their order until the quota is full; one that is too large is passed over, and one always stays."""
    taken: list[int] = []
    rows = 0
    for unit in order[:-1]:
        if rows + sizes[unit] <= quota:
            taken.append(int(unit))
            rows += int(sizes[unit])
    return taken
