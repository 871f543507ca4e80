"""INCV selects the rows whose label is right, with ever more rows to learn from."""

from __future__ import annotations

import numpy as np

from dechaff.methods.noise_robust.incv import incv
from dechaff.typing import Labels, Probs, Rows


def test_right_labels_are_selected_and_networks_never_predict_a_row_that_they_learnt_from() -> None:
    rng = np.random.default_rng(0)
    true = np.arange(200) % 2
    features = rng.normal(size=200) + 4 * true
    wrong = rng.random(200) < 0.2
    given = np.where(wrong, 1 - true, true)
    learnt = []

    def fit_predict(fit_rows: Rows, fit_codes: Labels, predict_rows: Rows) -> Probs:
        assert not set(fit_rows) & set(predict_rows)
        learnt.append(len(fit_rows))
        middle = np.mean([features[fit_rows][fit_codes == code].mean() for code in (0, 1)])
        return np.eye(2)[(features[predict_rows] > middle).astype(int)]

    selected = incv(given, fit_predict, rng=rng)
    assert selected[~wrong].mean() > 0.95
    assert selected[wrong].mean() < 0.1
    assert len(learnt) == 8
    assert learnt[0] == 100 < learnt[2]


def test_no_row_is_selected_of_labels_without_pattern() -> None:
    def other(fit_rows: Rows, fit_codes: Labels, predict_rows: Rows) -> Probs:
        return np.eye(2)[np.ones(len(predict_rows), dtype=int)]

    assert not incv(np.zeros(10, dtype=int), other, rng=np.random.default_rng(0)).any()
    assert incv(np.zeros(0, dtype=int), other, rng=np.random.default_rng(0)).shape == (0,)
