from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.large_pages import room_for


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
