import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from dechaff.errors import InputError
from dechaff.models.teaching.losses import (
    HingeLoss,
    LogisticLoss,
    ModifiedHuberLoss,
    PerceptronLoss,
    SquaredHingeLoss,
    SquaredLoss,
)
from dechaff.models.teaching.sgd_linear import SGDLinearClassifier

LOSSES = [PerceptronLoss(), HingeLoss(), LogisticLoss(), SquaredLoss(), SquaredHingeLoss(), ModifiedHuberLoss()]
each_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)


@parametrize_with_checks([SGDLinearClassifier(), SGDLinearClassifier(loss=HingeLoss(), average=False)])
def test_scikit_learn_finds_nothing_to_complain_of(estimator, check):
    check(estimator)


def clouds(n_classes, n=120, seed=0):
    random = np.random.default_rng(seed)
    classes = np.arange(n) % n_classes
    return random.normal(size=(n, 3)) + 1.5 * np.eye(3)[classes], classes


def plain_loop(features, truth, loss, alpha, eta, passes):
    """Stochastic gradient descent in ten lines; its last weights and their mean over all visits."""
    weights, past = np.zeros(features.shape[1] + 1), []
    for _ in range(passes):
        for row, y in zip(features, truth, strict=True):
            x = np.append(row, 1.0)
            rate = eta / (1 + alpha * eta * len(past))
            penalty = alpha * np.append(weights[:-1], 0.0)
            slope = loss.slope(np.array(weights @ x), np.array(2.0 * y - 1))
            weights = weights - rate * (penalty + slope * x)
            past.append(weights)
    return weights, np.mean(past, axis=0)


@each_loss
@pytest.mark.parametrize("average", [False, True])
def test_the_weights_are_those_of_a_plain_loop(loss, average):
    features, truth = clouds(2)
    model = SGDLinearClassifier(loss=loss, alpha=0.01, average=average, eta0=0.1, max_iter=3, shuffle=False)
    model.fit(features, truth)
    theirs = plain_loop(features, truth, loss, alpha=0.01, eta=0.1, passes=3)[int(average)]
    # Products and the mean are summed in another order.
    np.testing.assert_allclose(np.append(model.coef_, model.intercept_), theirs, rtol=1e-9)


@each_loss
def test_more_than_two_classes_are_each_against_the_rest(loss):
    features, classes = clouds(3)
    whole = SGDLinearClassifier(loss=loss, max_iter=2, shuffle=False, eta0=0.1).fit(features, classes)
    for code in range(3):
        single = SGDLinearClassifier(loss=loss, max_iter=2, shuffle=False, eta0=0.1).fit(features, classes == code)
        np.testing.assert_allclose(whole.coef_[code], single.coef_[0], rtol=1e-9)


@pytest.mark.slow
@each_loss
@pytest.mark.parametrize("load", [load_breast_cancer, load_digits])
def test_it_is_about_as_accurate_as_that_of_scikit_learn(loss, load):
    features, classes = (part[:900] for part in load(return_X_y=True))
    ours, theirs = (
        cross_val_score(make_pipeline(StandardScaler(), model), features, classes, cv=2).mean()
        for model in (SGDLinearClassifier(loss=loss, max_iter=8, random_state=0), SGDClassifier(random_state=0))
    )
    assert ours > theirs - 0.03


def test_with_enough_passes_it_is_logistic_regression():
    features, truth = clouds(2)
    ours = SGDLinearClassifier(alpha=0.01, max_iter=300, random_state=0).fit(features, truth)
    theirs = LogisticRegression(C=1 / (0.01 * len(truth))).fit(features, truth)  # alpha = 1 / (C n)
    np.testing.assert_allclose(ours.predict_proba(features), theirs.predict_proba(features), atol=0.01)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_sum_to_one_and_are_worth_something(n_classes):
    features, classes = clouds(n_classes)
    new, new_classes = clouds(n_classes, seed=1)
    for loss in (LogisticLoss(), SquaredLoss(), ModifiedHuberLoss()):
        model = SGDLinearClassifier(loss=loss, random_state=0).fit(features, classes)
        probs = model.predict_proba(new)
        np.testing.assert_allclose(probs.sum(axis=1), 1)
        np.testing.assert_array_equal(model.classes_[probs.argmax(axis=1)], model.predict(new))
        assert log_loss(new_classes, probs.clip(0.01, 0.99) / probs.clip(0.01, 0.99).sum(axis=1, keepdims=True)) < 0.8


def test_a_row_of_no_class_for_sure_may_be_of_each():
    model = SGDLinearClassifier(loss=SquaredLoss()).fit(np.eye(3), [0, 1, 2])
    model.coef_, model.intercept_ = np.zeros((3, 3)), np.full(3, -2.0)
    np.testing.assert_allclose(model.predict_proba([[0, 0, 0]]), [[1 / 3] * 3])


def test_a_loss_without_probabilities_says_which_have_them():
    model = SGDLinearClassifier(loss=HingeLoss()).fit([[0.0], [1.0]], [0, 1])
    assert not hasattr(model, "predict_proba")
    with pytest.raises(AttributeError) as caught:
        model.predict_proba([[0.0]])
    assert "LogisticLoss()" in str(caught.value.__cause__)


def test_a_strong_penalty_keeps_the_weights_small_and_leaves_the_intercept():
    features, _ = clouds(2)
    mostly = np.arange(120) % 4 > 0
    free, held = (SGDLinearClassifier(alpha=a, random_state=0).fit(features, mostly) for a in (0.0, 1.0))
    assert np.abs(held.coef_).max() < 0.2 * np.abs(free.coef_).max()
    assert held.predict(features).all()


@each_loss
def test_the_default_step_stands_features_of_any_scale(loss):
    features, truth = clouds(2)
    features[0] *= 50
    for scale in (1e-6, 1e6):
        SGDLinearClassifier(loss=loss, random_state=0).fit(features * scale, truth)


def test_a_step_that_is_too_long_says_what_to_do():
    features, truth = clouds(2)
    with pytest.raises(InputError, match=r"the weights must stay finite(.|\n)*StandardScaler"):
        SGDLinearClassifier(loss=SquaredLoss(), eta0=1e3).fit(features, truth)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": -1}, "alpha must be 0 or more; found -1"),
        ({"eta0": 0.0}, "eta0 must be above 0"),
        ({"loss": "hinge"}, "loss must be a loss with a slope; found 'hinge'"),
    ],
)
def test_options_that_mean_nothing_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        SGDLinearClassifier(**options).fit([[0.0], [1.0]], [0, 1])


def test_a_loss_of_your_own_is_a_class_of_three_lines():
    class Absolute:
        steepest = 1.0

        def slope(self, score, sign):
            return np.sign(score - sign)

    features, truth = clouds(2)
    assert SGDLinearClassifier(loss=Absolute(), random_state=0).fit(features, truth).score(features, truth) > 0.8
