from __future__ import annotations

import numpy as np

from dechaff.methods.consensus.answer_rows import AnswerRows
from dechaff.methods.consensus.crowd_consensus import crowd_consensus
from dechaff.methods.consensus.dawid_skene import dawid_skene
from dechaff.methods.consensus.held_out_powers import NO_POWERS, held_out_powers
from dechaff.methods.consensus.majority_vote import majority_vote
from tests.methods.consensus.crowds import accuracy_of, log_loss, made_crowd


def blurred(true: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Probabilities of a model that is right about this share of the items, and as sure of each."""
    rng = np.random.default_rng(seed)
    said = np.where(rng.random(len(true)) < share, true, (true + rng.integers(1, 3, size=len(true))) % 3)
    return np.where(np.eye(3)[said] > 0, share, (1 - share) / 2)


def hard_crowd(seed: int) -> tuple[AnswerRows, np.ndarray]:
    """Many annotators, and items on which all of them tend to the same error."""
    rng = np.random.default_rng(seed)
    true = rng.integers(2, size=200)
    right = np.where(rng.random(200) < 0.25, 0.35, 0.85)
    labels = np.where(rng.random((25, 200)) < right, true, 1 - true)
    return AnswerRows.of(np.tile(np.arange(200), 25), np.repeat(np.arange(25), 200), labels.ravel()), true


def test_it_decides_as_well_as_dawid_skene_and_is_not_too_sure_of_what_all_get_wrong() -> None:
    for seed in range(3):
        rows, true = hard_crowd(seed)
        ours, theirs = crowd_consensus(rows).posterior, dawid_skene(rows).posterior
        assert accuracy_of(ours, true) >= accuracy_of(theirs, true) - 0.01
        assert log_loss(ours, true) < log_loss(theirs, true) / 2


def test_a_good_model_helps_and_a_useless_one_does_no_harm() -> None:
    rows, true, _ = made_crowd(0, per_item=2)
    alone = crowd_consensus(rows)
    helped = crowd_consensus(rows, blurred(true, 0.9, 1))
    unharmed = crowd_consensus(rows, blurred(np.roll(true, 7), 0.9, 1))
    assert accuracy_of(helped.posterior, true) > accuracy_of(alone.posterior, true) + 0.03
    assert accuracy_of(unharmed.posterior, true) > accuracy_of(alone.posterior, true) - 0.02
    assert helped.uses_model


def test_it_knows_whether_the_model_alone_beats_the_crowd() -> None:
    rows, true, _ = made_crowd(0, per_item=2)
    assert crowd_consensus(rows, blurred(true, 0.97, 1)).model_beats_crowd
    assert not crowd_consensus(rows, blurred(true, 0.5, 1)).model_beats_crowd
    assert not crowd_consensus(rows).model_beats_crowd


def test_independent_annotators_are_trusted_more_than_those_who_err_together() -> None:
    independent, _, _ = made_crowd(0, per_item=15)
    together, _ = hard_crowd(0)
    assert held_out_powers(independent).answers > held_out_powers(together).answers


def test_one_answer_in_all_is_believed_somewhat() -> None:
    rows = AnswerRows.of(np.array([0]), np.array([0]), np.array([1]))
    assert held_out_powers(rows) == NO_POWERS
    assert crowd_consensus(rows).posterior.argmax() == 1


def test_one_annotator_alone_decides() -> None:
    rows = AnswerRows.of(np.arange(20), np.zeros(20, dtype=int), np.arange(20) % 2)
    np.testing.assert_array_equal(crowd_consensus(rows).posterior.argmax(axis=1), majority_vote(rows).argmax(axis=1))
