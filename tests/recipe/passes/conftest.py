"""Audits here are read in passes, although their samples hold all rows."""

from __future__ import annotations

import pytest

from dechaff.api import auditing
from dechaff.api.in_passes import reads_in_passes


@pytest.fixture(autouse=True)
def _in_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "needs_passes", lambda job: reads_in_passes(job.source, job.options.memory))
