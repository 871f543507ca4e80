from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from dechaff.data.open_positives import open_positives
from dechaff.recipe.tasks.positives.audit import audit_positives
from tests.recipe.tasks.positives.positives import judged, truth


def test_the_interval_of_the_prior_holds_the_truth():
    assert judged().used.name == "consensus"
    assert judged().used.class_prior_low < truth().mean() < judged().used.class_prior_high
    assert judged().class_prior == pytest.approx(judged().labelled.mean() / judged().c)


def test_hidden_positives_are_those_that_c_leaves_out():
    n_labelled = judged().labelled.sum()
    assert judged().hidden(judged().c) == pytest.approx(n_labelled / judged().c - n_labelled)


def test_chances_tell_hidden_positives_from_negatives():
    rows = ~judged().labelled
    rows[:4] = False  # made by hand
    assert f1_score(truth()[rows], judged().chances[rows] >= 0.5) > 0.9


def test_the_share_of_labelled_rows_among_like_ones_never_exceeds_c():
    assert judged().label_shares.max() <= judged().c
    assert np.all(judged().chances <= 1)


@pytest.mark.slow
def test_wrong_labels_do_not_make_hidden_positives_doubtful():
    """Ten negatives are labelled by mistake: chances stay near 1 and 0 where the classes are far apart."""
    random = np.random.default_rng(5)
    y = random.random(1200) < 0.4
    labelled = y & (random.random(1200) < 0.4)
    labelled[np.flatnonzero(~y)[:10]] = True
    x = random.normal(size=1200) + 6 * y
    data = {"x": x.tolist(), "s": ["yes" if one else None for one in labelled]}
    found = audit_positives(open_positives(data, label="s"), model=LogisticRegression()).judged
    assert found is not None
    assert 0.03 < found.errors.rate < 0.08
    assert found.chances[y & ~labelled].mean() > 0.9 > 0.02 > found.chances[~y & ~labelled].mean()
    assert found.label_shares[~y & labelled].mean() < 0.05
