"""What reading rows will bring, as the report says it."""

from __future__ import annotations

import msgspec
import numpy as np

from dechaff.recipe.improve.label_outlook import with_outlook
from dechaff.recipe.improve.mislabelled import find_mislabelled
from dechaff.records.metrics import Noise
from tests.recipe.made import column, made

N, NAMES = 300, ("ant", "bee", "cat")
TRUE = np.arange(N) % 3
WRONG = np.arange(0, 60, 2)


def outlook(wrong: np.ndarray) -> Noise:
    labels = [NAMES[code] for code in TRUE]
    for row in wrong:
        labels[row] = NAMES[(TRUE[row] + 1) % 3]
    train = made([column("x", list(range(N)))], labels, class_names=NAMES)
    probs = np.full((N, 3), 0.1 / 3) + 0.9 * np.eye(3)[TRUE]
    return with_outlook(Noise(), find_mislabelled(train, probs, among=np.ones(N, bool)), train)


def test_the_budget_holds_the_errors_and_the_planted_ones_come_back() -> None:
    found = outlook(WRONG)
    assert [step.rows for step in found.budget] == [10, 20, 50, 100, 200, 300]
    assert found.budget[0].errors > 9
    assert found.budget[-1].low <= len(WRONG) <= found.budget[-1].high
    assert found.recall.mean > 0.8
    assert msgspec.convert(msgspec.to_builtins(found), Noise) == found


def test_where_nothing_is_flagged_nothing_is_promised() -> None:
    assert outlook(np.zeros(0, dtype=int)) == Noise()
