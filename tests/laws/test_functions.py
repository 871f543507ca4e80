"""The laws of plain functions of arrays."""

from __future__ import annotations

import pickle

import pytest

from tests.laws.cases import FUNCTIONS, FunctionCase, columns
from tests.laws.same import assert_same

every_function = pytest.mark.parametrize("case", FUNCTIONS, ids=lambda case: case.method)


@every_function
def test_a_function_writes_into_no_argument_and_answers_alike_twice(case: FunctionCase) -> None:
    data = columns(3)
    before = pickle.dumps(data)
    first = case.call(data)
    assert pickle.dumps(data) == before
    assert_same(first, case.call(data))


@every_function
def test_a_result_travels_by_pickle(case: FunctionCase) -> None:
    result = case.call(columns(3))
    assert_same(pickle.loads(pickle.dumps(result)), result)
