from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict

from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors
from dechaff.methods.label_reviews.proof_of_order import PROOF, log_wealth
from dechaff.methods.label_reviews.review_corrections import JudgedRows, row_evidence
from dechaff.methods.label_reviews.updated_scores import updated_scores

N = 200


def bets(effect: float, seed: int) -> float:
    """Wealth after reviews of rows whose two halves differ in truth by an effect."""
    random = np.random.default_rng(seed)
    offset, half = np.sort(random.normal(0, 2, N))[::-1], random.integers(0, 2, N) * 1.0
    truth = (random.random(N) < expit(offset + effect * (half - 0.5))) * 1.0
    line = np.stack([np.ones(N), offset], axis=1)
    both = np.hstack([line, half[:, None], 1 - half[:, None]])
    return log_wealth([(line, np.ones(2)), (both, np.ones(4))], offset, truth)


def test_where_there_is_no_effect_a_proof_is_rare() -> None:
    assert np.mean([bets(0.0, seed) >= PROOF for seed in range(100)]) <= 0.05


def test_a_large_effect_is_proved() -> None:
    assert np.mean([bets(4.0, seed) >= PROOF for seed in range(30)]) > 0.9


def test_no_reviews_below_the_first_ones_prove_nothing() -> None:
    line, marks = (np.ones((15, 1)), np.ones(1)), (np.eye(15), np.ones(15))
    assert log_wealth([line, marks], np.zeros(15), np.ones(15)) == 0


def found(noise: str, seed: int) -> tuple[JudgedRows, np.ndarray]:
    """Rows of scikit-learn with wrong labels, judged by a logistic regression, and which are wrong."""
    random = np.random.default_rng(seed)
    x, true = make_classification(2500, 12, n_informative=8, n_classes=5, flip_y=0, class_sep=1.2, random_state=seed)
    shift = np.ones(len(true), dtype=int) if noise == "by class" else random.integers(1, 5, len(true))
    chance = np.array([0.05, 0.4, 0.1, 0.3, 0.0])[true] if noise == "by class" else 0.15
    given = np.where(random.random(len(true)) < chance, (true + shift) % 5, true)
    probs = cross_val_predict(LogisticRegression(max_iter=500), x, given, method="predict_proba")
    judged = estimate_label_errors(given, probs)
    return JudgedRows(judged.log_odds, given, judged.suggested, row_evidence(given, probs)), given != true


@pytest.mark.parametrize("noise", ["by class", "uniform"])
def test_on_these_sets_learning_does_not_spoil_the_order_of_rows_without_a_review(noise: str) -> None:
    changes = []
    for seed in range(4):
        rows, wrong = found(noise, seed)
        order = np.argsort(-rows.log_odds, kind="stable")
        few = order[:20]
        assert not updated_scores(rows, reviewed=few, wrong=wrong[few]).proved
        for number in (100, 200, 300):
            updated = updated_scores(rows, reviewed=order[:number], wrong=wrong[order[:number]]).log_odds(rows)
            rest = order[number:]
            after, before = (average_precision_score(wrong[rest], odds[rest]) for odds in (updated, rows.log_odds))
            changes.append(after - before)
    assert min(changes) > -0.002
    assert noise == "uniform" or np.mean(changes) > 0.01
