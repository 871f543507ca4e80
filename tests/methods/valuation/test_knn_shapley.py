from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.valuation.knn_shapley import knn_shapley


def shapley(labels: np.ndarray, query: int, order: np.ndarray, k: int) -> np.ndarray:
    """By the definition: the mean gain of a row over all sets of others, where a set predicts by its k nearest."""
    n = len(order)
    near = {row: place for place, row in enumerate(order)}

    def accuracy(some: tuple[int, ...]) -> float:
        first = sorted(some, key=near.__getitem__)[:k]
        return sum(labels[row] == labels[query] for row in first) / k

    values = np.zeros(len(labels))
    for row in order:
        others = [one for one in order if one != row]
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            values[row] += weight * sum(accuracy((*some, row)) - accuracy(some) for some in combinations(others, size))
    return values


def test_values_are_those_of_the_definition_up_to_one_over_k() -> None:
    rng = np.random.default_rng(0)
    labels, place, k = rng.integers(0, 2, 7), rng.random(7), 3
    order = [np.array([row for row in np.argsort(abs(place - at)) if row != one]) for one, at in enumerate(place)]
    exact = np.mean([shapley(labels, one, order[one], k) for one in range(7)], axis=0)
    found = knn_shapley(labels, np.array(order), k=k)
    assert np.abs(found - exact).max() < 1 / k


def test_a_wrong_label_among_right_ones_does_harm() -> None:
    place = np.repeat([0.0, 100.0], 10) + np.arange(20)
    labels = np.repeat([0, 1], 10)
    labels[4] = 1
    away = np.abs(place[:, None] - place) + np.diag(np.full(20, np.inf))
    found = knn_shapley(labels, np.argsort(away, axis=1, kind="stable")[:, :5], k=5)
    assert found.argmin() == 4
    assert found[4] < 0


@pytest.mark.parametrize("k", [0, 3])
def test_too_few_neighbours_are_refused(k: int) -> None:
    with pytest.raises(InputError, match="every row must have k neighbours"):
        knn_shapley(np.array([0, 1, 0]), np.array([[1, 2], [0, 2], [1, 0]]), k=k)
