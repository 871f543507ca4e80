from __future__ import annotations

import os
from functools import partial
from typing import Any

import joblib
import numpy as np
import pytest

from dechaff.errors import LabelsError
from dechaff.models.out_of_fold import out_of_fold
from dechaff.models.side_by_side import side_by_side
from tests.clusters import CLUSTERS

FOLDS = np.array([0, 0, 1, 1])


def process_of(item: int) -> int:
    return os.getpid()


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_of_this_process_are_the_usual_place(threads: int) -> None:
    assert set(side_by_side(process_of, range(4), threads=threads)) == {os.getpid()}


def test_the_backends_of_joblib_itself_are_left_aside() -> None:
    with joblib.parallel_config("loky", n_jobs=2):
        assert set(side_by_side(process_of, range(4), threads=2)) == {os.getpid()}


@pytest.mark.parametrize("engine", CLUSTERS)
def test_folds_are_trained_on_the_cluster_that_joblib_was_told_of(engine: str, request: pytest.FixtureRequest) -> None:
    codes, trained = np.array([0, 1, 0, 1]), []

    def fit_predict(fit_rows: Any, fit_codes: Any, predict_rows: Any, *, home: int) -> np.ndarray:
        assert os.getpid() != home
        return np.tile([fit_codes.mean(), 1 - fit_codes.mean()], (len(predict_rows), 1))

    with request.getfixturevalue(f"{engine}_cluster").joblib():
        probs = out_of_fold(
            partial(fit_predict, home=os.getpid()),
            codes,
            FOLDS,
            2,
            progress=lambda step, done, of: trained.append(done),
        )
        with pytest.raises(LabelsError, match="the label column must have labels in at least two folds"):
            out_of_fold(partial(fit_predict, home=os.getpid()), np.array([0, 1, -1, -1]), FOLDS, 2)
    np.testing.assert_array_equal(probs, np.full((4, 2), 0.5))
    assert trained == [1, 2]
