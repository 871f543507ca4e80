"""Finds the data sets that lie beside the project; a test that needs one is skipped, visibly, without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT = Path(os.environ.get("DECHAFF_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def shared(name: str) -> Path:
    """The folder of one data set, or a skip that says where it was looked for."""
    folder = _ROOT / name
    if not folder.is_dir():
        pytest.skip(f"the data set {name} is not at {folder} (set DECHAFF_SHARED_DATA)")
    return folder
