"""What was asked for, and the sealed file beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dechaff.core.backend import Backend
from dechaff.core.progress import Progress
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.formats.files import TableFiles
from dechaff.records.policies import Policy


@dataclass(frozen=True)
class AuditRequest:
    """Data, options and the run folder; ``tested`` is the file of test rows, which are only compared."""

    source: TableFiles
    sha256: str
    roles: ColumnRoles
    test_size: float | None
    sample_rows: int
    policy: Policy
    model: Any
    seed: int
    threads: int
    backend: Backend
    """Runs the passes."""
    processes: int
    """Processes of this machine that the memory allows."""
    folder: Path
    progress: Progress
    tested: TableFiles | None = None
