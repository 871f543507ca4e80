import numpy as np
import pytest

from dechaff.models.estimator import user_model
from dechaff.recipe.baseline.race import simplest_of_the_best
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.select import select
from tests.models.tables import alone
from tests.recipe.baseline.test_baseline import blobs, opened


@pytest.mark.slow
def test_a_model_is_kept_and_fitted_on_all_rows():
    train = opened(*blobs(300, noise=0))
    kept = select(train, alone(300), AuditSettings())
    assert [row.chosen for row in kept.candidates].count(True) == 1
    assert len(kept.candidates) == 4
    for row in kept.candidates:
        assert row.low <= row.score <= row.high
    assert (kept.fitted.probs(train.table).argmax(axis=1) == train.codes).mean() > 0.9
    assert kept.class_names == train.class_names


def test_the_users_model_competes():
    from sklearn.dummy import DummyClassifier

    kept = select(opened(*blobs(200, noise=0)), alone(200), AuditSettings(model=user_model(DummyClassifier())))
    assert kept.candidates[-1].name == "DummyClassifier"
    assert not kept.candidates[-1].chosen


def test_a_tie_goes_to_the_simpler_model():
    random = np.random.default_rng(0)
    first = random.random(200)
    assert simplest_of_the_best([first, first - 0.001 * random.normal(size=200)]) == 0
    assert simplest_of_the_best([first, first, first - 0.1]) == 2
