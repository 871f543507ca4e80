"""The energy of the outputs of a classifier."""

from __future__ import annotations

import numpy as np

from dechaff.methods.outliers.energy import ClassEnergy, class_energy


def test_it_is_the_log_sum_of_exponentials_of_centred_logits() -> None:
    logits = np.random.default_rng(0).normal(size=(20, 4))
    logits -= logits.mean(axis=1, keepdims=True)
    total = np.exp(logits).sum(axis=1)
    np.testing.assert_allclose(class_energy(np.exp(logits) / total[:, None]), -np.log(total))


def test_a_certain_model_has_the_least_and_an_undecided_one_the_most() -> None:
    rows = ClassEnergy().rows({"probs": np.array([[1.0, 0.0], [0.9, 0.1], [0.5, 0.5]])})
    assert 0 < rows[0] < rows[1] < rows[2]
