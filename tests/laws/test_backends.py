"""Every fold and row map has the same answer wherever it runs: on threads, on Dask and on Ray, in real processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from dechaff.backends import local
from dechaff.core.backend import Backend
from dechaff.core.fold import NamedRows
from dechaff.core.over_arrays import fold_over, map_arrays
from dechaff.core.source import ArraySource
from tests.clusters import CLUSTERS, on
from tests.laws.cases import FoldCase, RowMapCase, columns
from tests.laws.plumbing import ALL_FOLDS, ALL_ROW_MAPS, MAPS_AND_FOLDS, kind_of
from tests.laws.same import assert_same

ROUNDING = 1e-12


ONE_A_ROW = [make for make in MAPS_AND_FOLDS if kind_of(make) != "ConfidentRows"]
"""The answers of the other are those of a part, label by label."""


@pytest.fixture(params=["local", *CLUSTERS])
def backend(request: pytest.FixtureRequest) -> Backend:
    return on(request.param, request)


@pytest.mark.parametrize("case", ALL_FOLDS, ids=kind_of)
def test_a_fold_has_the_same_bits_on_every_backend(case: FoldCase, backend: Backend) -> None:
    data = columns(1)
    fold = case.make(data)
    whole = fold_over(fold, ArraySource(data.arrays))
    for chunk_rows in (20, 400):
        assert_same(backend.fold(fold, ArraySource(data.arrays, chunk_rows)), whole)


@pytest.mark.parametrize("case", ALL_FOLDS, ids=kind_of)
def test_a_fold_does_not_see_the_order_of_the_rows_on_any_backend(case: FoldCase, backend: Backend) -> None:
    data = columns(1)
    rows = np.random.default_rng(0).permutation(400)
    mixed = {name: array[rows] for name, array in data.arrays.items()}
    fold = case.make(data)
    assert_same(backend.fold(fold, ArraySource(mixed, 30)), fold_over(fold, ArraySource(data.arrays)))


@pytest.mark.parametrize("case", ALL_ROW_MAPS, ids=kind_of)
def test_a_row_map_has_the_same_answers_on_every_backend(case: RowMapCase, backend: Backend) -> None:
    data = columns(2)
    row_map: Any = case.make(data)
    source, named = ArraySource(data.arrays, 37), NamedRows({"answer": row_map})
    answers, nothing = backend.row_map(named, source)
    assert nothing is None
    assert_same(answers["answer"], local.row_map(named, source)[0]["answer"])
    np.testing.assert_allclose(answers["answer"], map_arrays(row_map, **data.arrays), rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("make", MAPS_AND_FOLDS, ids=kind_of)
def test_a_map_and_fold_has_the_same_answers_and_result_on_every_backend(make: Any, backend: Backend) -> None:
    data = columns(2)
    both = make(data)
    source = ArraySource(data.arrays, 37)
    answers, result = backend.row_map(both, source)
    assert_same(result, both.finalize(both.rows_and_state(data.arrays)[1]))
    expected, _ = local.row_map(both, source, threads=1)
    assert sorted(answers) == sorted(expected)
    for name, values in expected.items():
        assert_same(answers[name], values)


@pytest.mark.parametrize("make", ONE_A_ROW, ids=kind_of)
@pytest.mark.parametrize("chunk_rows", [1, 7, 399])
def test_answers_beside_a_fold_have_the_same_bits_whatever_the_chunks(make: Any, chunk_rows: int) -> None:
    data = columns(2)
    both = make(data)
    answers, _ = local.row_map(both, ArraySource(data.arrays, chunk_rows))
    for name, values in both.rows_and_state(data.arrays)[0].items():
        assert_same(answers[name], values)


@dataclass(frozen=True)
class Times:
    factor: int

    def __call__(self, part: int) -> int:
        return part * self.factor


def test_parts_have_their_results_in_order_on_every_backend(backend: Backend) -> None:
    assert list(backend.map_parts(Times(3), iter(range(20)))) == [3 * part for part in range(20)]
    assert list(backend.map_parts(Times(3), [])) == []


def test_parts_that_are_not_wanted_are_not_waited_for(backend: Backend) -> None:
    results = backend.map_parts(Times(3), iter(range(10**6)), most=2)
    assert [next(results), next(results)] == [0, 3]
    results.close()
