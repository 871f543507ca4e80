"""The trainers learn, doubt the rows that they should, and take the same steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax

from dechaff.errors import InputError
from dechaff.methods.noise_robust.co_teaching import CoTeaching
from dechaff.methods.noise_robust.divide_mix import DivideMixLite, probably_right
from dechaff.methods.noise_robust.mixup import Mixup, mixed
from dechaff.methods.noise_robust.network import Adam, DenseNetwork, Training
from dechaff.methods.noise_robust.noise_last import NoiseLast
from dechaff.methods.noise_robust.s_model import SModel, _slope_of_layer
from dechaff.methods.noise_robust.self_paced import SelfPaced
from dechaff.methods.noise_robust.training import NoisyRows, Trainer, WithLoss

TRAINERS: list[Trainer] = [WithLoss(), CoTeaching(0.3), SelfPaced(), Mixup(), SModel(), DivideMixLite()]
TRAINING = Training(hidden=16, epochs=30, batch=32)


def blobs(n: int = 300, noise: float = 0.3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    true = np.arange(n) % 3
    features = rng.normal(size=(n, 4)).astype(np.float32) + 2.5 * np.eye(3, 4, dtype=np.float32)[true]
    wrong = rng.random(n) < noise
    return features, true, np.where(wrong, (true + rng.integers(1, 3, n)) % 3, true)


def last(trainer: Trainer, rows: NoisyRows, features: np.ndarray, seed: int = 0) -> np.ndarray:
    return np.array([p(features) for p in trainer.epochs(rows, TRAINING, np.random.default_rng(seed))])


@pytest.mark.parametrize("trainer", TRAINERS, ids=lambda trainer: type(trainer).__name__)
def test_a_trainer_learns_the_true_classes_from_noisy_labels(trainer: Trainer) -> None:
    features, true, given = blobs()
    rows = NoisyRows.of(features, given, 3, TRAINING)
    epochs = last(trainer, rows, features)
    assert epochs.shape == (30, 300, 3)
    np.testing.assert_allclose(epochs.sum(axis=2), 1, atol=1e-4)
    assert (epochs[-1].argmax(axis=1) == true).mean() > 0.85
    np.testing.assert_array_equal(epochs, last(trainer, rows, features))


def test_rows_of_weight_zero_are_not_learned_from_and_the_steps_stay() -> None:
    features, true, given = blobs()
    rows = NoisyRows.of(features, given, 3, TRAINING)
    weights = (given == true).astype(np.float32)
    dropped = NoisyRows(rows.features, rows.targets, weights, rows.n_steps)
    taken = rows.take(given == true)
    assert taken.n_steps == rows.n_steps
    np.testing.assert_allclose(last(WithLoss(), dropped, features), last(WithLoss(), taken, features), atol=1e-6)


def test_no_row_of_any_weight_is_an_error_and_no_endless_search() -> None:
    rows = NoisyRows.of(np.zeros((4, 2)), np.array([0, 1, 0, 1]), 2, Training())
    with pytest.raises(InputError, match="No row has a weight above 0"):
        next(replace(rows, weights=np.zeros(4, dtype=np.float32)).batches(Training(), np.random.default_rng(0)))


def test_every_row_comes_once_per_pass_and_batches_are_full() -> None:
    features, _, given = blobs(70)
    rows = NoisyRows.of(features, given, 3, TRAINING)
    batches = rows.batches(TRAINING, np.random.default_rng(0))
    first = np.concatenate([next(batches) for _ in range(35)])
    assert np.bincount(first, minlength=70).tolist() == [16] * 70


def test_the_gradient_of_a_network_is_right() -> None:
    rng = np.random.default_rng(0)
    network = DenseNetwork(4, 3, Training(hidden=5), rng)
    features, targets = rng.normal(size=(6, 4)).astype(np.float32), np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]]
    weights = network.adam.values

    def loss() -> float:
        return float(-(targets * np.log(network.probs(features))).sum(axis=1).mean())

    before = weights.copy()
    network.step(features, network.probs(features) - targets)
    for place in range(0, len(before), 7):
        weights[:] = before
        weights[place] += 1e-2
        above = loss()
        weights[place] -= 2e-2
        assert network.gradient[place] == pytest.approx((above - loss()) / 2e-2, abs=2e-3)


def test_adam_first_moves_by_the_learning_rate() -> None:
    values = np.array([1.0, -1.0])
    Adam(values).step(np.array([5.0, -0.1]), rate=0.1)
    np.testing.assert_allclose(values, [0.9, -0.9], atol=1e-6)


def test_the_noise_layer_has_the_gradient_of_its_formula() -> None:
    rng = np.random.default_rng(1)
    probs, targets, logits = (
        softmax(rng.normal(size=(8, 3)), axis=1),
        np.eye(3)[np.arange(8) % 3],
        rng.normal(size=(3, 3)),
    )
    slope = _slope_of_layer(probs, targets, softmax(logits, axis=1))
    for place in np.ndindex(3, 3):
        ends = []
        for sign in (1, -1):
            moved = logits.copy()
            moved[place] += sign * 1e-6
            ends.append(-np.log((probs @ softmax(moved, axis=1) * targets).sum(axis=1)).mean())
        assert slope[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-6)


def test_mixed_rows_have_mixed_labels() -> None:
    targets = np.eye(4, dtype=np.float32)
    features, labels = mixed(targets, targets, 1.0, np.random.default_rng(0))
    np.testing.assert_allclose(features, labels)
    np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)


def test_equal_losses_are_all_as_probably_right() -> None:
    assert np.ptp(probably_right(np.full(5, 0.3, dtype=np.float32))) == 0


def test_doubtful_rows_come_in_last_and_never_those_beyond_the_end() -> None:
    features, true, given = blobs()
    rows, wrong = NoisyRows.of(features, given, 3, TRAINING), given != true
    first, *_ = last(NoiseLast(wrong.astype(float), start=0.5, end=0.5), rows, features)
    order = np.argsort(wrong, kind="stable")[:150]
    alone, *_ = last(WithLoss(), rows.take(order), features)
    np.testing.assert_array_equal(first, alone)
    late = last(NoiseLast(wrong.astype(float)), rows, features)
    assert (late[10].argmax(axis=1) == true).mean() > 0.85
