from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.label_evidence import nearest_rows as module
from dechaff.methods.label_evidence.nearest_rows import nearest_outputs, nearest_rows


def by_loop(features: np.ndarray, count: int) -> np.ndarray:
    centred = features - features.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    found = []
    for row, one in enumerate(unit):
        likeness = unit @ one
        likeness[(likeness > 0.999999) | (np.arange(len(unit)) == row)] = -np.inf
        found.append(np.argsort(-likeness, kind="stable")[:count])
    return np.array(found)


def test_the_same_rows_as_a_plain_loop() -> None:
    features = np.random.default_rng(0).normal(size=(300, 6))
    same = nearest_rows(features, count=5) == by_loop(features, 5)
    assert same.mean() > 0.99  # the grid may swap two rows at the same distance to four digits


def test_the_answer_does_not_depend_on_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    features = np.random.default_rng(1).normal(size=(200, 40)).astype(np.float32)
    whole = nearest_rows(features, count=7)
    monkeypatch.setattr(module, "_BLOCK", 13)
    np.testing.assert_array_equal(nearest_rows(features, count=7), whole)


def test_products_on_the_grid_are_exact() -> None:
    directions = module._directions(np.random.default_rng(2).normal(size=(64, 500)))
    in_float = directions @ directions.T
    np.testing.assert_array_equal(in_float, directions.astype(np.int64) @ directions.T.astype(np.int64))


def test_a_row_and_its_copies_are_no_neighbours() -> None:
    features = np.random.default_rng(3).normal(size=(20, 3))
    features[7] = features[3]
    nearest = nearest_rows(features, count=19)
    assert 3 not in nearest[7]
    assert 7 not in nearest[3]
    assert (nearest[3] == -1).sum() == 1
    assert all(row not in nearest[row] for row in range(20))


def test_equal_distances_go_to_the_smaller_row() -> None:
    around = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    assert nearest_rows(around, count=2)[0].tolist() == [1, 3]


def test_among_many_rows_evenly_spaced_ones_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_REFERENCES", 50)
    features = np.random.default_rng(4).normal(size=(100, 3))
    nearest = nearest_rows(features, count=3)
    assert (nearest % 2 == 0).all()
    assert all(row not in nearest[row] for row in range(100))


@pytest.mark.parametrize("n", [1, 2])
def test_few_rows_leave_places_empty(n: int) -> None:
    nearest = nearest_rows(np.arange(2.0 * n).reshape(n, 2), count=3)
    assert nearest.shape == (n, 3)
    assert (nearest[:, n - 1 :] == -1).all()


def test_outputs_that_are_equal_are_neighbours() -> None:
    probs = np.array([[0.7, 0.3], [0.5, 0.5], [0.7, 0.3], [0.69, 0.31]])
    assert nearest_outputs(probs, count=2)[0].tolist() == [2, 3]
