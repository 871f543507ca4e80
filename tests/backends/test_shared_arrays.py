from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import random as random_matrix

from dechaff.backends import shared_arrays
from dechaff.backends.local import _pool
from dechaff.backends.shared_arrays import sent
from dechaff.core.table import Column, Table
from dechaff.models.choose import candidate_models


def fixed(n_rows: int = 5000) -> np.ndarray:
    array = np.random.default_rng(0).random((n_rows, 50))
    array.flags.writeable = False
    return array


def looked_at(matrix: Any) -> tuple[float, bool]:
    return float(matrix.sum()), bool(matrix.data.flags.writeable)


def test_an_array_that_cannot_change_is_written_once_and_goes_with_it() -> None:
    array = fixed()
    (_, first), (_, second) = sent(array), sent(array)
    assert first == second
    path = Path(first[0])
    np.testing.assert_array_equal(np.load(path), array)
    del array
    gc.collect()
    assert not path.exists()


@pytest.mark.parametrize("kind", ["writable", "small", "view", "objects"])
def test_other_arrays_are_copied(kind: str) -> None:
    made = {
        "writable": np.zeros(10**6),
        "small": fixed(3),
        "view": np.zeros(10**6)[1:],
        "objects": np.empty(10**6, "O"),
    }
    array = made[kind]
    array.flags.writeable = kind == "writable"
    assert sent(array)[0] is not shared_arrays._mapped


def test_without_room_for_a_file_it_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "save", full)
    assert sent(fixed())[0] is not shared_arrays._mapped


def test_processes_map_the_matrix_of_a_bound_model() -> None:
    texts = np.array([f"word{row % 97} other{row % 89} third{row % 7}" for row in range(9000)], dtype=object)
    table = Table((Column("text", "text", texts, np.zeros(len(texts), dtype=bool), texts),), len(texts))
    bound = candidate_models(table)[0].bind(table, None, 2, seed=0)
    matrix = bound.matrix  # type: ignore[attr-defined]
    with _pool(2) as pool:
        found = [pool.submit(looked_at, matrix).result() for _ in range(2)]
    assert found == [(float(matrix.sum()), False)] * 2
    assert id(matrix.data) in shared_arrays._paths


def test_matrices_that_can_change_arrive_as_copies() -> None:
    matrix = random_matrix(1000, 1000, density=0.5, format="csr", rng=0)
    with _pool(2) as pool:
        assert pool.submit(looked_at, matrix).result() == (pytest.approx(float(matrix.sum())), True)
