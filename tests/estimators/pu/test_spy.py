"""The spy technique: two steps written out, and its negatives held against the truth."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from dechaff.estimators.pu.spy import SpyClassifier
from tests.estimators.pu.pu_data import two_clouds


def test_it_is_the_two_steps_written_out() -> None:
    X, _, s = two_clouds(300, apart=2.0)
    folds, votes = KFold(3, shuffle=True, random_state=0), np.zeros(300)
    for _, part in folds.split(X):
        spies = np.isin(np.arange(300), part) & s
        score = LogisticRegression().fit(X, s & ~spies).predict_proba(X)[:, 1]
        votes += score < np.sort(score[spies])[int(0.05 * spies.sum())]
    negative = ~s & (votes >= 2)
    by_hand = LogisticRegression().fit(X[s | negative], s[s | negative])
    model = SpyClassifier(LogisticRegression(), cv=folds).fit(X, s)
    assert np.array_equal(model.reliable_negatives_, negative)
    assert np.allclose(model.predict_proba(X), by_hand.predict_proba(X), atol=1e-9)


def test_its_negatives_are_negative_and_more_may_be_lost() -> None:
    X, y, s = two_clouds(2000, c=0.3)
    few, many = SpyClassifier().fit(X, s), SpyClassifier(lost=0.3).fit(X, s)
    draws = [SpyClassifier(random_state=seed).fit(X, s).reliable_negatives_ for seed in range(8)]
    # 5 % of the hidden positives (0.7 of half of the rows) may be lost, beside all negatives: 35 of 1,035.
    assert np.mean([y[negatives].mean() for negatives in draws]) < 0.038
    assert few.reliable_negatives_[~y].mean() > 0.9
    assert y[many.reliable_negatives_].mean() > y[few.reliable_negatives_].mean()
    assert (few.predict(X) == y).mean() > 0.95
    assert not few.reliable_negatives_[s].any()
