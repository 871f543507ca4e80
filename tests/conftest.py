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
def dask_cluster() -> Iterator[Any]:
    yield from started("dask")


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[Any]:
    yield from started("ray")
