"""Chunk after chunk uses the same memory."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

PAGES_TOUCHED_ANEW = """
import resource
import numpy as np
from dechaff.core.freed_memory import keep_freed_memory

def chunk():
    return [np.ones(2**17) for _ in range(4)]  # 1,024 pages

keep_freed_memory()
chunk()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    chunk()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library decides for itself")
def test_arrays_of_one_chunk_lie_where_those_of_the_last_one_lay() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", PAGES_TOUCHED_ANEW], capture_output=True, text=True, check=True, env=environment
    )
    assert int(done.stdout) < 1000
