import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import Perceptron as TheirPerceptron
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from dechaff.errors import InputError
from dechaff.models.teaching.losses import PerceptronLoss
from dechaff.models.teaching.perceptron import Perceptron
from dechaff.models.teaching.sgd_linear import SGDLinearClassifier


@parametrize_with_checks([Perceptron(), Perceptron(average=True)])
def test_scikit_learn_finds_nothing_to_complain_of(estimator, check):
    check(estimator)


def two_clouds(n=80, distance=1.0, seed=0):
    random = np.random.default_rng(seed)
    truth = np.arange(n) % 2
    return random.normal(size=(n, 3)) + distance * truth[:, None], truth


def plain_loop(features, truth, eta, passes):
    """The perceptron in ten lines; its last weights and their mean over all visits."""
    weights, past = np.zeros(features.shape[1] + 1), []
    for _ in range(passes):
        for row, y in zip(features, truth, strict=True):
            x = np.append(row, 1.0)
            guess = 1 if weights @ x > 0 else 0
            weights = weights + eta * (y - guess) * x
            past.append(weights)
    return weights, np.mean(past, axis=0)


@pytest.mark.parametrize("average", [False, True])
def test_the_weights_are_those_of_a_plain_loop(average):
    features, truth = two_clouds()
    ours = Perceptron(average=average, eta0=0.5, max_iter=4, shuffle=False).fit(features, truth)
    theirs = plain_loop(features, truth, eta=0.5, passes=4)[int(average)]
    assert ours.n_iter_ == 4  # no pass was without a mistake, which would have ended learning
    np.testing.assert_allclose(
        np.append(ours.coef_, ours.intercept_), theirs, rtol=1e-10
    )  # the mean is summed otherwise


def test_the_logical_and_is_learnt_as_by_hand():
    # Rows 00 01 10 11; x has a 1 for the intercept. Pass 1: only 11 is wrong, w = (1, 1, 1). Pass 2: 00 wrong,
    # w = (1, 1, 0); 01 wrong, (1, 0, -1); 10 right; 11 wrong, (2, 1, 0). Pass 3: 00 right; 01 wrong, (2, 0, -1);
    # 10 wrong, (1, 0, -2); 11 wrong, (2, 1, -1). Pass 4: 01 right at 0; 10 wrong, (1, 1, -2); 11 wrong at 0,
    # (2, 2, -1). Pass 5: 01 wrong, (2, 1, -2); 10 right at 0; 11 right at 1. Pass 6: no mistake.
    learnt = Perceptron(shuffle=False).fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1])
    assert learnt.coef_.tolist() == [[2.0, 1.0]]
    assert learnt.intercept_.tolist() == [-2.0]
    assert (learnt.n_iter_, learnt.n_updates_) == (6, 10)


@pytest.mark.parametrize("average", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_it_is_gradient_descent_on_its_loss_without_regularisation(average, n_classes):
    features, _ = two_clouds()
    classes = np.random.default_rng(1).integers(0, n_classes, len(features))
    options = {"average": average, "max_iter": 3, "random_state": 0, "eta0": 1.0}
    one = Perceptron(**options).fit(features, classes)
    other = SGDLinearClassifier(loss=PerceptronLoss(), alpha=0.0, **options).fit(features, classes)
    np.testing.assert_array_equal(one.coef_, other.coef_)
    np.testing.assert_array_equal(one.intercept_, other.intercept_)


def test_where_a_margin_exists_the_mistakes_are_bounded():
    features, truth = two_clouds(distance=8.0)
    separator = np.array([1.0, 1.0, 1.0, -12.0])
    rows = np.column_stack([features, np.ones(len(features))])
    margin = ((2 * truth - 1) * (rows @ separator)).min() / np.linalg.norm(separator)
    assert margin > 0
    learnt = Perceptron(random_state=0, max_iter=1000).fit(features, truth)
    assert learnt.score(features, truth) == 1
    assert learnt.n_iter_ < 1000
    assert learnt.n_updates_ <= (rows**2).sum(axis=1).max() / margin**2  # Novikoff (1962)


def test_eta_scales_the_weights_and_changes_no_guess():
    features, truth = two_clouds()
    small, large = (Perceptron(eta0=eta, random_state=0).fit(features, truth) for eta in (0.25, 4.0))
    np.testing.assert_array_equal(16 * small.coef_, large.coef_)


def test_the_mean_of_the_weights_guesses_better_where_classes_overlap():
    features, truth = two_clouds(2000, seed=1)
    new, new_truth = two_clouds(2000, seed=2)
    last, mean = (Perceptron(average=a, max_iter=2, random_state=0).fit(features, truth) for a in (False, True))
    assert mean.score(new, new_truth) > last.score(new, new_truth) + 0.02


@pytest.mark.slow
@pytest.mark.parametrize("load", [load_breast_cancer, load_digits])
def test_it_is_about_as_accurate_as_that_of_scikit_learn(load):
    features, classes = load(return_X_y=True)
    ours, theirs = (
        cross_val_score(make_pipeline(StandardScaler(), model), features, classes, cv=3).mean()
        for model in (Perceptron(random_state=0), TheirPerceptron(random_state=0))
    )
    assert ours > theirs - 0.02


def test_online_learning_in_order_is_one_pass():
    features, truth = two_clouds()
    whole = Perceptron(max_iter=1, shuffle=False).fit(features, truth)
    online = Perceptron()
    for start in range(0, len(truth), 7):
        online.partial_fit(features[start : start + 7], truth[start : start + 7], classes=[0, 1])
    np.testing.assert_array_equal(whole.coef_, online.coef_)


def test_a_step_that_is_not_above_zero_is_refused():
    with pytest.raises(InputError, match="eta0 must be above 0; found 0"):
        Perceptron(eta0=0).fit([[0.0], [1.0]], [0, 1])
