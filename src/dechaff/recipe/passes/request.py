"""How an audit is made, and of which files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dechaff.backends import local
from dechaff.core.backend import Backend, bound
from dechaff.core.progress import Progress, silent
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.formats.files import TableFiles
from dechaff.records.policies import CONSERVATIVE, Policy


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """How rows are audited; ``model`` is the user's, None to choose one by the columns."""

    policy: Policy = CONSERVATIVE
    model: Any = None
    seed: int = 0
    threads: int = 1
    progress: Progress = silent


@dataclass(frozen=True, kw_only=True)
class ReadRequest(AuditSettings):
    """Files, how they are read, and what runs the passes over them."""

    source: TableFiles
    roles: ColumnRoles
    test_size: float | None
    sample_rows: int = 1
    backend: Backend = field(default_factory=lambda: bound(local))
    processes: int = 1
    """Processes of this machine that the memory allows."""


@dataclass(frozen=True, kw_only=True)
class AuditRequest(ReadRequest):
    """The same with the run folder; ``tested`` is the file of test rows, which are only compared."""

    sha256: str
    folder: Path
    tested: TableFiles | None = None
