"""What holds in every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from dechaff.models import choose
from dechaff.models.boosting import Boosting, RandomTrees
from dechaff.recipe.tasks.positives import judged
from tests.clusters import check_marked, started
from tests.shapes import check_every_call


def pytest_configure(config: pytest.Config) -> None:
    check_every_call("dechaff.methods")


@pytest.fixture(scope="module", autouse=True)
def small_models(request: pytest.FixtureRequest) -> Iterator[None]:
    """A quarter of the trees and bootstraps that an audit takes by default: they are most of its work on few rows.

    The pages in docs, the examples, and commands in a process of their own run with all of them.
    """
    if request.path.name == "test_docs.py":
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choose, "RandomTrees", partial(RandomTrees, trees=RandomTrees.trees // 4))
        patch.setattr(choose, "Boosting", _fewer_rounds)
        for name, usual in (("pu_estimates", 200), ("positive_errors", 100)):
            patch.setattr(judged, name, _with(getattr(judged, name), n_bootstraps=usual // 4))
        yield


def _fewer_rounds(
    rounds: int = Boosting.rounds, learning_rate: float = Boosting.learning_rate, **options: Any
) -> Boosting:
    return Boosting(rounds // 4, learning_rate=2 * learning_rate, **options)


def _with(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    return lambda *arguments, **given: function(*arguments, **{**given, **options})


@pytest.fixture(scope="session")
def dask_processes() -> Iterator[Any]:
    yield from started("dask")


@pytest.fixture(scope="session")
def ray_processes() -> Iterator[Any]:
    yield from started("ray")


@pytest.fixture
def dask_cluster(request: pytest.FixtureRequest) -> Any:
    """Two workers, even if an earlier test has killed one."""
    check_marked(request)
    cluster = request.getfixturevalue("dask_processes")
    cluster.client.wait_for_workers(2, timeout=60)
    return cluster


@pytest.fixture
def ray_cluster(request: pytest.FixtureRequest) -> Any:
    """Two workers."""
    check_marked(request)
    return request.getfixturevalue("ray_processes")


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row group is a part, however few rows it has."""
    monkeypatch.setattr("dechaff.data.formats.parquet._NUMBERS_BYTES", 0)
