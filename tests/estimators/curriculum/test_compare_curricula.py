"""Four ways to train, equally long: what the order does is told from what the pacing does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.naive_bayes import GaussianNB

from dechaff.errors import InputError
from dechaff.estimators.curriculum.compare_curricula import compare_curricula, effect_word
from dechaff.estimators.curriculum.curriculum_classifier import CurriculumClassifier
from dechaff.estimators.curriculum.hardness import CurrentLoss, RankedRows, noise_last
from dechaff.methods.curriculum.curriculum import Budget, Curriculum
from dechaff.methods.curriculum.pacing.fixed_steps import FixedSteps
from tests.estimators.clean.noisy_clouds import noisy_clouds

X, TRUE, Y = noisy_clouds(400)
NAMES = np.array(["a", "b", "c"])


def half(model: Any, y: np.ndarray = Y, test_y: np.ndarray = TRUE, **options: Any) -> Any:
    return compare_curricula(model, (X[:200], y[:200]), (X[200:], test_y[200:]), **options)


def test_the_effects_add_up() -> None:
    found = half(CurriculumClassifier(budget=Budget(30, 16)), n_seeds=3)
    assert found.order_effect.mean == pytest.approx(found.curriculum.mean - found.random.mean)
    assert found.pacing_effect.mean == pytest.approx(found.random.mean - found.plain.mean)
    assert found.effect.mean == pytest.approx(found.order_effect.mean + found.pacing_effect.mean)
    assert found.hard_first_effect.mean == pytest.approx(found.hard_first.mean - found.random.mean)
    assert (found.n_seeds, found.n_test) == (3, 200)


def test_an_order_that_keeps_wrong_labels_out_helps_a_model_that_memorises() -> None:
    _, _, y = noisy_clouds(400, rate=0.4)
    # The window stays at 60 % of the rows to the end: those whose labels are least suspect.
    curriculum = Curriculum(pacing=FixedSteps(start=0.6, full=1.0))
    tree = ExtraTreesClassifier(10, bootstrap=False)
    found = half(CurriculumClassifier(tree, hardness=noise_last, curriculum=curriculum), y, n_seeds=4)
    assert effect_word(found.order_effect) == effect_word(found.effect) == "helps"
    assert effect_word(found.hard_first_effect) == "hurts"


@pytest.mark.slow
def test_an_order_that_means_nothing_has_no_effect() -> None:
    def noise(rows: RankedRows) -> np.ndarray:
        return np.random.default_rng(0).random(len(rows.labels))

    found = half(CurriculumClassifier(hardness=noise), n_seeds=4)
    assert effect_word(found.order_effect) == "has no effect"


def test_the_seed_decides_and_names_of_classes_do_not() -> None:
    model = CurriculumClassifier(SGDClassifier(loss="log_loss"), budget=Budget(20, 8))
    assert half(model, n_seeds=2) == half(model, n_seeds=2)
    assert half(model, n_seeds=2) == half(model, NAMES[Y], NAMES[TRUE], n_seeds=2)
    assert half(model, n_seeds=2, seed=7) != half(model, n_seeds=2)
    assert not hasattr(model, "estimator_")


def test_self_paced_learning_is_compared_too() -> None:
    assert half(CurriculumClassifier(GaussianNB(), hardness=CurrentLoss(5)), n_seeds=2).plain.mean > 0.8


def test_an_accuracy_is_at_most_one_even_with_two_seeds() -> None:
    found = half(CurriculumClassifier(SGDClassifier(loss="log_loss"), budget=Budget(5, 8)), n_seeds=2)
    assert all(0 <= one.low <= one.high <= 1 for one in (found.curriculum, found.random, found.hard_first, found.plain))


def test_progress_is_reported() -> None:
    seen: list[int] = []
    half(CurriculumClassifier(budget=Budget(3, 8)), n_seeds=2, progress=lambda step, done, total: seen.append(done))
    assert seen == list(range(1, 9))


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError, match="n_seeds"):
        half(CurriculumClassifier(), n_seeds=1)
    with pytest.raises(InputError, match="occur among the training rows"):
        half(CurriculumClassifier(), np.minimum(Y, 1), n_seeds=2)
