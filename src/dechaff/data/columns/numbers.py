"""Numbers out of the cells of a text file, and the words that stand there for no number."""

from __future__ import annotations

import numpy as np
import polars as pl

from dechaff.data.columns.cells import Cells
from dechaff.typing import Mask, Numbers

PLACEHOLDERS = frozenset(
    {"?", "-", "--", "—", "–", ".", "*", "na", "n/a", "n.a.", "#n/a", "<na>", "nan", "null", "none", "nil", "missing"}
    | {"unknown", "n.d.", "nd", "inf", "-inf", "infinity", "-infinity"}
)
"""Words that stand for a missing number, in lower case."""

_SAMPLE = 2000
_COMMA_NUMBER = r"^[+-]?\d+,\d+([eE][+-]?\d+)?$"
_CODE = r"^[+-]?0\d+$"


def parse_numbers(cells: pl.Series, *, decimal_comma: bool = False) -> Numbers:
    """The number in each (stripped) cell; NaN if there is none.

    Only plain digits count: ``1_000``, ``0x1f``, ``inf`` and ``nan`` are text.

    Examples
    --------
    >>> parse_numbers(pl.Series(["1.5", "2", "1e3", "?", ""]))
    array([   1.5,    2. , 1000. ,    nan,    nan])
    """
    if decimal_comma:
        cells = cells.str.replace(",", ".", literal=True)
    figures = np.array(cells.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy(), dtype=np.float64)
    figures[~np.isfinite(figures)] = np.nan
    return figures


def has_decimal_commas(cells: pl.Series) -> bool:
    """True if commas stand for decimal points: more cells are numbers with one than without one."""
    if not cells.str.contains(",", literal=True).any():
        return False
    commas = int(cells.str.contains(_COMMA_NUMBER).sum())
    return commas > 0 and commas >= int(cells.str.contains(r"\d\.\d").sum())


def has_codes(cells: pl.Series) -> bool:
    """True if a cell starts with a zero that a number would lose, such as ``00123``."""
    return bool(cells.str.contains(_CODE).any())


def is_placeholder(cells: pl.Series) -> Mask:
    """True for cells that hold a word for "nothing"."""
    found: Mask = cells.str.to_lowercase().is_in(list(PLACEHOLDERS)).to_numpy().astype(bool)
    return found


def mean_words(cells: Cells) -> float:
    """Words in a cell on average, missing ones aside; two characters of a script without spaces are one word.

    Some 2,000 cells, evenly spread over the rows, are enough.
    """
    present = cells.present
    if not len(present):
        return 0.0
    some = present.gather_every(1 + len(present) // _SAMPLE)
    spaced = some.str.count_matches(r"\S+").mean()
    unspaced = some.str.count_matches(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]").mean()
    return float(spaced) + float(unspaced) / 2  # type: ignore[arg-type]
