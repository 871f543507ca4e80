"""How an audit is made, and of which files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dechaff.core.backend import Backend
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
class AuditRequest(AuditSettings):
    """Data, options and the run folder; ``tested`` is the file of test rows, which are only compared."""

    source: TableFiles
    sha256: str
    roles: ColumnRoles
    test_size: float | None
    sample_rows: int
    backend: Backend
    """Runs the passes."""
    processes: int
    """Processes of this machine that the memory allows."""
    folder: Path
    tested: TableFiles | None = None
