"""Networks trained by the non-negative risk; skipped, with the reason, where torch is not installed."""

from __future__ import annotations

import pickle
import sys
from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.utils.estimator_checks import estimator_checks_generator

from dechaff.errors import InputError, MissingExtraError
from dechaff.estimators.pu.linear_risk import UnbiasedPUClassifier
from dechaff.estimators.pu.torch_network import TorchPUClassifier, TorchTraining
from dechaff.methods.pu.risk import non_negative_slopes, unbiased_slopes
from dechaff.models.teaching.losses import LOGISTIC
from tests.estimators.pu.pu_data import two_clouds

try:
    import torch
except ImportError:
    torch = None
needs_torch = pytest.mark.skipif(torch is None, reason="torch is not installed: pip install 'dechaff[torch]'")
QUICK = TorchTraining(epochs=20, learning_rate=0.01)


def _named(part: Any) -> str:
    """By the check alone: the estimator's name holds addresses of functions, other ones in every process."""
    return str(part.func.__name__) if hasattr(part, "func") else "torch"


@needs_torch
@pytest.mark.parametrize(
    ("estimator", "check"), list(estimator_checks_generator(TorchPUClassifier(training=QUICK))), ids=_named
)
def test_every_check_of_scikit_learn_holds(estimator: Any, check: Any) -> None:
    check(estimator)


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    X, _, s = two_clouds(50)
    with pytest.raises(MissingExtraError, match=r"pip install 'dechaff\[torch\]'"):
        TorchPUClassifier().fit(X, s)


@needs_torch
def test_a_linear_module_with_the_logistic_loss_comes_to_the_exact_linear_answer() -> None:
    X, _, s = two_clouds(300, apart=1.0)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    training = TorchTraining(
        epochs=300, batch_size=300, learning_rate=0.05, weight_decay=0, loss=LOGISTIC, slopes=unbiased_slopes
    )
    network = TorchPUClassifier(lambda d: torch.nn.Linear(d, 1).double(), class_prior=0.5, training=training)
    exact = UnbiasedPUClassifier(class_prior=0.5, C=1e6).fit(X, s)
    assert np.abs(network.fit(X, s).predict_proba(X) - exact.predict_proba(X)).mean() < 0.01


@needs_torch
def test_two_clouds_are_told_apart_with_the_usual_network_and_prior() -> None:
    X, y, s = two_clouds(1000)
    model = TorchPUClassifier(training=TorchTraining(epochs=50)).fit(X, s)
    assert (model.predict(X) == y).mean() > 0.9


@needs_torch
def test_the_first_step_is_that_of_the_formula() -> None:
    X, _, s = two_clouds(40)
    module = torch.nn.Linear(2, 1, bias=False).double()
    training = TorchTraining(epochs=1, batch_size=40, learning_rate=0.1, weight_decay=0)
    w = module.weight.detach().numpy().ravel().copy()
    model = TorchPUClassifier(module, class_prior=0.5, training=training).fit(X, s)
    from dechaff.methods.pu.risk import SigmoidLoss, samples

    slopes = non_negative_slopes(X @ w, samples(s, "single-training-set"), 0.5, loss=SigmoidLoss())
    # Adam's first step is the learning rate in the direction of each slope's sign.
    after = w - 0.1 * np.sign(X.T @ slopes)
    assert np.allclose(model.estimator_.weight.detach().numpy().ravel(), after, atol=1e-6)
    assert np.array_equal(module.weight.detach().numpy().ravel(), w)
    assert np.allclose(model.predict_proba(X)[:, 1], expit(X @ after), atol=1e-6)


@needs_torch
def test_a_network_that_is_large_enough_learns_positives_by_heart_without_the_brake() -> None:
    random = np.random.default_rng(0)
    y = random.random(600) < 0.5
    X = random.normal(size=(600, 30))
    X[:, 0] += 4 * y
    s = y & (random.random(600) < 0.5) & (np.arange(600) < 150)
    accuracy = []
    for slopes in (non_negative_slopes, unbiased_slopes):
        training = TorchTraining(epochs=20, learning_rate=0.01, weight_decay=0, slopes=slopes)
        model = TorchPUClassifier(class_prior=0.5, training=training).fit(X[:150], s[:150])
        accuracy.append((model.predict(X[150:]) == y[150:]).mean())
    assert accuracy[0] > accuracy[1]


@needs_torch
def test_the_seed_decides_all_and_torchs_own_generator_is_left_alone() -> None:
    X, y, s = two_clouds(200)
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    first, second, other = (
        TorchPUClassifier(class_prior=0.5, training=QUICK, random_state=seed).fit(X, s).predict_proba(X)
        for seed in (3, 3, 4)
    )
    assert torch.equal(torch.rand(3), expected)
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
    assert ((first[:, 1] > 0.5) == y).mean() > 0.9


@needs_torch
def test_images_go_to_a_module_as_they_are_and_the_fitted_model_travels_by_pickle() -> None:
    random = np.random.default_rng(0)
    y = np.arange(120) % 2 == 0
    images = random.normal(size=(120, 1, 4, 4)) + 2 * y[:, None, None, None]
    s = y & (random.random(120) < 0.5)
    module = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(16, 1))
    model = TorchPUClassifier(module, training=TorchTraining(epochs=60, learning_rate=0.01)).fit(images, s)
    assert (model.predict(images) == y).mean() > 0.9
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict_proba(images), model.predict_proba(images))


@needs_torch
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"module": "mlp"}, "module must be a torch.nn.Module"),
        ({"training": {"epochs": 3}}, "training must be a TorchTraining"),
        ({"training": TorchTraining(epochs=0)}, "epochs must be above 0"),
    ],
)
def test_options_that_cannot_be_used_are_named(options: dict[str, Any], message: str) -> None:
    X, _, s = two_clouds(50)
    with pytest.raises(InputError, match=message):
        TorchPUClassifier(**options).fit(X, s)


@needs_torch
def test_an_output_of_another_shape_and_an_overflow_are_named() -> None:
    X, _, s = two_clouds(50)
    with pytest.raises(InputError, match=r"give one score a row; found an output of shape \(50, 2\)"):
        TorchPUClassifier(lambda d: torch.nn.Linear(d, 2)).fit(X, s)
    model = TorchPUClassifier(partial(torch.nn.Linear, out_features=1), class_prior=0.5, training=QUICK).fit(X, s)
    with pytest.raises(InputError, match="the scores must be finite"):
        model.predict(X * 1e40)
