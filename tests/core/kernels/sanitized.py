"""Runs the tests of the kernel with libraries that watch every access: ``python sanitized.py FOLDER VARIANT``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from dechaff.core.kernels import build, native

if __name__ == "__main__":
    folder, variant = Path(sys.argv[1]), sys.argv[2]
    native.library_file = lambda name: build.library_file(name, folder)
    if variant not in native.available():
        sys.exit(f"{variant} is not there: {native.available()}")
    here = Path(__file__).parent
    tests = [here / f"test_{name}.py" for name in ("twins", "top_k", "pair_sums", "posteriors")]
    os.chdir(here.parents[2])
    sys.exit(pytest.main([*map(str, tests), "-v", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", variant]))
