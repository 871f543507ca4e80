"""The table of estimates: printed, looked up, handed on."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info

from dechaff.estimators.pu import estimates as module
from dechaff.estimators.pu.estimates import pu_estimates
from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.estimates import estimates

F = np.array([0.99, 0.9, 0.5, 0.1, 0.01])
BINNED = BinnedScores(0.4 * F, 1000 * 0.4 * F, 1000 * (1 - 0.4 * F))
TABLE = pu_estimates(BINNED, scheme="single-training-set", used="consensus", n_bootstraps=20, seed=0)


def test_there_is_a_row_an_estimator_and_one_is_used() -> None:
    names = ["e1", "e2", "e3", "best_bin", "top_bin", "dedpul", "plateau", "consensus"]
    assert [row.name for row in TABLE] == names
    assert [row.name for row in TABLE if row.used] == ["consensus"]
    assert TABLE[-1] is TABLE["consensus"]
    assert len(TABLE) == 8


def test_the_prior_follows_from_c_and_so_do_its_ends() -> None:
    row = TABLE["e1"]
    share = BINNED.n_labelled / 5000
    assert row.class_prior == pytest.approx(share / row.c)
    assert (row.class_prior_low, row.class_prior_high) == pytest.approx((share / row.c_high, share / row.c_low))


def test_it_prints_as_a_table_with_a_line_a_row() -> None:
    lines = str(TABLE).splitlines()
    assert len(lines) == 9
    assert lines[0].split() == ["estimator", "c", "95", "%", "interval", "class", "prior", "95", "%", "interval"]
    assert lines[-1].endswith("used by predict")
    assert repr(TABLE) == str(TABLE)


def test_it_becomes_a_frame_of_polars_or_pandas() -> None:
    assert TABLE.frame().shape == (8, 9)
    assert pd.DataFrame(TABLE.records()).columns.tolist() == TABLE.frame().columns


def test_it_travels_by_pickle() -> None:
    assert pickle.loads(pickle.dumps(TABLE)) == TABLE


def test_a_name_that_is_not_there_is_said_to_be_none() -> None:
    with pytest.raises(KeyError, match="'e4' is none of the estimates: e1, e2"):
        TABLE["e4"]


def test_small_fits_do_not_wait_for_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def watched(*args: Any, **options: Any) -> Any:
        threads.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return estimates(*args, **options)

    monkeypatch.setattr(module, "estimates", watched)
    pu_estimates(BINNED, scheme="single-training-set", used=None, n_bootstraps=1, seed=0)
    assert set(threads) == {1}
