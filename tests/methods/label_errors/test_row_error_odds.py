"""What is said of a row does not depend on the company it is in."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.label_errors.row_error_odds import RowErrorOdds
from tests.methods.label_errors.made import made, some_noise


@pytest.mark.parametrize("k", [2, 3, 10, 40])
@pytest.mark.parametrize("at_once", [1, 2, 7])
def test_a_row_has_the_same_bits_alone_and_among_others(k: int, at_once: int) -> None:
    transition = 0.99 * some_noise(k, 0.3) + 0.01 / k
    data = made(transition, n=60, skill=2.5)
    verdicts = RowErrorOdds(1.2, transition, 0.3)
    together, joint = verdicts.rows_and_state({"labels": data.labels, "probs": data.probs})
    pieces = [slice(start, start + at_once) for start in range(0, 60, at_once)]
    apart = [verdicts.rows_and_state({"labels": data.labels[at], "probs": data.probs[at]}) for at in pieces]
    for name, answers in together.items():
        np.testing.assert_array_equal(np.concatenate([some[name] for some, _ in apart]), answers)
    np.testing.assert_array_equal(sum(some for _, some in apart), joint)
