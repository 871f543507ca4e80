from __future__ import annotations

import numpy as np

from dechaff.methods.label_evidence.training_dynamics import cartography
from tests.methods.label_evidence.trainings import training


def test_the_map_by_hand() -> None:
    stages = np.array([[[0.2, 0.8], [1.0, 0.0]], [[0.6, 0.4], [1.0, 0.0]]])
    seen = cartography(np.array([0, 0]), stages)
    np.testing.assert_allclose(seen.confidence, [0.4, 1.0])
    np.testing.assert_allclose(seen.variability, [0.2, 0.0])
    np.testing.assert_allclose(seen.correctness, [0.5, 1.0])


def test_logits_and_their_probabilities_make_one_map() -> None:
    labels, _, stages = training()
    probs = np.exp(stages) / np.exp(stages).sum(axis=2, keepdims=True)
    np.testing.assert_allclose(cartography(labels, stages).score, cartography(labels, probs).score)


def test_wrong_labels_are_hard_to_learn() -> None:
    labels, wrong, stages = training()
    score = cartography(labels, stages).score
    assert score[wrong].mean() > score[~wrong].mean() + 0.2
