"""Runs the tests of the kernel with libraries that watch every access: ``python sanitized.py FOLDER``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from dechaff.core.kernels import build, native
from tests.core.kernels import variants

if __name__ == "__main__":
    native.library_file = lambda name: build.library_file(name, Path(sys.argv[1]))
    variants.NATIVE = variants.ALL = native.available()[1:]
    if not variants.NATIVE:
        sys.exit("no variant is there")
    here = Path(__file__).parent
    tests = [here / f"test_{name}.py" for name in ("twins", "top_k", "pair_sums", "posteriors")]
    os.chdir(here.parents[2])
    options = ["-v", "-x", "--noconftest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    sys.exit(pytest.main([*map(str, tests), *options]))
