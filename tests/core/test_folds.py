"""Folds are dealt by content and class, never by position."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.folds import Units, assign_folds, unit_folds
from dechaff.core.row_hash import row_hash


def rows(n: int = 600, k: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hashes with copies, skewed classes with missing labels, and groups of several classes."""
    random = np.random.default_rng(seed)
    hashes = row_hash(random.integers(0, 5 * n, (n, 1)).astype(float))
    classes = np.minimum(random.geometric(0.5, n), k) - 2
    return hashes, classes, np.where(random.random(n) < 0.5, np.arange(n), n + random.integers(0, 40, n))


@pytest.mark.parametrize("seed", range(3))
def test_a_row_keeps_its_fold_in_any_order_of_the_rows(seed: int) -> None:
    hashes, classes, groups = rows(seed=seed)
    order = np.random.default_rng(seed).permutation(len(hashes))
    units, moved = Units.of(hashes, groups), Units.of(hashes[order], groups[order])
    folds = assign_folds(units, classes, seed=seed)[units.of_rows]
    assert np.array_equal(assign_folds(moved, classes[order], seed=seed)[moved.of_rows], folds[order])
    alone = Units.of_groups(groups, row_hash(np.arange(600.0)[:, None]))
    again = Units.of_groups(groups[order], row_hash(np.arange(600.0)[order, None]))
    folds = assign_folds(alone, classes, seed=seed)[alone.of_rows]
    assert np.array_equal(assign_folds(again, classes[order], seed=seed)[again.of_rows], folds[order])


def test_each_class_is_level_even_in_groups_of_several_classes() -> None:
    _, classes, groups = rows(3000)
    units = Units.of_groups(groups, row_hash(np.arange(3000.0)[:, None]))
    folds = assign_folds(units, classes)[units.of_rows]
    for one in np.unique(classes):
        counts = np.bincount(folds[classes == one], minlength=5)
        assert counts.max() - counts.min() <= 2
    assert np.ptp(np.bincount(folds)) <= 4


def test_rows_of_any_weight_are_level_to_within_one_row() -> None:
    random = np.random.default_rng(0)
    units, weights = Units.of(row_hash(random.normal(size=(500, 1)))), random.random(500) + 0.1
    folds = assign_folds(units, np.zeros(500, dtype=np.int64), weights=weights)[units.of_rows]
    assert np.ptp(np.bincount(folds, weights)) <= weights.max()


def test_a_sample_decides_for_its_units_and_the_hash_for_all_others() -> None:
    hashes, classes, _ = rows()
    folds = unit_folds(hashes[:300], classes[:300], seed=3)
    whole = folds.of(hashes)
    units = Units.of(hashes[:300])
    assert np.array_equal(whole[:300], assign_folds(units, classes[:300], seed=3)[units.of_rows])
    assert np.array_equal(folds.of(hashes[::-1])[::-1], whole)
    assert (np.bincount(whole[300:], minlength=5) > 30).all()
    assert unit_folds(hashes[:0], classes[:0], n_folds=2).of(hashes).max() == 1


@pytest.mark.parametrize("weights", [None, np.full(120, 0.5)])
def test_equal_rows_that_need_not_share_a_fold_are_spread(weights: np.ndarray | None) -> None:
    hashes, classes = row_hash(np.repeat(np.arange(4.0), 30)[:, None]), np.tile([0, 0, 1], 40)
    alone = Units.of_groups(np.full(120, -1), hashes)
    folds = assign_folds(alone, classes, weights=weights)[alone.of_rows]
    for one in np.unique(hashes):
        for label in (0, 1):
            assert len(np.unique(folds[(hashes == one) & (classes == label)])) >= 3
