from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from dechaff.backends import dask, local
from dechaff.core.class_counts import ClassCounts
from dechaff.core.row_map import NamedRows
from dechaff.core.source import ArraySource
from dechaff.errors import MissingExtraError
from tests.laws.cases import FOLDS, ROW_MAPS, columns
from tests.laws.same import assert_same

installed = importlib.util.find_spec("dask") is not None
needs_dask = pytest.mark.skipif(not installed, reason="dask is not installed")


@needs_dask
@pytest.mark.parametrize("case", FOLDS, ids=lambda case: type(case.make(columns(0))).__name__)
def test_a_fold_has_the_same_bits_on_dask(case) -> None:
    data = columns(1)
    source = ArraySource(data.arrays, chunk_rows=20)
    assert_same(dask.fold(case.make(data), source), local.fold(case.make(data), source))


@needs_dask
@pytest.mark.parametrize("case", ROW_MAPS, ids=lambda case: type(case.make(columns(0))).__name__)
def test_a_row_map_has_the_same_bits_on_dask(case) -> None:
    data = columns(1)
    source = ArraySource(data.arrays, chunk_rows=20)
    row_map = NamedRows({"answer": case.make(data)})
    there, here = (backend.row_map(row_map, source)[0]["answer"] for backend in (dask, local))
    assert_same(there, here)


@needs_dask
def test_no_rows_give_the_answer_of_nothing() -> None:
    assert dask.fold(ClassCounts(2), ArraySource({"labels": np.empty(0, dtype=int)})).tolist() == [0, 0]


@pytest.mark.skipif(installed, reason="dask is installed")
def test_without_dask_the_error_says_what_to_install() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'dechaff\[dask\]'"):
        dask.fold(ClassCounts(1), ArraySource({"labels": np.zeros(1, dtype=int)}))
