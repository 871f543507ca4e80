from __future__ import annotations

import numpy as np
import pytest

from dechaff.data.open import open_data
from dechaff.recipe.engine.mining import Served, _failing_classes


@pytest.mark.parametrize(("learnt", "failing"), [((300, 0), [1]), ((300, 40), [1]), ((300, 110), [])])
def test_a_class_stays_a_slice_until_training_has_enough_of_it(learnt: tuple[int, int], failing: list[int]) -> None:
    rng, labels = np.random.default_rng(0), np.repeat(["a", "c"], [300, 100])
    rows = open_data({"u": rng.normal(size=400), "y": labels}, label="y").train
    wrong = rng.random(400) < np.where(labels == "a", 0.05, 0.35)
    served = Served(rows, np.full((400, 2), 0.5), np.where(wrong, 1 - rows.codes, rows.codes), np.array(learnt))
    assert _failing_classes(served, wrong, np.ones(400, dtype=bool)) == failing
