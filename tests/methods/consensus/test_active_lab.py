from __future__ import annotations

from dataclasses import replace

import numpy as np

from dechaff.methods.consensus.active_lab import another_answer, first_answer
from dechaff.methods.consensus.crowdlab import crowdlab
from tests.methods.consensus.test_crowdlab import ANSWERS, MODEL, TRUTH

FOUND = crowdlab(ANSWERS, [MODEL], consensus=TRUTH)


def test_of_rows_of_one_surety_those_with_few_answers_come_first() -> None:
    alike = replace(FOUND, posterior=np.repeat(FOUND.posterior[:1], 4, axis=0), consensus=np.zeros(4, dtype=np.int64))
    doubt = another_answer(alike)
    assert doubt[3] > doubt[2] > doubt[1] == doubt[0]


def test_rows_that_nobody_answered_stand_on_the_same_scale() -> None:
    by_model = replace(FOUND, posterior=MODEL, answer_weight=np.zeros(4))
    np.testing.assert_allclose(first_answer(FOUND, MODEL[None]), another_answer(by_model))
