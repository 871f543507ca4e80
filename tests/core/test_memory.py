from __future__ import annotations

import os
import platform
import subprocess
import sys

import numpy as np
import pytest

from dechaff.core.memory import room_for


@pytest.mark.parametrize("shape", [0, 1, (3, 0), 100, (5, 7), 2**19, (2**20 + 3, 2), 5_000_000])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "?", np.dtype([("margin", "f8"), ("row", "u8")])])
def test_it_is_an_array_to_write_to(shape: int | tuple[int, ...], dtype: str) -> None:
    room = room_for(shape, dtype)
    like = np.empty(shape, dtype=dtype)
    assert (room.shape, room.dtype, room.strides) == (like.shape, like.dtype, like.strides)
    assert room.flags.carray
    room.fill(0)
    assert not room.tobytes().strip(b"\0")


def test_large_ones_begin_and_end_on_large_pages() -> None:
    room = room_for(5_000_000, bool)
    assert room.ctypes.data % 2**21 == 0
    assert room.base is not None
    assert room.base.nbytes >= 3 * 2**21


PAGES_TOUCHED_ANEW = """
import resource
import numpy as np
from dechaff.core.memory import keep_freed_memory

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
