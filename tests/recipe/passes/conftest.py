"""Audits here are read out of core, although their samples hold all rows."""

from __future__ import annotations

import pytest

from dechaff.api import auditing
from dechaff.api.out_of_core import reads_out_of_core


@pytest.fixture(autouse=True)
def _out_of_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "runs_out_of_core", lambda job: reads_out_of_core(job.source, job.options.memory))
