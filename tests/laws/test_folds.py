"""One suite of laws for every fold and every row map: what a backend relies on."""

from __future__ import annotations

import pickle
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dechaff.backends import local
from dechaff.core.fold import NamedRows
from dechaff.core.over_arrays import fold_over, map_arrays
from dechaff.core.source import ArraySource
from tests.laws.cases import Columns, FoldCase, RowMapCase, columns, relabelled
from tests.laws.plumbing import ALL_FOLDS, ALL_ROW_MAPS, kind_of
from tests.laws.same import assert_same

ROUNDING = 1e-12
"""Of row maps: matrix products may be taken in another order for another number of rows."""
every_fold = pytest.mark.parametrize("case", ALL_FOLDS, ids=kind_of)
every_row_map = pytest.mark.parametrize("case", ALL_ROW_MAPS, ids=kind_of)
splits = st.lists(st.integers(0, 400), max_size=6).map(sorted)


def chunks(data: Columns, cuts: list[int], fold: Any = None) -> list[dict[str, Any]]:
    """Rows between the cuts, which a keyed fold gets between the values of its key."""
    if fold is not None and fold.keyed_by is not None:
        keys = data.arrays[fold.keyed_by]
        cuts = [int(np.searchsorted(keys, keys[cut])) if cut < 400 else cut for cut in cuts]
    edges = [0, *cuts, 400]
    return [{name: array[start:stop] for name, array in data.arrays.items()} for start, stop in pairwise(edges)]


def whole(fold: Any, data: Columns) -> Any:
    return fold_over(fold, ArraySource(data.arrays))


@every_fold
@settings(max_examples=15, deadline=None)
@given(cuts=splits, seed=st.integers(0, 2**16))
def test_any_split_in_any_order_gives_the_same_bits(case: FoldCase, cuts: list[int], seed: int) -> None:
    data = columns(1)
    fold = case.make(data)
    states = [fold.update(fold.init(), chunk) for chunk in chunks(data, cuts, fold)]
    total = fold.init()
    for at in np.random.default_rng(seed).permutation(len(states)):
        total = fold.merge(total, states[at])
    assert_same(fold.finalize(total), whole(fold, data))


@every_fold
def test_the_order_of_rows_does_not_matter(case: FoldCase) -> None:
    data = columns(1)
    rows = np.random.default_rng(0).permutation(400)
    mixed = {name: array[rows] for name, array in data.arrays.items()}
    assert_same(fold_over(case.make(data), ArraySource(mixed)), whole(case.make(data), data))


@every_fold
def test_init_is_the_identity_of_merge(case: FoldCase) -> None:
    data = columns(1)
    fold = case.make(data)
    state = fold.update(fold.init(), data.arrays)
    assert_same(fold.merge(fold.init(), state), state)
    assert_same(fold.merge(state, fold.init()), state)


@every_fold
def test_merge_is_associative_and_commutative(case: FoldCase) -> None:
    data = columns(1)
    fold = case.make(data)
    one, two, three = (fold.update(fold.init(), chunk) for chunk in chunks(data, [100, 250], fold))
    assert_same(fold.merge(fold.merge(one, two), three), fold.merge(one, fold.merge(two, three)))
    assert_same(fold.merge(one, two), fold.merge(two, one))


@every_fold
def test_an_update_is_a_merge_with_the_chunk_alone(case: FoldCase) -> None:
    data = columns(1)
    fold = case.make(data)
    first, second = chunks(data, [130], fold)
    state = fold.update(fold.init(), first)
    assert_same(fold.update(state, second), fold.merge(state, fold.update(fold.init(), second)))


@every_fold
def test_an_empty_chunk_changes_nothing(case: FoldCase) -> None:
    data = columns(1)
    fold = case.make(data)
    state = fold.update(fold.init(), data.arrays)
    assert_same(fold.update(state, chunks(data, [0])[0]), state)


@every_fold
def test_a_fold_travels_half_way_by_pickle(case: FoldCase) -> None:
    data = columns(1)
    fold = case.make(data)
    first, second = chunks(data, [200], fold)
    fold_there, state = pickle.loads(pickle.dumps((fold, fold.update(fold.init(), first))))
    assert_same(fold_there.finalize(fold_there.update(state, second)), whole(fold, data))


