"""A pacing is chosen by labels of held-out rows."""

from __future__ import annotations

import pytest
from sklearn.ensemble import ExtraTreesClassifier

from dechaff.errors import InputError
from dechaff.estimators.curriculum.choose_pacing import choose_pacing
from dechaff.estimators.curriculum.curriculum_classifier import CurriculumClassifier
from dechaff.estimators.curriculum.hardness import noise_last
from dechaff.methods.curriculum.pacing.polynomial import LINEAR, Polynomial
from tests.estimators.clean.noisy_clouds import noisy_clouds

X, TRUE, Y = noisy_clouds(600, rate=0.4)
MEMORISES = CurriculumClassifier(ExtraTreesClassifier(10, bootstrap=False), hardness=noise_last)


def test_a_model_that_memorises_is_spared_the_rows_that_are_probably_wrong() -> None:
    clean = Polynomial(start=0.6, end=0.6)
    pacings = [Polynomial(start=1.0), clean]
    tried = choose_pacing(MEMORISES, (X[:300], Y[:300]), (X[300:], Y[300:]), pacings, n_seeds=2)
    assert tried.pacings[tried.best] == clean
    assert tried.agreement[0] == tried.plain


def test_progress_counts_plain_training_too() -> None:
    seen: list[tuple[int, int]] = []
    choose_pacing(
        CurriculumClassifier(),
        (X[:100], Y[:100]),
        (X[100:200], Y[100:200]),
        [LINEAR],
        n_seeds=2,
        progress=lambda step, done, total: seen.append((done, total)),
    )
    assert seen == [(done, 4) for done in (1, 2, 3, 4)]


def test_what_cannot_be_chosen_from_is_refused() -> None:
    halves = (X[:300], Y[:300]), (X[300:], Y[300:])
    with pytest.raises(InputError, match="no pacing"):
        choose_pacing(MEMORISES, *halves, [])
    with pytest.raises(InputError, match="n_seeds"):
        choose_pacing(MEMORISES, *halves, [LINEAR], n_seeds=1)
