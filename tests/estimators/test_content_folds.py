"""Folds that depend on what the rows are, not on where they stand or how often they are written."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, ShuffleSplit, TimeSeriesSplit, cross_val_score

from dechaff.core.row_hash import row_hash
from dechaff.errors import InputError
from dechaff.estimators.content_folds import ContentFolds, folds_of_splits, label_folds, seed_of


def rows(n: int = 300, n_labelled: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    features = np.random.default_rng(seed).normal(size=(n, 3))
    return row_hash(features), np.arange(n) < n_labelled


@pytest.mark.parametrize(("n", "n_labelled"), [(300, 40), (301, 43), (20, 7), (11, 5), (10, 8)])
def test_both_kinds_and_all_rows_are_spread_evenly(n: int, n_labelled: int) -> None:
    hashes, labelled = rows(n, n_labelled)
    folds = label_folds(hashes, labelled, n_folds=5)
    for kind in (labelled, ~labelled, np.ones(n, dtype=bool)):
        sizes = np.bincount(folds[kind], minlength=5)
        assert sizes.max() - sizes.min() <= 1


def test_folds_go_with_their_rows_in_any_order() -> None:
    hashes, labelled = rows()
    order = np.random.default_rng(1).permutation(len(hashes))
    assert np.array_equal(label_folds(hashes[order], labelled[order]), label_folds(hashes, labelled)[order])


def test_a_row_of_weight_three_is_three_rows_and_one_of_weight_zero_is_none() -> None:
    hashes, labelled = rows()
    weights = np.random.default_rng(2).integers(0, 4, len(hashes)).astype(float)
    weighted = label_folds(hashes, labelled, weights=weights)
    times = weights.astype(int)
    repeated = label_folds(hashes.repeat(times), labelled.repeat(times))
    assert np.array_equal(weighted.repeat(times), repeated)
    assert np.array_equal(weighted == -1, weights == 0)


def test_equal_rows_share_a_fold_even_where_only_one_is_labelled() -> None:
    hashes = np.repeat(rows(60)[0], 5)
    labelled = np.tile([True, False, False, False, False], 60)
    labelled[150:] = False
    folds = label_folds(hashes, labelled).reshape(60, 5)
    assert (folds == folds[:, :1]).all()
    sizes = np.bincount(folds[:30, 0])
    assert sizes.max() - sizes.min() <= 1


def test_groups_are_not_cut_even_where_equal_rows_tie_them_together() -> None:
    hashes, labelled = rows()
    hashes[7] = hashes[299]
    groups = np.array([f"group {place // 10}" for place in range(300)])
    folds = label_folds(hashes, labelled, groups=groups, n_folds=3)
    assert all(len(set(folds[groups == name])) == 1 for name in np.unique(groups))
    assert folds[7] == folds[299]
    order = np.random.default_rng(3).permutation(300)
    assert np.array_equal(label_folds(hashes[order], labelled[order], groups=groups[order], n_folds=3), folds[order])


def test_heavy_units_are_spread_over_the_folds() -> None:
    hashes, labelled = rows(100, 50)
    weights = np.where(np.arange(100) % 10 == 0, 100.0, 1.0)
    folds = label_folds(hashes, labelled, weights=weights)
    assert np.bincount(folds, weights).tolist() == [218.0] * 5


def test_the_seed_decides_which_rows_go_together() -> None:
    hashes, labelled = rows()
    assert np.array_equal(label_folds(hashes, labelled, seed=1), label_folds(hashes, labelled, seed=1))
    assert not np.array_equal(label_folds(hashes, labelled, seed=1), label_folds(hashes, labelled, seed=2))
    assert seed_of(np.random.RandomState(0)) == seed_of(np.random.RandomState(0))


def test_without_a_number_there_are_as_many_folds_as_labelled_rows_allow() -> None:
    assert label_folds(*rows(50, 20)).max() == 4
    assert label_folds(*rows(50, 3)).max() == 2


@pytest.mark.parametrize(
    ("n", "n_labelled", "n_folds", "message"),
    [
        (50, 3, 5, "at least as many as cv=5; found 3 labelled and 47 unlabelled ones.\nLabel more rows, or use cv=3"),
        (50, 1, None, "at least 2 of each class"),
        (50, 49, None, "at least 2 of each class"),
        (50, 20, 1, "at least 2 folds"),
    ],
)
def test_too_few_rows_for_the_folds_are_refused(n: int, n_labelled: int, n_folds: int | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        label_folds(*rows(n, n_labelled), n_folds=n_folds)


def test_folds_of_a_splitter_are_its_held_out_parts() -> None:
    assert folds_of_splits(KFold(3).split(np.zeros(6)), 6).tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        (list(ShuffleSplit(3, random_state=0).split(np.zeros(30))), "two held-out parts|never held out"),
        (list(TimeSeriesSplit(3).split(np.zeros(30))), "never held out"),
        ([([2], [0, 1]), ([0, 1], [2, 3])], "neither learnt from nor held out"),
        ([], "never held out"),
    ],
)
def test_a_splitter_that_does_not_hold_out_each_row_once_is_refused(splits: list, message: str) -> None:
    with pytest.raises(InputError, match=message):
        folds_of_splits(splits, 30 if len(splits) == 3 else 4)


def test_the_splitter_works_where_scikit_learn_takes_one() -> None:
    features = np.random.default_rng(0).normal(size=(60, 2))
    y = np.where(features[:, 0] > 0.5, "yes", "no")
    scores = cross_val_score(LogisticRegression(), features, y, cv=ContentFolds(4), groups=np.arange(60))
    assert len(scores) == ContentFolds(4).get_n_splits() == 4
    assert ContentFolds(None).get_n_splits(features, y) == 5
