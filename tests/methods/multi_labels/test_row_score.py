"""One score for a row of several labels."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.multi_labels.row_score import row_log_odds, row_score


def test_weights_fall_from_the_worst_label_on():
    # (.9 * 2 + .09 * 1 + .009 * -3) / .999
    assert row_log_odds(np.array([[1.0, -3.0, 2.0]])) == pytest.approx([(1.8 + 0.09 - 0.027) / 0.999])


def test_one_bad_label_outweighs_many_doubtful_ones():
    sure, doubtful = np.full(20, -8.0), np.full(20, -1.0)
    sure[3] = 6.0
    first, second = row_score(np.stack([sure, doubtful]))
    assert first > 0.9 > 0.5 > second


def test_rows_of_no_label_are_not_doubted():
    assert row_score(np.zeros((2, 0))).tolist() == [0, 0]
    assert row_score(np.zeros((0, 3))).shape == (0,)