@every_fold
def test_a_fold_writes_into_no_argument(case: FoldCase) -> None:
    data = columns(1)
    fold = case.make(data)
    before = pickle.dumps((data, fold))
    state = fold.update(fold.init(), data.arrays)
    kept = pickle.dumps(state)
    fold.merge(state, state)
    fold.update(state, data.arrays)
    fold.finalize(state)
    assert pickle.dumps(state) == kept
    assert pickle.dumps((data, fold)) == before


@every_fold
def test_relabelling_the_classes_permutes_the_result(case: FoldCase) -> None:
    data = columns(1)
    order = np.array([2, 0, 3, 1])
    other = relabelled(data, order)
    assert_same(whole(case.make(other), other), case.relabel(whole(case.make(data), data), order), rounding=ROUNDING)


@every_fold
@pytest.mark.parametrize("part_rows", [1, 37, 399, 400])
def test_parts_of_any_size_give_the_same_bits_on_one_thread_or_two(case: FoldCase, part_rows: int) -> None:
    data = columns(1)
    source = ArraySource(data.arrays, chunk_rows=part_rows)
    one, two = (local.fold(case.make(data), source, threads=threads) for threads in (1, 2))
    assert_same(one, two)
    assert_same(one, whole(case.make(data), data))


@every_row_map
@settings(max_examples=15, deadline=None)
@given(cuts=splits)
def test_a_row_map_does_not_see_the_split(case: RowMapCase, cuts: list[int]) -> None:
    data = columns(2)
    row_map = case.make(data)
    parts = np.concatenate([row_map.rows(chunk) for chunk in chunks(data, cuts)])
    np.testing.assert_allclose(parts, map_arrays(row_map, **data.arrays), rtol=0, atol=ROUNDING)


@every_row_map
def test_a_row_map_does_not_see_the_other_rows(case: RowMapCase) -> None:
    data = columns(2)
    rows = np.random.default_rng(0).permutation(400)
    mixed = {name: array[rows] for name, array in data.arrays.items()}
    row_map = case.make(data)
    np.testing.assert_allclose(row_map.rows(mixed), row_map.rows(data.arrays)[rows], rtol=0, atol=ROUNDING)


@every_row_map
def test_a_row_map_travels_by_pickle_and_writes_into_no_argument(case: RowMapCase) -> None:
    data = columns(2)
    row_map = case.make(data)
    before = pickle.dumps((data, row_map))
    answers = row_map.rows(data.arrays)
    assert pickle.dumps((data, row_map)) == before
    assert_same(pickle.loads(pickle.dumps(row_map)).rows(data.arrays), answers)


@every_row_map
def test_relabelling_the_classes_permutes_the_answers(case: RowMapCase) -> None:
    data = columns(2)
    order = np.array([2, 0, 3, 1])
    other = relabelled(data, order)
    there, here = case.make(other).rows(other.arrays), case.make(data).rows(data.arrays)
    np.testing.assert_allclose(there, case.relabel(here, order), rtol=0, atol=ROUNDING)


@every_row_map
@pytest.mark.parametrize("part_rows", [37, 399, 400])
def test_parts_of_any_size_have_the_same_answers_on_one_thread_or_two(case: RowMapCase, part_rows: int) -> None:
    data = columns(2)
    source = ArraySource(data.arrays, chunk_rows=part_rows)
    row_map = NamedRows({"answer": case.make(data)})
    one, two = (local.row_map(row_map, source, threads=threads)[0]["answer"] for threads in (1, 2))
    assert_same(one, two)


@every_row_map
def test_answers_lie_in_their_range(case: RowMapCase) -> None:
    data = columns(2)
    answers = case.make(data).rows(data.arrays)
    assert np.isfinite(answers).all()
    if case.in_unit_range:
        assert answers.min() >= 0
        assert answers.max() <= 1


@every_row_map
def test_no_rows_have_no_answers(case: RowMapCase) -> None:
    data = columns(2)
    assert len(case.make(data).rows(chunks(data, [0])[0])) == 0
