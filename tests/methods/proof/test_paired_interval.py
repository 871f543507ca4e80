import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest

from dechaff.methods.proof.paired_interval import N_RESAMPLES, interval_of_one, mcnemar, paired_interval, shared_draws
from dechaff.methods.proof.row_scores import RowScores, row_scores


@given(st.lists(st.integers(-1, 4), max_size=50), st.integers(0, 99))
def test_every_class_is_drawn_as_often_as_it_has_rows(strata: list[int], seed: int) -> None:
    classes = np.array(strata, dtype=np.int64)
    counts = shared_draws(classes, rng=np.random.default_rng(seed))
    assert (counts >= 0).all()
    for label in set(strata):
        assert counts[classes == label].sum() == strata.count(label)


def test_a_row_is_left_out_of_a_third_of_the_draws() -> None:
    # (1 - 1/n)^n is 1/e for large n.
    counts = shared_draws(np.zeros(20_000, dtype=np.int64), rng=np.random.default_rng(0))
    assert abs((counts == 0).mean() - np.exp(-1)) < 0.01


def _right(hits: np.ndarray) -> RowScores:
    return row_scores("accuracy", np.zeros(len(hits), dtype=np.int64), np.column_stack([hits, 1.0 - hits]))


def test_a_share_has_the_interval_of_its_beta_distribution() -> None:
    # Equal seeds add nothing; 18 right and 2 wrong, one imagined row each: Beta(19, 3).
    hits = np.array([1.0] * 18 + [0.0] * 2)
    found = interval_of_one([_right(hits)] * 3, seed=0)
    assert (found.low, found.high) == pytest.approx(beta.ppf([0.025, 0.975], 19, 3), abs=0.01)


def test_twenty_rows_all_right_on_both_sides_leave_room_for_a_difference() -> None:
    scores = [_right(np.ones(20))] * 5
    found = paired_interval(scores, scores, seed=0)
    assert found.mean == 0
    assert -0.25 < found.low < -0.08
    assert 0.08 < found.high < 0.25


def test_four_rows_won_and_none_lost_of_twenty_are_no_evidence_and_seven_are() -> None:
    # One-sided sign tests: 1/16 and 1/128.
    base = np.r_[np.zeros(10), np.ones(10)]
    for won, convinced in ((4, False), (7, True)):
        after = base.copy()
        after[:won] = 1
        found = paired_interval([_right(base)] * 3, [_right(after)] * 3, seed=0)
        assert (found.low > 0) == convinced


def test_a_rare_class_of_two_rows_decides_no_balanced_accuracy() -> None:
    labels = np.r_[np.zeros(500, dtype=np.int64), [1, 1]]
    never = np.tile([0.9, 0.1], (502, 1))
    found_both = never.copy()
    found_both[-2:] = [0.1, 0.9]
    sides = [[row_scores("balanced_accuracy", labels, p)] * 3 for p in (never, found_both)]
    found = paired_interval(*sides, seed=0)
    assert found.mean == pytest.approx(0.5)
    assert found.low < 0


@pytest.mark.slow
def test_the_interval_covers_the_truth_over_test_sets_and_training_draws() -> None:
    # A true difference of .05; each data set moves it by .03, each draw of its rows by as much again.
    rng = np.random.default_rng(0)
    covered = 0
    for run in range(120):
        of_data = rng.normal(0, 0.03)
        ease = rng.random(300)
        before = [_right((ease < 0.7).astype(float)) for _ in range(8)]
        after = [_right((ease < 0.75 + of_data + rng.normal(0, 0.03)).astype(float)) for _ in range(8)]
        found = paired_interval(before, after, seed=run)
        covered += found.low <= 0.05 <= found.high
    assert covered >= 0.9 * 120


def test_the_noise_of_single_rows_between_seeds_is_not_counted_twice() -> None:
    # Both models toss coins on every row: seeds differ by chance only, .7 / sqrt(200) each.
    rng = np.random.default_rng(1)
    before, after = ([_right((rng.random(200) < 0.5).astype(float)) for _ in range(10)] for _ in range(2))
    found = paired_interval(before, after, seed=0)
    assert found.high - found.low < 0.09


def test_turning_the_sides_turns_the_interval() -> None:
    rng = np.random.default_rng(2)
    a, b = ([_right((rng.random(100) < share).astype(float)) for _ in range(4)] for share in (0.5, 0.8))
    one, other = paired_interval(a, b, seed=0), paired_interval(b, a, seed=0)
    assert one.mean == pytest.approx(-other.mean)
    assert one.low == pytest.approx(-other.high, abs=0.03)


def test_resamples_drawn_in_parts_are_those_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = [_right(np.r_[np.zeros(10), np.ones(30)])] * 2
    whole = interval_of_one(scores, seed=4)
    # The package's name `paired_interval` is the function; its file is found in the list of modules.
    monkeypatch.setattr(sys.modules[paired_interval.__module__], "_CELLS", 42 * (N_RESAMPLES // 3))
    assert interval_of_one(scores, seed=4) == whole


def test_the_spread_of_a_mean_shrinks_with_the_seeds() -> None:
    rng = np.random.default_rng(3)
    ease = rng.random(5000)
    scores = [_right((ease < 0.5 + rng.normal(0, 0.1)).astype(float)) for _ in range(16)]
    whole, of_mean = (interval_of_one(scores, seed=0, of_mean=flag) for flag in (False, True))
    assert (whole.high - whole.low) / (of_mean.high - of_mean.low) == pytest.approx(4, rel=0.1)


def _sides(only_before: int, only_after: int, both: int = 3) -> tuple[np.ndarray, np.ndarray]:
    before = np.array([True] * only_before + [False] * only_after + [True] * both)
    return before, np.array([False] * only_before + [True] * only_after + [True] * both)


def test_the_paper_of_fagerland_has_a_mid_p_of_0_039_for_1_against_7() -> None:
    # Airway hyper-responsiveness before and after transplantation: 7 and 1 discordant of 21; exact .070, mid-p .039.
    found = mcnemar(*_sides(1, 7))
    assert found.exact == pytest.approx(0.0703, abs=1e-4)
    assert found.p_value == pytest.approx(0.0391, abs=1e-4)


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_exact_p_value_is_that_of_the_binomial_test(only_before: int, only_after: int) -> None:
    found = mcnemar(*_sides(only_before, only_after))
    expected = binomtest(only_before, only_before + only_after).pvalue if only_before + only_after else 1.0
    assert found.exact == pytest.approx(expected)
    assert found.p_value <= found.exact


def test_models_that_never_differ_are_no_surprise() -> None:
    assert mcnemar(*_sides(0, 0)).p_value == 1.0
