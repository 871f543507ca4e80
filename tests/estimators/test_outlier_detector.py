"""``OutlierDetector`` in scikit-learn's form."""

from __future__ import annotations

import numpy as np
import pytest

import dechaff

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(400, 3))
ROWS[:4] += 25


def test_new_rows_are_judged_by_the_training_rows() -> None:
    detector = dechaff.OutlierDetector().fit(ROWS)
    assert np.flatnonzero(detector.predict(ROWS) == -1).tolist() == [0, 1, 2, 3]
    assert detector.predict([[0, 0, 0], [30, -30, 30], [np.nan, 0, 0]]).tolist()[:2] == [1, -1]
    np.testing.assert_allclose(detector.decision_function(ROWS), detector.score_samples(ROWS) - detector.offset_)


def test_it_agrees_with_find_outliers() -> None:
    rows = ROWS.round(2)
    scores = dechaff.OutlierDetector().fit(rows).score_samples(rows)
    np.testing.assert_allclose(10**scores, dechaff.find_outliers(rows).p_value)


def test_a_seed_decides() -> None:
    one, same, other = (dechaff.OutlierDetector(random_state=seed).fit(ROWS).score_samples(ROWS) for seed in (1, 1, 2))
    assert one.tolist() == same.tolist()
    assert one.tolist() != other.tolist()


def test_a_rate_out_of_range_is_an_error() -> None:
    with pytest.raises(ValueError, match="false_discovery_rate"):
        dechaff.OutlierDetector(false_discovery_rate=2).fit(ROWS)
