"""Numbers out of the cells of a text file, and the words that stand there for no number."""

from __future__ import annotations

import numpy as np
import polars as pl

from dechaff.data.cells import Cells
from dechaff.typing import Mask, Numbers, Texts

STAND_INS = frozenset(
    {"?", "-", "--", "—", "–", ".", "*", "na", "n/a", "n.a.", "#n/a", "<na>", "nan", "null", "none", "nil", "missing"}
    | {"unknown", "n.d.", "nd", "inf", "-inf", "infinity", "-infinity"}
)
"""Words that people write where a number is missing, in lower case."""

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_COMMA_NUMBER = r"^[+-]?\d+,\d+([eE][+-]?\d+)?$"
_CODE = r"^[+-]?0\d+$"


def parse_numbers(raw: Texts, *, decimal_comma: bool = False) -> Numbers:
    """The number in each cell; NaN where there is none.

    Only plain digits count: ``1_000``, ``0x1f`` and ``nan`` are text.

    Examples
    --------
    >>> parse_numbers(np.array(["1.5", " 2", "1e3", "?", ""], dtype=object))
    array([   1.5,    2. , 1000. ,    nan,    nan])
    """
    cells = _stripped(raw)
    if decimal_comma:
        cells = cells.str.replace(",", ".", literal=True)
    plain = cells.str.contains(_NUMBER).fill_null(False)
    figures = pl.select(pl.when(plain).then(cells)).to_series().cast(pl.Float64, strict=False)
    return np.array(figures.fill_null(float("nan")).to_numpy(), dtype=np.float64)


def has_decimal_commas(raw: Texts) -> bool:
    """True where commas stand for decimal points: more cells are numbers with one than without one."""
    cells = _stripped(raw)
    commas = int(cells.str.contains(_COMMA_NUMBER).sum())
    return commas > 0 and commas >= int(cells.str.contains(r"\d\.\d").sum())


def has_codes(raw: Texts) -> bool:
    """True where a cell starts with a zero that a number would lose, such as ``00123``."""
    return bool(_stripped(raw).str.contains(_CODE).any())


def is_stand_in(raw: Texts) -> Mask:
    """True for cells that hold a word for "nothing"."""
    found: Mask = _stripped(raw).str.to_lowercase().is_in(list(STAND_INS)).to_numpy().astype(bool)
    return found


def mean_words(cells: Cells) -> float:
    """Words in a cell on average, missing ones aside; two characters of a script without spaces are one word."""
    present = pl.Series(cells.raw[~cells.missing], dtype=pl.String)
    if not len(present):
        return 0.0
    spaced = present.str.count_matches(r"\S+").mean()
    unspaced = present.str.count_matches(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]").mean()
    return float(spaced) + float(unspaced) / 2  # type: ignore[arg-type]


def _stripped(raw: Texts) -> pl.Series:
    return pl.Series(raw, dtype=pl.String).str.strip_chars()
