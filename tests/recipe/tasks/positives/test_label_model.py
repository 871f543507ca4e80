from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from dechaff.core.progress import silent
from dechaff.data.open_positives import open_positives
from dechaff.recipe.explore.explore import STOPPED, explore
from dechaff.recipe.tasks.positives.label_model import model_of_the_label
from dechaff.records.findings import Detection


def _noise(n: int = 120):
    random = np.random.default_rng(0)
    data = {"x": random.normal(size=n).tolist(), "s": ["yes" if one < 0.3 else None for one in random.random(n)]}
    return open_positives(data, label="s")


def test_a_model_that_knows_nothing_of_the_label_is_not_trusted():
    found = _noise()
    base = model_of_the_label(found, explore(found.train), model=LogisticRegression(), progress=silent)
    assert not base.trusted
    assert base.reason.startswith("No model can tell rows labelled 'yes' from the others")


def test_once_it_was_stopped_nothing_is_trained():
    found = _noise()
    stopped = replace(explore(found.train), detections=(Detection("D001", not_run=STOPPED),))
    base = model_of_the_label(found, stopped, progress=silent)
    assert (base.trusted, base.reason, base.model) == (False, STOPPED, None)
