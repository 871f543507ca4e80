"""What holds in every test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clusters import started
from tests.shapes import check_every_call


def pytest_configure(config: pytest.Config) -> None:
    check_every_call("dechaff.methods")


@pytest.fixture(scope="session")
def dask_processes() -> Iterator[Any]:
    yield from started("dask")


@pytest.fixture
def dask_cluster(dask_processes: Any) -> Any:
    """Two workers, though a test before may have killed some."""
    dask_processes.client.wait_for_workers(2, timeout=60)
    return dask_processes


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[Any]:
    yield from started("ray")


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row group is a part, however few rows it has."""
    monkeypatch.setattr("dechaff.data.streams.parquet_stream._PART_BYTES", 0)
