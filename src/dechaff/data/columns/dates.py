"""Dates and times out of the cells of a text file."""

from __future__ import annotations

import numpy as np
import polars as pl

from dechaff.typing import Numbers

_LOOKS = r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d|$)|^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}([T ]\d|$)"
_CLOCKS = ("", "T%H:%M:%S%.f", " %H:%M:%S%.f", "T%H:%M", " %H:%M", "T%H:%M:%S%.f%#z", " %H:%M:%S%.f%#z")
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%m-%d-%Y")
_ENOUGH = 0.98


def date_format(cells: pl.Series) -> str:
    """The format that at least 98 % of the cells follow; '' where there is none.

    Where day and month cannot be told apart, ``/`` is read month first and ``.`` and ``-`` day first.

    Examples
    --------
    >>> date_format(pl.Series(["31.12.2024", "01.02.2025"]))
    '%d.%m.%Y'
    """
    if not len(cells) or not cells[:20].str.contains(_LOOKS).any():
        return ""
    if int(cells.str.contains(_LOOKS).sum()) < _ENOUGH * len(cells):
        return ""
    head = cells[:200]
    for format in (day + clock for clock in _CLOCKS for day in _DAYS):
        if _parsed_share(head, format) >= _ENOUGH and _parsed_share(cells, format) >= _ENOUGH:
            return format
    return ""


def parse_dates(cells: pl.Series, format: str) -> Numbers:
    """Seconds since 1970 of each cell; NaN where the cell does not follow the format. No zone means UTC."""
    times = _times(cells, format)
    seconds = times.dt.epoch("us").cast(pl.Float64) / 1e6
    return np.array(seconds.fill_null(float("nan")).to_numpy(), dtype=np.float64)


def _parsed_share(cells: pl.Series, format: str) -> float:
    return 1 - _times(cells, format).null_count() / len(cells)


def _times(cells: pl.Series, format: str) -> pl.Series:
    if "%H" not in format:
        return cells.str.to_date(format, strict=False).cast(pl.Datetime("us"))
    zoned = "z" in format
    return cells.str.to_datetime(format, strict=False, time_unit="us", time_zone="UTC" if zoned else None)
