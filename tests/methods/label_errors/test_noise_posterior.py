"""The deconvolution, against a plain loop over dense matrices."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.label_errors.noise_posterior import STEPS, Blend, RowErrorOdds, noise_posterior
from tests.methods.label_errors.made import made, some_noise


def plain(labels: np.ndarray, probs: np.ndarray, transition: np.ndarray) -> np.ndarray:
    true = np.full(probs.shape, 1 / probs.shape[1])
    for step in range(STEPS):
        pull = (probs / (true @ transition.T)) @ transition
        true = true * pull ** (2 if step % 2 == 0 else 1)
        true /= true.sum(axis=1, keepdims=True)
    likely = transition[labels] * true
    return likely / likely.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("k", [3, 6])
def test_doubted_rows_get_the_posterior_of_the_plain_loop(k: int) -> None:
    transition = 0.99 * some_noise(k, 0.3) + 0.01 / k
    data = made(transition, n=500, skill=2.5)
    doubted = data.probs.argmax(axis=1) != data.labels
    found = noise_posterior(data.labels, data.probs, transition=transition)
    np.testing.assert_allclose(found[doubted], plain(data.labels, data.probs, transition)[doubted], atol=5e-3)


def test_rows_that_agree_with_the_model_are_right() -> None:
    transition = 0.99 * some_noise(6, 0.3) + 0.01 / 6
    data = made(transition, n=500, skill=2.5)
    found = noise_posterior(data.labels, data.probs, transition=transition)
    sure = (data.probs.argmax(axis=1) == data.labels) & (data.probs.max(axis=1) > 0.5)
    gap = found[sure] - plain(data.labels, data.probs, transition)[sure]
    assert np.abs(gap).max() < 0.15
    assert np.abs(gap).mean() < 0.01


def test_of_many_classes_the_posterior_lies_on_few() -> None:
    data = made(some_noise(40, 0.2), n=300, skill=4.0)
    found = noise_posterior(data.labels, data.probs, transition=0.99 * data.transition + 0.01 / 40)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert ((found > 0).sum(axis=1) <= 7).all()
    assert (found.argmax(axis=1) == data.true).mean() > 0.9


def test_clean_labels_stay_as_the_model_sees_them() -> None:
    """A T next to identity must give the probabilities back: every other step twice as long must not swing."""
    probs = np.array([[0.3, 0.6, 0.1], [0.45, 0.35, 0.2]])
    transition = 0.998 * np.eye(3) + 0.002 / 3
    found = noise_posterior(np.array([0, 2]), probs, transition=transition)
    odds = found[0, 1] / found[0, 0]
    assert odds < 0.01  # T allows one label in a thousand to be wrong: the label 0 stands against .6


@pytest.mark.parametrize("k", [2, 3, 10, 40])
@pytest.mark.parametrize("at_once", [1, 2, 7])
def test_a_row_has_the_same_bits_alone_and_among_others(k: int, at_once: int) -> None:
    transition = 0.99 * some_noise(k, 0.3) + 0.01 / k
    data = made(transition, n=60, skill=2.5)
    verdicts = RowErrorOdds(1.2, transition, Blend(0.7, np.linspace(-1, 1, k)))
    together, sums = verdicts.rows_and_state({"labels": data.labels, "probs": data.probs})
    pieces = [slice(start, start + at_once) for start in range(0, 60, at_once)]
    apart = [verdicts.rows_and_state({"labels": data.labels[at], "probs": data.probs[at]}) for at in pieces]
    for name, answers in together.items():
        np.testing.assert_array_equal(np.concatenate([some[name] for some, _ in apart]), answers)
    np.testing.assert_array_equal(sum(some.joint for _, some in apart), sums.joint)
    np.testing.assert_array_equal(sum(some.wrong for _, some in apart), sums.wrong)
