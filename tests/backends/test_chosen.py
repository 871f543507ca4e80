from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dechaff.backends.chosen import check_backend, chosen_backend
from dechaff.core.codes import ClassCounts
from dechaff.core.source import ArraySource
from dechaff.errors import InputError
from tests.clusters import CLUSTERS, of_squares

SOURCE = ArraySource({"labels": np.array([0, 1, 1])}, chunk_rows=1)


@pytest.fixture(params=CLUSTERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def address(name: str, request: pytest.FixtureRequest) -> Any:
    """Of the cluster of the session; Ray knows that this process is connected."""
    cluster = request.getfixturevalue(f"{name}_cluster")
    return cluster.client if name == "dask" else None


def test_threads_are_the_usual_place() -> None:
    with chosen_backend() as backend:
        assert backend.fold(ClassCounts(2), SOURCE).tolist() == [1, 2]


def test_a_cluster_takes_the_folds_and_the_work_of_joblib(name: str, address: Any) -> None:
    with chosen_backend(name, address=address) as backend:
        assert backend.fold(ClassCounts(2), SOURCE).tolist() == [1, 2]
        assert of_squares(5) == [0, 1, 4, 9, 16]


def test_an_error_in_the_work_of_joblib_arrives_as_it_was_raised(name: str, address: Any) -> None:
    from joblib import Parallel, delayed

    refused = pytest.raises(InputError, match=r"^backend must be one of local, dask, ray; found 'spark'")
    with chosen_backend(name, address=address), refused:
        Parallel()(delayed(check_backend)(name, None) for name in ("local", "spark"))


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(InputError, match=r"backend must be one of local, dask, ray; found 'spark'"):
        check_backend("spark", None)


def test_threads_have_no_address() -> None:
    with pytest.raises(InputError, match=r"address must be left out unless backend is dask or ray; found host:1"):
        check_backend("local", "host:1")
