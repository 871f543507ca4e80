"""What is found of annotators: their quality, and who answers carelessly, copies or hurries; and whom to ask next."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.consensus.answer_rows import AnswerRows
from dechaff.methods.consensus.careless_answers import constant_answers, random_answers
from dechaff.methods.consensus.copied_answers import copied_answers
from dechaff.methods.consensus.crowd_consensus import crowd_consensus
from dechaff.methods.consensus.hasty_answers import hasty_answers, paces
from dechaff.methods.consensus.judged_annotators import Annotators, judge_annotators
from dechaff.methods.consensus.next_annotators import next_annotators
from tests.methods.consensus.crowds import made_crowd, with_one_more


def judged(rows: AnswerRows) -> Annotators:
    return judge_annotators(rows, crowd_consensus(rows))


def test_the_quality_of_annotators_lies_near_their_accuracy() -> None:
    rows, _, accuracy = made_crowd(0, items=600)
    found = judged(rows)
    # The consensus allows for errors that all make alike, so where there are none, quality is some points too low.
    assert np.corrcoef(found.quality, accuracy)[0, 1] > 0.9
    assert -0.15 < (found.quality - accuracy).min() <= (found.quality - accuracy).max() < 0.1


def test_an_annotator_whom_nobody_can_be_compared_with_has_no_quality() -> None:
    rows = AnswerRows.of(np.array([0, 0, 1]), np.array([0, 1, 2]), np.array([0, 0, 1]))
    found = judged(rows)
    assert np.isnan(found.quality).tolist() == [False, False, True]
    assert found.n_answers.tolist() == [1, 1, 1]
    assert not random_answers(found)[2]


def test_a_bias_to_one_class_is_seen() -> None:
    rows, true, _ = made_crowd(0)
    biased = np.where(np.random.default_rng(1).random(300) < 0.5, 2, true)
    bias = judged(with_one_more(rows, np.arange(300), biased)).bias[-1]
    assert bias[2] == pytest.approx(0.33, abs=0.08)
    assert bias.sum() == pytest.approx(0, abs=1e-9)


def test_careless_annotators_are_found_and_honest_ones_are_not_accused() -> None:
    found = {"random": 0, "constant": 0}
    accused = people = 0
    for seed in range(10):
        rows, _, _ = made_crowd(seed)
        rng, items = np.random.default_rng(seed), np.random.default_rng(seed).choice(300, 60, replace=False)
        at_random = judged(with_one_more(rows, items, rng.integers(3, size=60)))
        always = judged(with_one_more(rows, items, np.full(60, seed % 3)))
        found["random"] += bool(random_answers(at_random)[-1])
        found["constant"] += bool(constant_answers(always)[-1])
        accused += int(random_answers(at_random)[:-1].sum() + constant_answers(always)[:-1].sum())
        people += 40
    assert found["random"] >= 9
    assert found["constant"] == 10
    assert accused <= 0.01 * people


def test_always_the_same_answer_is_no_offence_where_it_is_right() -> None:
    true = np.repeat([0, 1], [97, 3])
    rows = AnswerRows.of(np.tile(np.arange(100), 3), np.repeat([0, 1, 2], 100), np.r_[true, true, np.zeros(100, int)])
    assert not constant_answers(judged(rows)).any()


def test_copies_are_found_and_honest_annotators_are_not_accused() -> None:
    accused = 0
    for seed in range(5):
        rows, _, accuracy = made_crowd(seed, per_item=6)
        source = int(np.abs(accuracy - 0.75).argmin())
        mine = rows.annotators == source
        copy = with_one_more(rows, rows.items[mine][:60], rows.labels[mine][:60])
        who = copied_answers(copy, crowd_consensus(copy))
        assert who[-1] == source
        accused += int((who[:-1] >= 0).sum())
    assert accused <= 1


def test_annotators_without_errors_are_no_copies_of_each_other() -> None:
    true = np.arange(60) % 3
    rows = AnswerRows.of(np.tile(np.arange(60), 3), np.repeat([0, 1, 2], 60), np.tile(true, 3))
    assert (copied_answers(rows, crowd_consensus(rows)) == -1).all()


def test_pace_is_compared_on_the_same_items() -> None:
    rows = AnswerRows.of(np.repeat(np.arange(10), 3), np.tile([0, 1, 2], 10), np.zeros(30, dtype=int))
    long, usual = np.repeat(np.arange(1, 11), 3).astype(float), np.tile([10.0, 10.0, 2.0], 10)
    assert paces(rows, long * usual).round(2).tolist() == [1.0, 1.0, 0.2]
    assert hasty_answers(rows, long * usual).tolist() == [False, False, True]
    assert not hasty_answers(rows, np.full(30, np.nan)).any()


def test_the_better_annotator_is_asked_and_nobody_twice() -> None:
    rows, _, accuracy = made_crowd(0, items=600)
    found, items = crowd_consensus(rows), np.arange(50)
    who, gain = next_annotators(rows, found, items, may_ask=np.ones(20, dtype=bool))
    assert (gain >= 0).all()
    assert accuracy[who].mean() > accuracy.mean() + 0.05
    for item, one in zip(items, who, strict=True):
        assert one not in rows.annotators[rows.items == item]
    nobody, _ = next_annotators(rows, found, items, may_ask=np.zeros(20, dtype=bool))
    assert (nobody == -1).all()
