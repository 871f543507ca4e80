from __future__ import annotations

import numpy as np

from dechaff.recipe.consensus.model_view import SoftFit, spread_labels


def test_labels_are_spread_as_the_probabilities_are() -> None:
    posterior = np.array([[0.25, 0.5, 0.25], [0.0, 0.1, 0.9]])
    assert spread_labels(posterior, 4).tolist() == [[0, 1, 1, 2], [2, 2, 2, 2]]


def test_a_model_learns_each_row_with_all_of_its_labels() -> None:
    seen = {}

    def model(fit_rows: np.ndarray, codes: np.ndarray, predict_rows: np.ndarray) -> np.ndarray:
        seen["rows"], seen["codes"] = fit_rows.tolist(), codes.tolist()
        return np.full((len(predict_rows), 2), 0.5)

    probs = SoftFit(model, np.array([[0, 1], [1, 1], [0, 0]]))(np.array([0, 2]), np.array([9, 9]), np.array([1]))
    assert seen == {"rows": [0, 0, 2, 2], "codes": [0, 1, 0, 0]}
    assert probs.shape == (1, 2)
