import numpy as np
import pytest

from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.diagnostics.base_model import model_calibrated, model_learns
from tests.methods.pu.population import with_pure_region


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
    assert "class_weight='balanced'" in found.says


def test_few_rows_may_be_off_by_chance() -> None:
    assert not model_calibrated(BinnedScores(np.array([0.5, 0.2]), np.array([1.0, 1.0]), np.array([3.0, 10.0]))).wrong
