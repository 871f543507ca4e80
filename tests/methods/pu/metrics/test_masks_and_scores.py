from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import dechaff
from dechaff.errors import InputError
from dechaff.methods.pu.metrics.masks_and_scores import mask, scores_of_rows

LABELLED = np.array([True, True, True, False, False, False, False, False])
PREDICTED = np.array([True, True, False, True, True, False, False, False])
SCORES = np.array([0.9, 0.8, 0.3, 0.7, 0.6, 0.2, 0.1, 0.4])


@pytest.mark.parametrize("values", [[True, False], [1, 0], np.array([1.0, 0.0]), pd.Series([1, 0], index=[7, 9])])
def test_1_and_0_are_true_and_false(values: object) -> None:
    assert mask("labelled", values).tolist() == [True, False]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([1, -1], "-1 in row 1"),
        (["yes", "no"], "array of <U3"),
        ([1.0, np.nan], "nan in row 1"),
        ([[1], [0]], r"\(2, 1\)"),
    ],
)
def test_other_values_are_refused(values: object, found: str) -> None:
    with pytest.raises(InputError, match=f"predicted must .*{found}"):
        mask("predicted", values)  # type: ignore[arg-type]


def test_both_columns_of_predict_proba_are_refused() -> None:
    with pytest.raises(InputError, match=r"shape \(8, 2\)[\s\S]*column of the positive class"):
        scores_of_rows("scores", np.column_stack([1 - SCORES, SCORES]))


@pytest.mark.parametrize("metric", [dechaff.pu_f1, dechaff.pu_precision, dechaff.pu_accuracy])
@pytest.mark.parametrize("kind", [list, lambda rows: rows.astype(int), pd.Series])
def test_predictions_of_1_and_0_are_judged_as_those_of_true_and_false(
    metric: Callable[..., float], kind: Callable[[np.ndarray], np.ndarray]
) -> None:
    judged = metric(LABELLED, PREDICTED, 0.6)
    assert metric(LABELLED, kind(PREDICTED), 0.6) == metric(kind(LABELLED), PREDICTED, 0.6) == judged


@pytest.mark.parametrize("metric", [dechaff.lee_liu, dechaff.pu_recall])
def test_so_are_they_by_metrics_without_c(metric: Callable[..., float]) -> None:
    assert metric(LABELLED, PREDICTED.astype(int)) == metric(LABELLED, PREDICTED)


@pytest.mark.parametrize("metric", [dechaff.pu_auc, dechaff.pu_log_loss])
def test_labels_of_1_and_0_and_lists_are_judged_alike(metric: Callable[..., float]) -> None:
    judged = metric(LABELLED, SCORES, 0.6)
    assert metric(LABELLED.astype(int), SCORES, 0.6) == metric(LABELLED.tolist(), SCORES.tolist(), 0.6) == judged


def test_lengths_that_differ_are_told_without_weights_that_nobody_gave() -> None:
    with pytest.raises(InputError, match="labelled and predicted must") as caught:
        dechaff.pu_recall(LABELLED, PREDICTED[:5])
    assert "weights" not in str(caught.value)
