"""``find_target_errors``: numbers in, wrong ones out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dechaff


def made(n=600, *, wrong=(), seed=0):
    rng = np.random.default_rng(seed)
    predictions = rng.uniform(0, 10, n)
    targets = predictions + rng.normal(size=n)
    targets[list(wrong)] += 20
    return targets, predictions


def test_wrong_targets_are_flagged_with_what_to_expect():
    targets, predictions = made(wrong=[3, 50])
    found = dechaff.find_target_errors(targets, predictions)
    assert np.flatnonzero(found.flag).tolist() == [3, 50]
    assert found.suggested[3] == pytest.approx(predictions[3], abs=0.6)
    assert found.noise_rate.low <= found.noise_rate.value <= found.noise_rate.high
    assert found.n_errors.value == pytest.approx(2, abs=1)
    assert found.score.argmax() in (3, 50)


def test_a_pandas_index_is_kept():
    targets, predictions = made(wrong=[1])
    series = pd.Series(targets, index=[f"id{row}" for row in range(len(targets))])
    found = dechaff.find_target_errors(series, predictions)
    assert found.flag[found.flag].index.tolist() == ["id1"]
    for column in (found.score, found.log_odds, found.suggested, found.scale):
        assert column.index.equals(series.index)


def test_a_missing_target_is_not_judged_and_gets_the_prediction():
    targets, predictions = made(wrong=[5])
    targets[7] = np.nan
    found = dechaff.find_target_errors(targets, predictions)
    assert (found.score[7], found.flag[7], found.suggested[7]) == (0, False, predictions[7])
    assert np.flatnonzero(found.missing).tolist() == [7]
    assert np.flatnonzero(found.flag).tolist() == [5]


def test_none_is_missing_too():
    found = dechaff.find_target_errors([1.0, None, 3.0], [1.0, 2.0, 3.0])
    assert found.missing.tolist() == [False, True, False]


@pytest.mark.parametrize("predictions", ["list", "array"])
def test_several_models_are_averaged(predictions):
    targets, one = made(wrong=[5])
    several = [one + 0.5, one - 0.5]
    found = dechaff.find_target_errors(targets, several if predictions == "list" else np.stack(several))
    assert found.log_odds == pytest.approx(dechaff.find_target_errors(targets, one).log_odds)


@pytest.mark.parametrize("targets", [[], [4.0], [4.0, 4.0, 4.0], [np.nan, np.nan]])
def test_what_says_nothing_has_no_error(targets):
    found = dechaff.find_target_errors(targets, np.full(len(targets), 4.0))
    assert not np.any(found.flag)
    assert found.noise_rate.value == 0
    assert np.isfinite(found.score).all()


def test_whole_numbers_stay_as_they_are():
    targets, predictions = made(wrong=[5])
    whole = targets.round().astype(int)
    found = dechaff.find_target_errors(whole, predictions)
    assert found.flag[5]
    assert found.flag.sum() == 1


@pytest.mark.parametrize(
    ("targets", "predictions", "message"),
    [
        ([1.0, 2.0], [1.0], "2 rows in targets, 1 rows in predictions"),
        ([1.0, np.inf], [1.0, 2.0], "inf in row 1"),
        ([1.0, 2.0], [1.0, np.nan], "nan in row 1"),
        (["low", "high"], [1.0, 2.0], "targets must be a one-dimensional array of numbers"),
        (np.array(["low", None], dtype=object), [1.0, 2.0], "could not convert"),
        ([[1.0], [2.0]], [1.0, 2.0], r"shape \(2, 1\)"),
        ([1.0, 2.0], [[1.0, 2.0], [1.0]], r"2 rows in predictions\[0\], 1 rows in predictions\[1\]"),
    ],
)
def test_what_cannot_be_judged_is_named(targets, predictions, message):
    with pytest.raises(dechaff.InputError, match=message):
        dechaff.find_target_errors(targets, predictions)


def test_what_was_found_is_told_in_a_line() -> None:
    told = repr(dechaff.find_target_errors(np.arange(10.0), np.arange(10.0)))
    assert told.startswith("<TargetErrors: 0 of 10 targets flagged; noise rate ")


def test_rows_in_different_order_are_refused() -> None:
    targets = pd.Series(np.arange(5.0), index=list("abcde"))
    for predictions in (targets[::-1], [targets, targets[::-1]]):
        with pytest.raises(
            dechaff.InputError, match="targets and predictions must have the same rows in the same order"
        ):
            dechaff.find_target_errors(targets, predictions)
