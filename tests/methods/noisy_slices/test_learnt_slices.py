"""Slices whose noise the models of the search have learnt to expect."""

from __future__ import annotations

import numpy as np

from dechaff.methods.noisy_slices.condition import stack
from dechaff.methods.noisy_slices.find_noisy_slices import find_noisy_slices
from dechaff.methods.noisy_slices.learnt_slices import excess_from_outside
from tests.methods.noisy_slices.made import MARK, RULE, Rows, a_third_moved, rows, sound, swapped

N = 800
EVERY = np.ones(N, bool)
FIRST = np.arange(N) < 200
SECOND = np.arange(N) % 4 == 0
CONDITIONS = stack([(MARK, FIRST), (RULE, SECOND)], N)


def unsure_inside(made: Rows) -> np.ndarray:
    """Out-of-fold probabilities of a model that has learnt that labels are mixed inside."""
    return np.where(FIRST[:, None], 0.5 * made.probs + 0.5 / made.probs.shape[1], made.probs)


def from_outside(made: Rows, probs: np.ndarray, *, fewest: int = 20) -> np.ndarray:
    return excess_from_outside(made.models(in_sight=probs), probs, CONDITIONS, outside=EVERY, fewest=fewest)


def test_labels_that_are_expected_to_be_mixed_stand_out_from_outside():
    made = rows(N, 3, a_third_moved, FIRST)
    z = from_outside(made, unsure_inside(made))
    assert z[0] > 5
    assert z[1] < 3


def test_a_slice_whose_rule_was_learnt_does_not():
    made = rows(N, 2, swapped, FIRST)
    learnt = 0.05 + 0.9 * np.eye(2)[made.labels]
    learnt[np.flatnonzero(FIRST)[:50]] = [0.5, 0.5]
    assert np.isneginf(from_outside(made, learnt)[0])


def test_nothing_is_trained_where_labels_agree_as_elsewhere():
    made = rows(N, 3, sound, FIRST)
    assert np.isneginf(from_outside(made, made.probs)).all()


def test_nothing_is_trained_for_fewer_rows_than_a_slice_has():
    made = rows(N, 3, a_third_moved, FIRST)
    assert np.isneginf(from_outside(made, unsure_inside(made), fewest=201)).all()


def test_the_search_finds_such_a_slice_and_its_rows_are_judged_one_by_one():
    made = rows(N, 3, a_third_moved, FIRST)
    probs = unsure_inside(made)
    found = find_noisy_slices(made.models(in_sight=probs), (probs,), stack([(MARK, FIRST)], N), among=EVERY)
    assert [(one.condition.words, one.action) for one in found.slices] == [(MARK.words, "judge")]
    one = found.slices[0]
    wrong = made.labels[one.rows] != made.true[one.rows]
    assert (one.found.posterior.argmax(axis=1)[wrong] != made.labels[one.rows][wrong]).mean() > 0.8
