"""What a model says of a slice that it has not seen, and what is done with its rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dechaff.methods.noisy_slices.condition import mask_of
from dechaff.methods.noisy_slices.examine_slice import Look, examine_slice, only_other_shares, seen_again
from dechaff.methods.noisy_slices.slice_evidence import slice_transition
from tests.methods.noisy_slices.made import MARK, RULE, a_third_moved, drawn, rows, sound, swapped

EVEN = np.array([0.5, 0.5])


def readings(share, *, n=200):
    """True classes, ``share`` of them 1, and what a model says that was trained on equal shares."""
    rng = np.random.default_rng(0)
    true = (rng.random(n) < share).astype(np.int64)
    odds = np.exp(2 * (rng.normal(size=n) + 2 * true) - 2)
    return true, np.column_stack([1 / (1 + odds), odds / (1 + odds)])


def explained(labels, probs, prior=EVEN):
    return only_other_shares(labels, probs, prior, slice_transition(labels, probs))


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9, 0.98])
def test_sound_labels_are_explained_by_their_shares(share):
    assert explained(*readings(share))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.95])
def test_swapped_labels_are_not_even_where_the_classes_are_unbalanced(share):
    true, probs = readings(share)
    assert not explained(1 - true, probs)


def test_random_labels_are_not():
    _, probs = readings(0.5)
    assert not explained(np.random.default_rng(1).integers(0, 2, 200), probs)


def test_errors_spread_over_many_classes_are_not():
    rng = np.random.default_rng(4)
    true = rng.integers(0, 6, 100)
    labels = np.where(rng.random(100) < 1 / 3, (true + rng.integers(1, 6, 100)) % 6, true)
    assert not explained(labels, 0.025 + 0.85 * np.eye(6)[true], np.full(6, 1 / 6))


def test_one_label_for_rows_of_both_classes_is_wrong():
    _, probs = readings(0.5)
    assert not explained(np.zeros(200, np.int64), probs)


def test_one_label_for_rows_of_one_class_is_sound():
    true, probs = readings(0.0)
    assert explained(true, probs)


def test_certain_probabilities_and_a_class_without_share_do_no_harm():
    probs = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert explained(np.array([0, 0, 1]), probs, np.array([0.5, 0.5, 0.0]))


INSIDE = np.arange(600) < 120
NONE = np.zeros(0, dtype=np.int64)


def seen(made, condition=MARK, *, inside=INSIDE, beside=NONE, n_tested=100, **changes):
    look = Look(condition, np.flatnonzero(inside), beside)
    return examine_slice(made.models(**changes), made.probs, look, ~inside, n_tested=n_tested)


def learnt(made):
    """Probabilities of a model that has learnt the given labels by heart."""
    k = made.probs.shape[1]
    return np.full((len(made.labels), k), 0.1 / k) + 0.9 * np.eye(k)[made.labels]


@pytest.mark.parametrize("k", [2, 3])
def test_random_labels_are_dropped_whatever_the_property(k):
    made = rows(600, k, drawn, INSIDE)
    assert seen(made, MARK).action == seen(made, RULE).action == "drop"


@pytest.mark.parametrize("k", [2, 3])
def test_swapped_labels_are_relabelled_along_a_property_that_should_not_matter(k):
    made = rows(600, k, swapped, INSIDE)
    one = seen(made, MARK)
    assert one.action == "relabel"
    assert one.agreement_inside < 0.1
    assert one.agreement_outside > 0.9
    assert (one.found.posterior.argmax(axis=1) == made.true[INSIDE]).mean() > 0.9


def test_swapped_labels_along_any_other_property_are_for_a_person():
    assert seen(rows(600, 2, swapped, INSIDE), RULE).action == "review"


def test_sound_labels_do_not_stand_out():
    assert seen(rows(600, 2, sound, INSIDE)) is None


def test_a_row_does_not_stand_out_among_many_conditions():
    few = np.arange(600) < 1
    made = rows(600, 2, swapped, few)
    assert seen(made, inside=few, n_tested=10_000_000) is None


def test_rows_of_a_class_that_is_hardly_seen_outside_cannot_be_judged():
    made = rows(600, 3, sound, INSIDE)
    labels = np.where(INSIDE, 2, made.labels % 2)
    assert seen(replace(made, labels=labels)) is None


def test_a_slice_that_takes_every_row_is_none():
    made = rows(600, 2, swapped, INSIDE)
    look = Look(MARK, np.arange(600), NONE)
    assert examine_slice(made.models(), made.probs, look, np.zeros(600, bool), n_tested=1) is None


def test_other_class_shares_are_no_wrong_labels():
    rng = np.random.default_rng(3)
    true = np.where(INSIDE, rng.random(600) < 0.95, rng.random(600) < 0.3).astype(np.int64)
    reading = rng.normal(size=600) + 1.2 * true
    odds = np.exp(1.2 * reading - 0.72) * 0.3 / 0.7
    made = replace(rows(600, 2, sound, INSIDE), labels=true, probs=np.column_stack([1 / (1 + odds), odds / (1 + odds)]))
    assert seen(made) is None


def test_random_labels_that_a_model_inside_can_predict_are_for_a_person():
    made = rows(600, 2, drawn, INSIDE)
    one = seen(made, in_sight=learnt(made))
    assert one.action == "review"


def test_a_rule_that_is_learnt_without_trouble_is_no_finding():
    made = rows(600, 2, drawn, INSIDE)
    assert seen(made, RULE, in_sight=learnt(made)) is None


def test_doubts_of_a_timid_model_do_not_excuse_wrong_labels():
    made = rows(600, 2, a_third_moved, INSIDE)
    timid = replace(made, probs=0.42 + 0.16 * (made.probs > 0.5))
    assert seen(timid).action in ("judge", "drop")


def test_labels_that_turn_round_altogether_are_shown_even_where_they_are_learnt():
    made = rows(600, 2, swapped, INSIDE)
    assert seen(made, RULE, in_sight=learnt(made)).action == "review"


def test_one_label_for_a_whole_slice_may_be_a_rule():
    made = rows(600, 2, lambda true, rng: np.zeros_like(true), INSIDE)
    assert seen(made, MARK).action == "drop"
    assert seen(made, RULE) is None


def test_of_a_few_rows_a_rule_cannot_be_told_from_noise():
    few = np.arange(600) < 50
    made = rows(600, 2, drawn, few)
    assert seen(made, MARK, inside=few).action == "drop"
    assert seen(made, RULE, inside=few) is None


def test_a_second_opinion_that_differs_leaves_the_slice_to_a_person():
    made = rows(600, 2, swapped, INSIDE)
    labels = np.eye(2)[made.labels] * 0.9 + 0.05
    assert seen(made, second_opinion=lambda fit, codes, predict: labels[predict]).action == "review"
    assert seen(made, second_opinion=made.knows).action == "relabel"


def test_a_mixed_conjunction_acts_where_its_other_part_alone_is_sound():
    both = MARK.with_(RULE)
    made = rows(600, 2, swapped, INSIDE)
    assert seen(made, both, beside=np.arange(200, 300)).action == "relabel"
    wider = rows(600, 2, swapped, np.arange(600) < 300)
    assert seen(wider, both, beside=np.arange(200, 300)).action == "review"
    assert seen(made, both).action == "review"


def test_a_slice_is_seen_again_under_a_later_model():
    made = rows(600, 2, swapped, INSIDE)
    one = seen(made)
    agreeing = np.eye(2)[made.labels] * 0.98 + 0.01
    again = seen_again(made.models(), agreeing, one, ~INSIDE)
    assert again.agreement_inside == 1.0
    assert again.found.noise_rate < 0.05
    assert again.rows is one.rows


def test_a_small_slice_is_not_asked_whether_it_can_be_learnt():
    few = mask_of(np.arange(40), 600)
    assert np.isnan(seen(rows(600, 2, swapped, few), inside=few).agreement_within)
