"""Where a run in passes keeps what it works with, inside the run folder and gone once the run is whole."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

PASSES = "passes"


@dataclass(frozen=True)
class Places:
    """Folders of the passes of one run."""

    run: Path

    @property
    def root(self) -> Path:
        """All of it."""
        return self.run / PASSES

    def folder(self, name: str, *, empty: bool = False) -> Path:
        """One folder, made where it is not there; without its files where it is to be `empty`."""
        path = self.root / name
        if empty and path.exists():
            shutil.rmtree(path)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def remove(self) -> None:
        """Nothing of it stays."""
        shutil.rmtree(self.root, ignore_errors=True)
