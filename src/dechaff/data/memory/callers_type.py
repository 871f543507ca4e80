"""Result tables in the type of data frame that the caller handed in."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from dechaff.data.memory.frames import FrameSource
from dechaff.data.source import Source
from dechaff.typing import Rows


def in_callers_type(table: pl.DataFrame, source: Source, *, positions: Rows | None = None) -> Any:
    """A polars table as pandas or Arrow where the source was one, else as it is.

    ``positions`` (m,) are the rows of the source that the lines of the table stand for; a pandas table then carries
    their index.
    """
    if not isinstance(source, FrameSource):
        return table
    if source.format == "pandas":
        return _pandas(table, source, positions)
    return table.to_arrow() if source.format == "pyarrow" else table


def _pandas(table: pl.DataFrame, source: FrameSource, positions: Rows | None) -> Any:
    native = source.frame.native
    index = None if positions is None else native.index[np.asarray(positions)]
    return type(native)({name: table[name].to_list() for name in table.columns}, index=index)
