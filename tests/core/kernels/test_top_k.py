"""The largest numbers of rows and columns, block by block, as one sort of each line would have them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dechaff.core.kernels.top_k import TopK, see_block, top_k_of_nothing
from tests.core.kernels.variants import ALL, natives, used

HARD = [0.0, -0.0, 1.0, 1e-45, -1e-45, np.inf, -np.inf, np.nan, 0.5, 0.25]


def plainly(matrix: np.ndarray, k: int, *, one_set: bool) -> TopK:
    found = top_k_of_nothing(len(matrix), k)
    for row, line in enumerate(matrix):
        ids = [i for i, value in enumerate(line) if value > -np.inf and not (one_set and i == row)]
        for at, i in enumerate(sorted(ids, key=lambda i: (-line[i], i))[:k]):
            found.values[row, at], found.ids[row, at] = line[i], i
    return found


def same(left: TopK, right: TopK) -> None:
    np.testing.assert_array_equal(left.ids, right.ids)
    np.testing.assert_array_equal(left.values, right.values)


def in_blocks(matrix: np.ndarray, k: int, step: int, *, one_set: bool) -> TopK:
    found = top_k_of_nothing(len(matrix), k)
    for start in range(0, matrix.shape[1], step):
        see_block(matrix[:, start : start + step], found, first_column=start, one_set=one_set)
    return found


@pytest.mark.parametrize("kernel", ALL)
@pytest.mark.parametrize("step", [1, 7, 64, 1000])
def test_blocks_of_any_width_give_what_a_sort_of_each_row_gives(kernel: str, step: int) -> None:
    matrix = np.random.default_rng(0).normal(size=(40, 300)).astype(np.float32)
    with used(kernel):
        same(in_blocks(matrix, 5, step, one_set=False), plainly(matrix, 5, one_set=False))


@pytest.mark.parametrize("kernel", ALL)
@pytest.mark.parametrize("order", [1, -1])
def test_the_blocks_above_the_diagonal_are_enough_for_a_symmetric_matrix(kernel: str, order: int) -> None:
    rng = np.random.default_rng(1)
    some = rng.integers(0, 4, size=(90, 90)).astype(np.float32)  # many ties
    matrix = some + some.T
    found = top_k_of_nothing(90, 4)
    starts = range(0, 90, 37)
    pairs = [(row, column) for row in starts for column in starts if row <= column][::order]
    with used(kernel):
        for row, column in pairs:
            rows, columns = slice(row, row + 37), slice(column, column + 37)
            mirrored = found.lines(columns) if column > row else None
            see_block(matrix[rows, columns], found.lines(rows), mirrored, first_row=row, first_column=column)
    same(found, plainly(matrix, 4, one_set=True))


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_hard_numbers_give_the_same_bits_as_in_numpy(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(0, 6), st.integers(0, 70)))
    number = st.sampled_from(HARD) | st.floats(width=32)
    matrix = data.draw(hnp.arrays(np.float32, shape, elements=number, fill=st.sampled_from(HARD)))
    k, one_set = data.draw(st.integers(1, 9)), data.draw(st.booleans())
    found = {}
    for name in ("numpy", *natives()):
        rows, columns = top_k_of_nothing(shape[0], k), top_k_of_nothing(shape[1], k)
        with used(name):
            see_block(matrix, rows, columns, first_row=3, one_set=one_set)
        found[name] = rows, columns
    plain = found.pop("numpy")
    for sides in found.values():
        for native, expected in zip(sides, plain, strict=True):
            same(native, expected)


@pytest.mark.parametrize("kernel", ALL)
def test_a_block_that_is_not_contiguous_is_copied(kernel: str) -> None:
    matrix = np.random.default_rng(2).normal(size=(60, 60)).astype(np.float32)
    for view in (matrix.T, matrix[:, ::2], matrix[::3], matrix[::-1]):
        found = top_k_of_nothing(len(view), 3)
        with used(kernel):
            see_block(view, found, one_set=False)
        same(found, plainly(view, 3, one_set=False))
