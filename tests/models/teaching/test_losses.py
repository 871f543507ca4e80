import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier

from dechaff.models.teaching.losses import (
    HingeLoss,
    LogisticLoss,
    ModifiedHuberLoss,
    PerceptronLoss,
    ProbabilityLoss,
    SquaredHingeLoss,
    SquaredLoss,
)

LOSSES = [PerceptronLoss(), HingeLoss(), LogisticLoss(), SquaredLoss(), SquaredHingeLoss(), ModifiedHuberLoss()]
SCORES = np.linspace(-3.05, 3.05, 62)  # no kink is among them: those are at -1, 0 and 1
named = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)


@named
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_the_slope_is_the_derivative_of_the_loss(loss, sign):
    signs, step = np.full_like(SCORES, sign), 1e-6
    numeric = (loss(SCORES + step, signs) - loss(SCORES - step, signs)) / (2 * step)
    np.testing.assert_allclose(loss.slope(SCORES, signs), numeric, atol=1e-8)


@named
def test_a_loss_is_convex_never_negative_and_as_steep_as_it_says(loss):
    far, signs = np.linspace(-50, 50, 1001), np.ones(1001)
    slopes = loss.slope(far, signs)
    assert (np.diff(slopes) >= 0).all()
    assert (loss(far, signs) >= 0).all()
    assert np.abs(slopes).max() <= loss.steepest


@named
def test_both_classes_are_treated_alike(loss):
    signs = np.ones_like(SCORES)
    np.testing.assert_allclose(loss(SCORES, signs), loss(-SCORES, -signs))
    np.testing.assert_allclose(loss.slope(SCORES, signs), -loss.slope(-SCORES, -signs))


def test_the_slope_of_the_perceptron_loss_is_guess_minus_truth():
    scores, truth = np.array([-1.0, -1.0, 0.0, 0.0, 1.0, 1.0]), np.array([0, 1, 0, 1, 0, 1])
    guess = (scores > 0).astype(int)
    np.testing.assert_array_equal(PerceptronLoss().slope(scores, 2.0 * truth - 1), guess - truth)


@pytest.mark.parametrize("loss", [one for one in LOSSES if isinstance(one, ProbabilityLoss)], ids=repr)
@pytest.mark.parametrize("truth", [0.1, 0.5, 0.8])
def test_the_score_of_least_expected_loss_stands_for_the_probability(loss, truth):
    scores = np.linspace(-4, 4, 8001)
    ones = np.ones_like(scores)
    expected = truth * loss(scores, ones) + (1 - truth) * loss(scores, -ones)
    assert loss.probability(scores[[expected.argmin()]])[0] == pytest.approx(truth, abs=1e-3)


def test_which_losses_give_probabilities():
    assert [isinstance(one, ProbabilityLoss) for one in LOSSES] == [False, False, True, True, True, True]


def test_large_scores_overflow_nowhere():
    scores, signs = np.array([-1e6, 1e6]), np.array([1.0, 1.0])
    np.testing.assert_array_equal(LogisticLoss()(scores, signs), [1e6, 0])
    np.testing.assert_array_equal(LogisticLoss().probability(scores), [0, 1])


@pytest.mark.parametrize(
    ("loss", "name"),
    [(LogisticLoss(), "log_loss"), (SquaredLoss(), "squared_error"), (ModifiedHuberLoss(), "modified_huber")],
)
def test_one_step_is_that_of_scikit_learn(loss, name):
    x, y = np.array([[0.5, -2.0], [0.5, -2.0]]), [0, 1]
    theirs = SGDClassifier(loss=name, alpha=0, penalty=None, learning_rate="constant", eta0=0.1, shuffle=False)
    theirs.partial_fit(x[:1], y[:1], classes=[0, 1])
    slope = loss.slope(np.array([0.0]), np.array([-1.0]))
    np.testing.assert_allclose(theirs.coef_[0], -0.1 * slope * x[0])
