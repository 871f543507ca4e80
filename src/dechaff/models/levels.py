"""Categories as integer codes: the most frequent levels each get one, all others share one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column


def frequent_levels(column: Column, *, at_most: int, at_least: int = 1) -> tuple[str, ...]:
    """Up to `at_most` levels that occur `at_least` times, the most frequent first; ties by name."""
    present = np.asarray(column.values[~column.missing], dtype=object).astype(str)
    names, counts = np.unique(present, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    kept = order[counts[order] >= at_least][:at_most]
    return tuple(str(name) for name in names[kept])


def level_codes(column: Column, levels: Sequence[str]) -> npt.NDArray[np.int64]:
    """(n,) position of each row's level; ``len(levels)`` for any other level, -1 = missing."""
    place = {level: position for position, level in enumerate(levels)}
    names, inverse = np.unique(np.asarray(column.values, dtype=object).astype(str), return_inverse=True)
    positions = np.fromiter((place.get(str(name), len(levels)) for name in names), dtype=np.int64, count=len(names))
    codes = positions[inverse]
    codes[column.missing] = -1
    return np.asarray(codes)
