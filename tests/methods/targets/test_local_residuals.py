"""The usual size of residuals, where each row is."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.targets.local_residuals import local_residuals, usual_step


def test_a_scale_that_grows_with_the_prediction_is_found():
    rng = np.random.default_rng(0)
    predictions = rng.uniform(0, 10, 4000)
    found = local_residuals(predictions + (0.5 + predictions) * rng.normal(size=4000), predictions)
    low, high = found.scale[predictions < 1].mean(), found.scale[predictions > 9].mean()
    assert low == pytest.approx(1.0, abs=0.25)
    assert high == pytest.approx(10.0, abs=1.0)


def test_predictions_drawn_to_the_mean_are_put_back():
    truth = np.linspace(-5, 5, 2000)
    shrunk = 0.6 * truth
    assert np.abs(local_residuals(truth, shrunk).residual).max() < 0.6  # 2.0 before


def test_a_third_of_wrong_targets_moves_neither_centre_nor_scale_much():
    rng = np.random.default_rng(1)
    predictions = rng.normal(size=3000) * 5
    targets = predictions + rng.normal(size=3000)
    targets[::3] += rng.choice([-30, 30], 1000)
    found = local_residuals(targets, predictions)
    assert found.overall < 2
    assert np.abs(found.centre - predictions).mean() < 0.5


def test_whole_numbers_are_never_nearer_than_a_step():
    predictions = np.linspace(0, 3, 400)
    assert local_residuals(predictions.round(), predictions).overall == 1.0


def test_a_step_is_of_values_that_repeat():
    assert usual_step(np.array([1.0, 1.0, 2.0, 2.0, 4.0, 4.0])) == 1.5
    assert usual_step(np.linspace(0, 1, 7)) == 0
    assert usual_step(np.ones(4)) == 0


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_rows_have_finite_scales(n):
    found = local_residuals(np.arange(float(n)), np.zeros(n))
    assert np.isfinite(found.scale).all()
    assert (found.scale > 0).all()


def test_constant_targets_that_are_foretold_have_no_residual():
    found = local_residuals(np.full(50, 7.0), np.full(50, 7.0))
    assert not found.residual.any()
    assert (found.scale > 0).all()
