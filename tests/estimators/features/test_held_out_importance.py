from __future__ import annotations

import numpy as np

from dechaff.core.table import Table
from dechaff.estimators.features.held_out_importance import held_out_importance


def test_the_only_relevant_column_of_several_is_stable_and_the_others_are_not() -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(160, 4)), random.integers(0, 2, 160)
    X[:, 2] += 2 * y
    found = held_out_importance(Table.of_numbers(X).columns, y, pairs=1)
    assert found["f2"].stability == 1
    assert found["f2"].importance.low > 0.1
    others = [one for name, one in found.items() if name != "f2"]
    assert max(one.stability for one in others) == 0
    assert max(one.importance.low for one in others) < 0.02
