from __future__ import annotations

import numpy as np
import pytest
from cleanlab.internal.util import value_counts as their_counts

from dechaff.compat.cleanlab.internal.util import print_noise_matrix, value_counts


def test_values_are_counted_as_by_cleanlab() -> None:
    for values, options in (([2, 0, 0], {}), ([2, 0, 0], {"num_classes": 5}), ([[0, 1], [1]], {"multi_label": True})):
        assert value_counts(values, **options).tolist() == their_counts(values, **options).tolist()
    assert value_counts(["b", "a", "b"]).tolist() == [1, 2]


def test_a_matrix_is_printed_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    print_noise_matrix(np.array([[0.9, 0.25], [0.1, 0.75]]), round_places=1)
    assert capsys.readouterr().out.startswith("trace 1.6\n[[0.9 0.2]")
