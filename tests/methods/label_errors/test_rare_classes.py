import numpy as np

from dechaff.methods.label_errors.rare_classes import rare_classes


def test_the_score_falls_with_the_rows_and_ends_at_enough() -> None:
    assert rare_classes(np.array([0, 2, 5, 10, 5000])).tolist() == [1.0, 0.8, 0.5, 0.0, 0.0]
    assert rare_classes(np.empty(0, dtype=np.int64)).tolist() == []
