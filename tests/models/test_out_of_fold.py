from __future__ import annotations

import os
from functools import partial
from threading import Barrier
from typing import Any

import joblib
import numpy as np
import pytest

from dechaff.errors import InputError, LabelsError
from dechaff.models.out_of_fold import each_out_of_fold, out_of_fold, side_by_side, stratified_group_folds
from tests.clusters import CLUSTERS
from tests.models.tables import alone


def test_every_class_is_spread_evenly_however_rare_it_is():
    codes = np.repeat([0, 1, 2], [1000, 7, 2])[np.random.default_rng(0).permutation(1009)]
    folds = stratified_group_folds(codes, alone(1009), seed=3)
    for code, most in [(0, 200), (1, 2), (2, 1)]:
        counts = np.bincount(folds[codes == code], minlength=5)
        assert counts.max() - counts.min() <= 1
        assert counts.max() == most
    assert np.ptp(np.bincount(folds)) <= 1


def test_rows_of_a_group_share_a_fold_and_classes_stay_level():
    random = np.random.default_rng(1)
    groups = random.integers(-1, 60, 600)
    codes = random.integers(0, 3, 600)
    folds = stratified_group_folds(codes, groups, seed=0)
    for group in range(60):
        assert len(np.unique(folds[groups == group])) == 1
    counts = np.array([np.bincount(folds[codes == code], minlength=5) for code in range(3)])
    assert counts.min() > 0.7 * counts.max()


def test_two_hundred_classes_and_missing_labels_get_folds():
    codes = np.concatenate([np.arange(200), np.arange(200), alone(7)])
    folds = stratified_group_folds(codes, alone(407), seed=0)
    assert (folds[:200] != folds[200:400]).all()
    assert set(folds) == set(range(5))


def test_fewer_rows_than_folds_make_fewer_folds():
    assert sorted(stratified_group_folds(np.array([0, 1, 0]), alone(3), seed=0)) == [0, 1, 2]


def test_one_group_of_all_rows_is_refused():
    with pytest.raises(InputError, match="two groups"):
        stratified_group_folds(np.array([0, 1, 0]), np.zeros(3, dtype=np.int64), seed=0)


def test_the_seed_decides():
    codes = np.random.default_rng(0).integers(0, 2, 100)
    first, again, other = (stratified_group_folds(codes, alone(100), seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_no_row_is_learnt_from_when_it_is_predicted_and_none_without_label():
    codes = np.array([0, 1, 0, 1, -1, 0, 1, -1])
    folds = stratified_group_folds(codes, alone(8), n_folds=2, seed=0)
    seen = []

    def spy(fit_rows, fit_codes, predict_rows):
        seen.append(set(predict_rows))
        assert not set(fit_rows) & set(predict_rows)
        assert (fit_codes >= 0).all()
        np.testing.assert_array_equal(codes[fit_rows], fit_codes)
        return np.full((len(predict_rows), 2), 0.5)

    probs = out_of_fold(spy, codes, folds, 2)
    assert set.union(*seen) == set(range(8))
    np.testing.assert_array_equal(probs, 0.5)


def test_labels_in_one_fold_only_are_refused():
    codes = np.array([0, -1, -1])
    with pytest.raises(LabelsError, match="at least two folds"):
        out_of_fold(lambda *_: np.zeros((1, 2)), codes, np.array([0, 1, 2]), 2)


FOLDS = np.array([0, 0, 1, 1])


def process_of(item: int) -> int:
    return os.getpid()


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_of_this_process_are_the_usual_place(threads: int) -> None:
    assert set(side_by_side(process_of, range(4), threads=threads)) == {os.getpid()}


def test_the_backends_of_joblib_itself_are_left_aside() -> None:
    with joblib.parallel_config("loky", n_jobs=2):
        assert set(side_by_side(process_of, range(4), threads=2)) == {os.getpid()}


def test_folds_of_several_models_are_trained_side_by_side() -> None:
    codes, folds, met = np.arange(12) % 2, np.arange(12) % 3, Barrier(2, timeout=30)

    def learnt(fit_rows: Any, fit_codes: Any, predict_rows: Any, *, tilt: float) -> np.ndarray:
        met.wait()  # passes where one fold of each model is trained at a time
        return np.tile([fit_codes.mean() + tilt, 1 - fit_codes.mean() - tilt], (len(predict_rows), 1))

    models = [partial(learnt, tilt=tilt) for tilt in (0.1, 0.2)]
    found = each_out_of_fold(models, codes, folds, 2, only=np.array([1]), threads=2)
    for probs, share in zip(found, (0.6, 0.7), strict=True):
        np.testing.assert_allclose(probs, np.where((folds == 1)[:, None], [share, 1 - share], 0.0))


@pytest.mark.parametrize("engine", CLUSTERS)
def test_folds_are_trained_on_the_cluster_that_joblib_was_told_of(engine: str, request: pytest.FixtureRequest) -> None:
    codes, trained = np.array([0, 1, 0, 1]), []

    def fit_predict(fit_rows: Any, fit_codes: Any, predict_rows: Any, *, home: int) -> np.ndarray:
        assert os.getpid() != home
        return np.tile([fit_codes.mean(), 1 - fit_codes.mean()], (len(predict_rows), 1))

    with request.getfixturevalue(f"{engine}_cluster").joblib():
        probs = out_of_fold(
            partial(fit_predict, home=os.getpid()),
            codes,
            FOLDS,
            2,
            progress=lambda step, done, of: trained.append(done),
        )
        with pytest.raises(LabelsError, match="the label column must have labels in at least two folds"):
            out_of_fold(partial(fit_predict, home=os.getpid()), np.array([0, 1, -1, -1]), FOLDS, 2)
    np.testing.assert_array_equal(probs, np.full((4, 2), 0.5))
    assert trained == [1, 2]
