import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.pu.class_prior.feature_rows import check_feature_rows


def test_rows_of_both_kinds_pass() -> None:
    check_feature_rows(np.zeros((2, 1)), np.array([True, False]), fewest=2)


@pytest.mark.parametrize("labelled", [np.array([1, 0]), np.array([True, True]), np.array([False, False])])
def test_other_marks_are_refused(labelled: np.ndarray) -> None:
    with pytest.raises(InputError, match="labelled must be True for some rows and False for some"):
        check_feature_rows(np.zeros((2, 1)), labelled, fewest=2)
