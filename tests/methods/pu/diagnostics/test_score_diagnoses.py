import math

import numpy as np
import pytest

from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.diagnostics.positive_errors import PositiveErrors
from dechaff.methods.pu.diagnostics.score_diagnoses import (
    Diagnosis,
    classes_overlap,
    few_positives,
    model_calibrated,
    model_learns,
    nearly_all_labelled,
    not_checked,
    wrong_positives,
)
from tests.methods.pu.population import population_bins, with_pure_region


def test_it_prints_what_it_says_and_what_to_do() -> None:
    assert str(Diagnosis("few positives", True, 3.0, "Only 3.", "Label more.")) == "few positives: Only 3. Label more."


def test_it_prints_no_trailing_space_where_there_is_nothing_to_do() -> None:
    assert str(Diagnosis("few positives", False, 99.0, "99 rows.")) == "few positives: 99 rows."


def test_what_was_not_checked_is_neither_wrong_nor_right() -> None:
    found = not_checked("selection not at random", "the features are texts")
    assert not found.wrong
    assert not found.checked
    assert math.isnan(found.figure)
    assert found.message == "Not checked: the features are texts."


@pytest.mark.parametrize(("labelled", "wrong"), [(59, True), (60, False), (1, True)])
def test_sixty_labelled_rows_are_enough(labelled: int, wrong: bool) -> None:
    found = few_positives(BinnedScores(np.array([0.5]), np.array([labelled], float), np.array([200.0])))
    assert found.wrong == wrong
    assert found.figure == labelled
    assert str(labelled) in found.message
    assert bool(found.do) == wrong


def test_one_score_for_all_is_said_to_be_nothing_learnt() -> None:
    found = model_learns(BinnedScores(np.array([0.2]), np.array([20.0]), np.array([80.0])))
    assert found.wrong
    assert found.figure == 0.5


def test_the_figure_is_the_share_of_pairs_in_which_the_labelled_row_scores_higher() -> None:
    labelled = np.array([True, False, True, False])
    found = model_learns(bin_scores(np.array([0.9, 0.5, 0.5, 0.1]), labelled))
    assert found.figure == pytest.approx((1 + 1 + 0.5 + 1) / 4)


def test_random_scores_are_nothing_learnt_and_good_ones_something() -> None:
    people = with_pure_region(pure=0.8, prior=0.4, c=0.4)
    noise = np.random.default_rng(1).random(len(people.labelled))
    assert model_learns(bin_scores(noise, people.labelled)).wrong
    assert not model_learns(people.binned).wrong


def test_exact_scores_are_calibrated() -> None:
    found = model_calibrated(with_pure_region(pure=0.8, prior=0.4, c=0.4).binned)
    assert not found.wrong
    assert found.figure == pytest.approx(1, abs=0.1)


def test_classes_weighed_alike_are_noticed_by_the_figure() -> None:
    people = with_pure_region(pure=0.8, prior=0.4, c=0.4)
    g, share = people.label_probs, people.labelled.mean()
    odds = g / (1 - g) * (1 - share) / share
    found = model_calibrated(bin_scores(odds / (1 + odds), people.labelled))
    assert found.wrong
    assert found.figure > 1.5


def test_classes_weighed_alike_are_noticed_by_the_parameter_too() -> None:
    found = model_calibrated(with_pure_region(pure=0.8, prior=0.4, c=0.4).binned, "class_weight='balanced'")
    assert found.wrong
    assert "class_weight='balanced'" in found.message


def test_few_rows_may_be_off_by_chance() -> None:
    assert not model_calibrated(BinnedScores(np.array([0.5, 0.2]), np.array([1.0, 1.0]), np.array([3.0, 10.0]))).wrong


def test_it_speaks_where_every_positive_is_labelled() -> None:
    found = nearly_all_labelled(with_pure_region(pure=1.0, prior=0.4, c=1.0).binned)
    assert found.wrong
    assert "ordinary classifier" in found.do


def test_it_is_silent_where_half_of_the_positives_are_labelled() -> None:
    found = nearly_all_labelled(with_pure_region(pure=0.8, prior=0.4, c=0.5).binned)
    assert not found.wrong
    assert abs(found.figure - 0.5) < 0.05


def test_the_factor_is_the_mean_f_of_the_positives() -> None:
    """Of positives, 0.6 have f = 1 and 0.4 have f = 0.4: e1 is 0.76 c."""
    people = with_pure_region(pure=0.6, prior=0.4, c=0.4, n=20000)
    found = classes_overlap(people.binned)
    assert found.wrong
    assert found.figure == pytest.approx(0.6 + 0.4 * 0.4, abs=0.04)
    assert f"{found.figure:.2f}" in found.message


def test_it_is_silent_where_classes_lie_apart() -> None:
    found = classes_overlap(population_bins(distance=6, prior=0.4, c=0.4))
    assert not found.wrong
    assert found.figure == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize(
    ("rate", "low", "wrong"), [(0.08, 0.04, True), (0.08, 0.0, False), (0.01, 0.008, False), (0.0, 0.0, False)]
)
def test_it_speaks_where_the_rate_matters_and_is_no_chance(rate: float, low: float, wrong: bool) -> None:
    found = wrong_positives(PositiveErrors(rate, low, 0.2, np.zeros(3)))
    assert found.wrong == wrong
    assert found.figure == rate
    assert f"{100 * rate:.1f} %" in found.message
