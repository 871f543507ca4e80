"""Trust is the rising fraction of matched detections over its largest value."""

from __future__ import annotations

import numpy as np

from dechaff.methods.object_detection.detection_trust import detection_trust


def test_missing_labels_do_not_lower_the_trust() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.random(20_000)
    real = rng.random(20_000) < confidence
    labelled = real & (rng.random(20_000) < 0.8)
    trust = detection_trust(confidence, labelled)
    assert abs(trust - confidence).mean() < 0.05
    assert abs(labelled.mean() / confidence.mean() - 0.8) < 0.02


def test_trust_depends_on_the_order_of_confidences_alone() -> None:
    rng = np.random.default_rng(1)
    confidence, matched = rng.random(500), rng.random(500) < 0.5
    np.testing.assert_allclose(detection_trust(confidence, matched), detection_trust(confidence**3 / 2, matched))


def test_no_detections_and_none_that_match() -> None:
    assert detection_trust(np.zeros(0), np.zeros(0, dtype=bool)).shape == (0,)
    assert np.isfinite(detection_trust(np.array([0.5]), np.array([False]))).all()
