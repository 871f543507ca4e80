"""Rank pruning: the paper's formulas, Elkan and Noto's c on one side of it and the confident joint on the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dechaff.errors import InputError
from dechaff.methods.label_errors.confident_joint import confident_joint
from dechaff.methods.pu.elkan_noto import label_frequency
from dechaff.methods.pu.rank_pruning import (
    NoiseRates,
    confident_counts,
    kept_rows,
    noise_rates,
    retraining_weights,
)
from tests.methods.pu.population import two_gaussians, with_pure_region


def test_the_rates_of_noise_in_both_directions_are_exact_where_classes_do_not_overlap() -> None:
    """Of 100 positives 30 are labelled negative, of 300 negatives 60 positive; g is exact."""
    y = np.repeat([True, False], [100, 300])
    labelled = np.repeat([True, False, True, False], [70, 30, 60, 240])
    rates = noise_rates(np.where(y, 0.7, 0.2), labelled)
    assert (rates.rho1, rates.rho0) == pytest.approx((0.3, 0.2))
    assert rates.class_prior == pytest.approx(0.25)
    assert rates.wrong_negatives == pytest.approx(30 / 270)
    assert rates.wrong_positives == pytest.approx(60 / 130)


def test_on_positive_unlabelled_data_the_rates_are_those_of_elkan_and_noto() -> None:
    """Without overlap g is c for positives, 0 for negatives: no label is wrong, and 1 - rho1 is c, as is e1."""
    y = np.repeat([True, False], [200, 300])
    labelled = np.repeat([True, False, False], [80, 120, 300])
    g = np.where(y, 0.4, 0.0)
    rates = noise_rates(g, labelled)
    assert rates.rho0 == 0
    assert 1 - rates.rho1 == pytest.approx(label_frequency(g, labelled)) == pytest.approx(0.4)
    assert rates.class_prior == pytest.approx(0.4)
    kept = kept_rows(g, labelled, rates)
    assert np.array_equal(kept, labelled | ~y)


def test_where_classes_overlap_it_is_the_labelled_share_above_e1_and_less_too_low_than_e1() -> None:
    people = two_gaussians(distance=2.0, prior=0.4, c=0.5, n=40_000)
    g, s = people.label_probs, people.labelled
    e1, found = label_frequency(g, s), 1 - noise_rates(g, s).rho1
    assert found == pytest.approx(s[g >= e1].mean(), abs=1e-3)
    assert e1 < found < 0.5
    pure = with_pure_region(pure=0.5, prior=0.4, c=0.5, n=40_000)
    assert 1 - noise_rates(pure.label_probs, pure.labelled).rho1 == pytest.approx(0.5, abs=0.02)


@given(st.integers(0, 1000))
def test_for_two_classes_the_counts_are_the_confident_joint_of_confident_learning(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, 80)
    labels[:2] = [0, 1]
    g = np.clip(random.normal(0.4 + 0.2 * labels, 0.2), 0, 1)
    lower, upper = g[labels == 0].mean(), g[labels == 1].mean()
    counts = confident_counts(g, labels == 1)
    joint = confident_joint(labels, np.column_stack([1 - g, g]))
    if lower < upper - 1e-5:
        assert np.array_equal(counts, joint)
    else:  # a model that is worse than none: rows reach both thresholds, and count twice
        assert (counts >= joint).all()


def test_weights_count_as_rows() -> None:
    random = np.random.default_rng(0)
    times = random.integers(0, 4, 200)
    labelled, g = random.random(200) < 0.4, random.random(200)
    rates = noise_rates(g, labelled, weights=times.astype(float))
    repeated = noise_rates(g.repeat(times), labelled.repeat(times))
    assert (rates.rho1, rates.rho0) == pytest.approx((repeated.rho1, repeated.rho0))
    rates = NoiseRates(0.3, 0.2, rates.labelled_share)
    kept = kept_rows(g, labelled, rates, weights=times.astype(float))
    assert np.array_equal(kept.repeat(times), kept_rows(g.repeat(times), labelled.repeat(times), rates))


def test_the_most_doubtful_rows_go_and_no_more_than_the_shares_say() -> None:
    random = np.random.default_rng(1)
    labelled, g = random.random(500) < 0.4, random.random(500)
    rates = NoiseRates(0.3, 0.1, float(labelled.mean()))
    kept = kept_rows(g, labelled, rates)
    for rows, doubt, share in ((~labelled, g, rates.wrong_negatives), (labelled, 1 - g, rates.wrong_positives)):
        gone = rows & ~kept
        assert gone.sum() == int(share * rows.sum())
        assert doubt[gone].min() > doubt[rows & kept].max()


def test_rows_that_tie_go_together_or_stay_and_the_last_always_stays() -> None:
    labelled = np.array([True, False, False, False, False])
    g = np.array([0.9, 0.8, 0.8, 0.8, 0.1])
    rates = NoiseRates(0.5, 0.0, 0.3)
    assert rates.wrong_negatives == pytest.approx(0.3 / 0.7)
    assert kept_rows(g, labelled, rates).all()
    assert kept_rows(np.full(5, 0.5), labelled, NoiseRates(0.9, 0.0, 0.1)).all()


def test_after_pruning_and_weighting_both_classes_count_as_in_the_population() -> None:
    y = np.repeat([True, False], [1000, 3000])
    labelled = np.repeat([True, False, True, False], [700, 300, 600, 2400])
    g = np.where(y, 0.7, 0.2) + np.linspace(0, 1e-3, 4000)
    rates = NoiseRates(0.3, 0.2, float(labelled.mean()))
    kept, weights = kept_rows(g, labelled, rates), retraining_weights(labelled, rates)
    assert weights[kept & labelled].sum() == pytest.approx(1000, rel=0.01)
    assert weights[kept & ~labelled].sum() == pytest.approx(3000, rel=0.01)


def test_labels_that_are_wrong_more_often_than_right_say_nothing() -> None:
    rates = NoiseRates(0.6, 0.5, 0.4)
    assert not rates.informative
    assert (rates.wrong_negatives, rates.wrong_positives, rates.class_prior) == (0, 0, 0.4)
    assert retraining_weights(np.array([True, False]), rates).tolist() == [1, 1]


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InputError, match="contain both labels"):
        noise_rates(np.array([0.1, 0.2]), np.array([True, True]))
    with pytest.raises(InputError, match="same number of rows"):
        kept_rows(np.array([0.1]), np.array([True, False]), NoiseRates(0, 0, 0.5))
