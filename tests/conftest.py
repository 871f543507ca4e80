"""What holds in every test."""

from __future__ import annotations

import pytest

from tests.shapes import check_every_call


def pytest_configure(config: pytest.Config) -> None:
    check_every_call("dechaff.methods")
