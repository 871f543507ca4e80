import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.pu.metrics.rates import Rates, population_mean, rates

LABELLED = np.array([True, True, False, False, False])
PREDICTED = np.array([True, False, True, False, False])


def test_the_population_is_all_rows_of_one_sample() -> None:
    assert rates(LABELLED, PREDICTED, 0.8) == Rates(recall=0.5, predicted=0.4, prior=0.5)


def test_the_population_is_the_unlabelled_rows_in_the_case_control_scheme() -> None:
    found = rates(LABELLED, PREDICTED, 0.8, scheme="case-control")
    assert (found.recall, found.predicted) == (0.5, pytest.approx(1 / 3))
    assert found.prior == pytest.approx(0.5 / 3)


def test_a_row_of_weight_two_counts_as_two_rows() -> None:
    twice = np.array([0, 1, 1, 2, 2, 3, 4])
    weights = np.array([1.0, 2.0, 2.0, 1.0, 1.0])
    assert rates(LABELLED, PREDICTED, 0.8, weights=weights) == rates(LABELLED[twice], PREDICTED[twice], 0.8)


def test_the_mean_over_the_population() -> None:
    assert population_mean(PREDICTED, LABELLED, np.ones(5), "single-training-set") == pytest.approx(0.4)
    assert population_mean(PREDICTED, LABELLED, np.ones(5), "case-control") == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("labelled", "predicted", "weights", "names"),
    [
        (LABELLED, PREDICTED[:4], None, "predicted"),
        (np.ones(5, dtype=bool), PREDICTED, None, "of both kinds"),
        (np.zeros(5, dtype=bool), PREDICTED, None, "of both kinds"),
        (LABELLED.astype(int) + 1, PREDICTED, None, "True and False"),
        (LABELLED, PREDICTED, np.array([0.0, 0, 1, 1, 1]), "of both kinds"),
    ],
)
def test_what_cannot_be_used_is_refused(
    labelled: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None, names: str
) -> None:
    with pytest.raises(InputError, match=names):
        rates(labelled, predicted, 0.8, weights=weights)


def test_c_and_the_scheme_are_checked() -> None:
    with pytest.raises(InputError, match="c must"):
        rates(LABELLED, PREDICTED, 0.0)
    with pytest.raises(InputError, match="scheme must"):
        rates(LABELLED, PREDICTED, 0.5, scheme="both")  # type: ignore[arg-type]
