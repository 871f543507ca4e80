"""The distance to the nearest reference rows."""

from __future__ import annotations

import numpy as np

from dechaff.methods.outliers.neighbour_distance import (
    NEIGHBOURS,
    NeighbourDistance,
    content_folds,
    reference_rows,
)

RANDOM = np.random.default_rng(0)


def test_it_is_the_mean_over_a_twentieth_of_the_rows_of_other_folds() -> None:
    numbers, codes = RANDOM.normal(size=(90, 3)), RANDOM.integers(0, 3, (90, 2)).astype(float)
    fold = np.arange(90) % 5
    found = NeighbourDistance(numbers, codes, fold).rows({"numbers": numbers, "codes": codes, "fold": fold})
    for row in range(90):
        others = fold != fold[row]
        apart = np.abs(numbers[others] - numbers[row]).sum(axis=1) + (codes[others] != codes[row]).sum(axis=1)
        np.testing.assert_allclose(found[row], np.sort(apart)[:4].mean())  # 72 others: 4 are a twentieth


def test_at_most_a_hundred_neighbours_count() -> None:
    numbers = np.arange(5_000.0)[:, None]
    near = NeighbourDistance(numbers, np.zeros((5_000, 0)), np.ones(5_000, dtype=np.int64))
    found = near.rows({"numbers": np.array([[-1.0]]), "codes": np.zeros((1, 0)), "fold": np.array([0])})
    assert found[0] == np.arange(1, NEIGHBOURS + 1).mean()


def test_copies_share_a_fold_and_the_order_of_rows_does_not_matter() -> None:
    numbers = RANDOM.integers(0, 9, (500, 2)).astype(float)
    chunk = {"numbers": numbers, "codes": np.zeros((500, 0))}
    fold, chosen = content_folds(chunk, seed=1), reference_rows(chunk, seed=1, most=50)
    for value in np.unique(numbers, axis=0):
        assert len(set(fold[(numbers == value).all(axis=1)].tolist())) == 1
    order = RANDOM.permutation(500)
    mixed = {name: values[order] for name, values in chunk.items()}
    assert content_folds(mixed, seed=1).tolist() == fold[order].tolist()
    other = numbers[order][reference_rows(mixed, seed=1, most=50)]
    assert np.sort(other, axis=0).tolist() == np.sort(numbers[chosen], axis=0).tolist()


def test_without_other_folds_nothing_is_far() -> None:
    one = {"numbers": np.array([[3.0]]), "codes": np.zeros((1, 0)), "fold": np.array([2])}
    assert NeighbourDistance(one["numbers"], one["codes"], one["fold"]).rows(one).tolist() == [0]
