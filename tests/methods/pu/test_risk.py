"""The risk without negatives: equal to the risk with them, on average; slopes by difference quotient and by pulearn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.special import expit

from dechaff.errors import InputError
from dechaff.methods.pu.risk import SigmoidLoss, non_negative_slopes, pu_risk, samples, unbiased_slopes
from dechaff.methods.pu.scheme import Scheme
from dechaff.models.teaching.losses import LOGISTIC
from tests.methods.pu.population import two_gaussians

LOSSES = pytest.mark.parametrize("loss", [SigmoidLoss(), LOGISTIC])
SCHEMES = pytest.mark.parametrize("scheme", ["single-training-set", "case-control"])


@LOSSES
def test_where_every_positive_is_labelled_it_is_the_mean_loss(loss: SigmoidLoss) -> None:
    people = two_gaussians(distance=2.0, prior=0.3, c=1.0, n=500)
    risk = pu_risk(people.x, samples(people.y, "single-training-set"), people.y.mean(), loss=loss)
    assert risk.unbiased == pytest.approx(loss(people.x, np.where(people.y, 1.0, -1.0)).mean())
    assert risk.non_negative == risk.unbiased


@LOSSES
@SCHEMES
def test_on_average_over_labellings_it_is_the_risk_with_negatives(loss: SigmoidLoss, scheme: Scheme) -> None:
    random, prior = np.random.default_rng(0), 0.4
    found = []
    for _ in range(200):
        y = np.arange(500) < 200
        x = random.normal(size=500) + y
        labelled = y & (random.random(500) < 0.5)
        if scheme == "case-control":
            # Labelled rows come from a sample of their own.
            x, labelled = np.append(x, random.normal(size=80) + 1), np.append(np.zeros(500, bool), np.ones(80, bool))
        found.append(pu_risk(x - 0.5, samples(labelled, scheme), prior, loss=loss).unbiased)
    z = random.normal(size=100_000) - 0.5
    truth = prior * loss(z + 1, np.ones(100_000)).mean() + (1 - prior) * loss(z, -np.ones(100_000)).mean()
    assert np.mean(found) == pytest.approx(truth, abs=4 * np.std(found) / np.sqrt(200) + 0.003)


@LOSSES
@SCHEMES
def test_slopes_are_difference_quotients(loss: SigmoidLoss, scheme: Scheme) -> None:
    random = np.random.default_rng(1)
    scores, labelled, weights = random.normal(size=12), np.arange(12) < 4, random.random(12)
    rows = samples(labelled, scheme, weights=weights)
    slopes = unbiased_slopes(scores, rows, 0.4, loss=loss)
    for row in range(12):
        step = np.zeros(12)
        step[row] = 1e-6
        high, low = (pu_risk(scores + sign * step, rows, 0.4, loss=loss).unbiased for sign in (1, -1))
        assert slopes[row] == pytest.approx((high - low) / 2e-6, abs=1e-8)


def test_the_step_goes_back_up_where_the_negative_part_is_below_minus_beta() -> None:
    rows = samples(np.array([True, False, False]), "case-control")
    scores = np.array([3.0, -3.0, -3.0])  # positives by heart: the negative part is 0.047 - 0.5 * 0.953
    part = pu_risk(scores, rows, 0.5, loss=SigmoidLoss()).negative
    assert part == pytest.approx(expit(-3) - 0.5 * expit(3))
    forward = unbiased_slopes(scores, rows, 0.5, loss=SigmoidLoss())
    back = non_negative_slopes(scores, rows, 0.5, loss=SigmoidLoss())
    assert (back[1:] < 0).all()
    assert np.array_equal(non_negative_slopes(scores, rows, 0.5, loss=SigmoidLoss(), beta=0.5), forward)
    assert np.allclose(non_negative_slopes(scores, rows, 0.5, loss=SigmoidLoss(), gamma=0.5), back / 2)


@pytest.mark.parametrize("nnpu", [True, False])
def test_a_loop_over_them_ends_where_pulearn_ends(nnpu: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pulearn import NNPUClassifier
    random = np.random.default_rng(0)
    X, labelled = random.normal(size=(60, 20)), np.arange(60) < 15
    X[labelled, 0] += 1
    theirs = NNPUClassifier(prior=0.3, nnpu=nnpu, max_iter=200, learning_rate=0.5, random_state=0)
    theirs.fit(X, labelled.astype(int))

    w, b = np.random.RandomState(0).randn(20) * 0.01, 0.0
    rows, slopes_of = samples(labelled, "case-control"), non_negative_slopes if nnpu else unbiased_slopes
    for _ in range(200):
        slopes = slopes_of(X @ w + b, rows, 0.3, loss=SigmoidLoss())
        w, b = w - 0.5 * X.T @ slopes, b - 0.5 * slopes.sum()
    assert np.allclose(w, theirs.coef_, atol=1e-8)
    assert b == pytest.approx(theirs.intercept_[0], abs=1e-8)


def test_rows_of_one_kind_are_refused() -> None:
    with pytest.raises(InputError, match="2 labelled and 0 unlabelled"):
        samples(np.array([True, True]), "case-control")
    with pytest.raises(InputError, match="1 labelled and 0 unlabelled"):
        samples(np.array([True, False]), "case-control", weights=np.array([1.0, 0.0]))
