"""A curriculum yields the rows of its window, class by class, and as many of them as the budget says."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.curriculum.curriculum import Budget, Curriculum, Step
from dechaff.methods.curriculum.early_loss import early_loss
from dechaff.methods.curriculum.orders import easy_first, hard_first, in_each_class, random_order
from dechaff.methods.curriculum.pacing.fixed_steps import FixedSteps
from dechaff.methods.curriculum.pacing.one_pass import OnePass
from dechaff.methods.curriculum.pacing.polynomial import LINEAR, Polynomial
from dechaff.methods.curriculum.self_paced import hard_weights, soft_weights

RNG = np.random.default_rng(0)
LABELS = np.repeat([0, 1, 2], [50, 30, 20])
HARDNESS = RNG.random(100)


BUDGET = Budget(50, 10)


def steps(curriculum: Curriculum, budget: Budget = BUDGET, seed: int = 0) -> list[Step]:
    return list(curriculum.steps(lambda: HARDNESS, LABELS, budget, np.random.default_rng(seed)))


def test_every_step_has_a_batch_and_the_seed_decides() -> None:
    once, again, other = steps(Curriculum()), steps(Curriculum()), steps(Curriculum(), seed=1)
    assert [len(step.rows) for step in once] == [10] * 50
    assert all((one.rows == two.rows).all() for one, two in zip(once, again, strict=True))
    assert any((one.rows != two.rows).any() for one, two in zip(once, other, strict=True))


def test_easy_rows_come_first_in_each_class() -> None:
    first = steps(Curriculum(pacing=FixedSteps(start=0.2, full=0.5)), Budget(50, None))[0].rows
    assert np.bincount(LABELS[first]).tolist() == [10, 6, 4]
    for label in range(3):
        inside, others = HARDNESS[first[LABELS[first] == label]], np.delete(HARDNESS, first)
        assert inside.max() < others[np.delete(LABELS, first) == label].min()


def test_hard_first_is_easy_first_turned_round() -> None:
    first = steps(Curriculum(order=hard_first, pacing=FixedSteps(start=0.2)), Budget(5, None))[0].rows
    assert HARDNESS[first].min() > np.median(HARDNESS)


def test_a_random_order_stays_the_same_during_a_training() -> None:
    half = FixedSteps(start=0.5, full=1.0)
    seen = {tuple(sorted(step.rows)) for step in steps(Curriculum(random_order, half), Budget(20, None))}
    assert len(seen) == 1


def test_all_rows_are_visited_equally_often_once_the_window_is_full() -> None:
    rows = np.concatenate([step.rows for step in steps(Curriculum(pacing=Polynomial(start=1.0)))])
    assert np.bincount(rows).tolist() == [5] * 100


def test_parts_of_one_pass_share_no_row_and_cover_all() -> None:
    parts = [set(step.rows) for step in steps(Curriculum(pacing=OnePass(5)), Budget(5, None))]
    assert [len(part) for part in parts] == [20] * 5
    assert set.union(*parts) == set(range(100))


def test_every_class_is_there_at_once_however_hard_and_rare() -> None:
    labels, hardness = np.array([0] * 99 + [1]), np.arange(100.0)
    curriculum = Curriculum(pacing=Polynomial(start=0.001, full=1.0))
    first = next(curriculum.steps(lambda: hardness, labels, Budget(5, None), np.random.default_rng(0)))
    assert sorted(first.rows) == [0, 99]


def test_rows_are_ranked_anew_when_the_hardness_changes() -> None:
    first, second = np.array([0.0, 1.0]), np.array([1.0, 0.0])
    found = iter([first, second])
    curriculum = Curriculum(pacing=FixedSteps(start=0.5, full=1.0))
    made = curriculum.steps(lambda: next(found), np.zeros(2, dtype=int), Budget(2, 1), np.random.default_rng(0))
    assert [step.rows.tolist() for step in made] == [[0], [1]]


def test_soft_weights_fall_with_the_loss_until_all_rows_count() -> None:
    curriculum = Curriculum(pacing=FixedSteps(start=0.5, full=0.5), weights=soft_weights)
    early, late = steps(curriculum, Budget(2, None))
    assert early.weights.min() >= 0
    assert early.weights.max() < 1
    assert (np.argsort(early.weights) == np.argsort(-HARDNESS[early.rows])).all()
    assert (late.weights == 1).all()


def test_equal_losses_are_weighted_equally() -> None:
    assert soft_weights(np.full(3, 2.0), 2.0).tolist() == hard_weights(np.full(3, 2.0), 2.0).tolist() == [1, 1, 1]


def test_ties_are_broken_at_random() -> None:
    ranks = {tuple(easy_first(np.zeros(5), np.random.default_rng(seed))) for seed in range(20)}
    assert len(ranks) > 5


def test_a_ranking_in_each_class_keeps_the_order_within_it() -> None:
    ranking = in_each_class(np.argsort(HARDNESS), LABELS)
    assert sorted(ranking) == list(range(100))
    for label in range(3):
        rows = ranking[LABELS[ranking] == label]
        assert (np.diff(HARDNESS[rows]) > 0).all()


def test_the_early_loss_reads_the_first_stages_only() -> None:
    stages = np.full((10, 2, 2), 0.5)
    stages[2:, 0] = [0.0, 1.0]
    assert early_loss(np.array([0, 0]), stages).tolist() == pytest.approx([np.log(2)] * 2)
    assert early_loss(np.array([0, 0]), stages, first=1.0)[0] > 10


@pytest.mark.parametrize("hardness", [np.zeros(3), np.array([0.0, np.nan])])
def test_bad_hardness_is_refused(hardness: np.ndarray) -> None:
    made = Curriculum(pacing=LINEAR).steps(lambda: hardness, np.zeros(2, dtype=int), Budget(), np.random.default_rng(0))
    with pytest.raises(InputError, match="the hardness"):
        next(made)


def test_a_budget_without_steps_is_refused() -> None:
    with pytest.raises(InputError, match="the budget"):
        Budget(0, 10)


def test_no_rows_are_an_error_and_no_endless_search() -> None:
    with pytest.raises(InputError, match="no row to train on"):
        next(Curriculum().steps(lambda: np.zeros(0), np.zeros(0, dtype=int), Budget(), np.random.default_rng(0)))
