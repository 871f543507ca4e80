"""The types that the comments of the page's module declare, by TypeScript's checker where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dechaff.surfaces.review import site

_TSC = shutil.which("tsc")


@pytest.mark.skipif(_TSC is None, reason="tsc is not installed: npm install --global typescript")
def test_the_module_is_of_the_types_that_it_declares() -> None:
    assert _TSC is not None
    module = Path(site.__file__).parent / "static" / "review.js"
    checks = [
        "--noEmit",
        "--allowJs",
        "--checkJs",
        "--strict",
        "--target",
        "es2022",
        "--lib",
        "es2023,dom,dom.iterable",
    ]
    done = subprocess.run([_TSC, *checks, str(module)], capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout == ""
    assert done.returncode == 0
