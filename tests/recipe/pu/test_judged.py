from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from tests.recipe.pu.positives import judged, truth


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
