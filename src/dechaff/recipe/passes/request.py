"""How an audit is made, and of which files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from dechaff.backends import local
from dechaff.core.backend import Backend, bound
from dechaff.core.progress import Progress, silent
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.formats.files import TableFiles
from dechaff.data.formats.part import FilePart
from dechaff.records.check_choice import ALL, CheckChoice
from dechaff.records.policies import CONSERVATIVE, Policy
from dechaff.typing import Rows

R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """How rows are audited; ``model`` is the user's, None to choose one by the columns; ``checks`` are looked for."""

    policy: Policy = CONSERVATIVE
    model: Any = None
    seed: int = 0
    threads: int = 1
    progress: Progress = silent
    checks: CheckChoice = ALL


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

    def over_parts(self, work: Callable[[FilePart], R]) -> Iterator[tuple[FilePart, R]]:
        """Each part that has rows with what `work` finds in it, on the workers of the backend."""
        parts = [part for part in self.source.parts if part.n_rows]
        return zip(parts, self.backend.map_parts(work, parts, most=self.processes), strict=True)

    def over_rows(self, work: Callable[[tuple[FilePart, Rows]], R], rows: Rows) -> Iterator[R]:
        """What `work` finds in each part that has some of the `rows`, which are ascending; it gets their places."""
        parts = [part for part in self.source.parts if part.n_rows]
        cuts = np.searchsorted(rows, [part.first_row for part in parts[1:]])
        mine = [(part, some - part.first_row) for part, some in zip(parts, np.split(rows, cuts), strict=True)]
        return self.backend.map_parts(work, [one for one in mine if len(one[1])], most=self.processes)


@dataclass(frozen=True, kw_only=True)
class AuditRequest(ReadRequest):
    """The same with the run folder; ``tested`` is the file of test rows, which are only compared."""

    sha256: str
    folder: Path
    tested: TableFiles | None = None
