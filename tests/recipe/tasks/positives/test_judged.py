from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from dechaff.data.open_positives import open_positives
from tests.recipe.tasks.positives.positives import audit_of, judged, judged_in, opened, truth


def test_the_interval_of_the_prior_holds_the_truth():
    found, _ = judged()
    assert found.used.name == "consensus"
    assert found.used.class_prior_low < truth().mean() < found.used.class_prior_high
    assert found.class_prior == pytest.approx(opened().labelled.mean() / found.c)


def test_hidden_positives_are_those_that_c_leaves_out():
    found, n_labelled = judged()[0], opened().labelled.sum()
    assert found.hidden(found.c) == pytest.approx(n_labelled / found.c - n_labelled)


def test_chances_tell_hidden_positives_from_negatives():
    rows = ~opened().labelled
    rows[:4] = False  # made by hand
    assert f1_score(truth()[rows], judged()[1].chances[rows] >= 0.5) > 0.9


def test_the_share_of_labelled_rows_among_like_ones_never_exceeds_c():
    assert judged()[1].label_shares.max() <= judged()[0].c
    assert np.all(judged()[1].chances <= 1)


@pytest.mark.slow
def test_wrong_labels_do_not_make_hidden_positives_doubtful():
    """Ten negatives are labelled by mistake: chances stay near 1 and 0 where the classes are far apart."""
    random = np.random.default_rng(5)
    y = random.random(1200) < 0.4
    labelled = y & (random.random(1200) < 0.4)
    labelled[np.flatnonzero(~y)[:10]] = True
    x = random.normal(size=1200) + 6 * y
    data = {"x": x.tolist(), "s": ["yes" if one else None for one in labelled]}
    whole, found = judged_in(audit_of(open_positives(data, label="s")))
    assert 0.03 < whole.errors.rate < 0.08
    assert found.chances[y & ~labelled].mean() > 0.9 > 0.02 > found.chances[~y & ~labelled].mean()
    assert found.label_shares[~y & labelled].mean() < 0.05
