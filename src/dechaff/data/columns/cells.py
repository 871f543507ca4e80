"""One column as a source holds it, before anybody decides what kind it is."""

from __future__ import annotations

import datetime as dt
import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.typing import Mask, Numbers, Texts

Stored = Literal["text", "integer", "number", "boolean", "date", "category", "nested", "image"]

_NESTED = (list, tuple, dict, set, np.ndarray, bytes, bytearray, memoryview)
_EPOCH = dt.datetime(1970, 1, 1)


@dataclass(frozen=True)
class Cells:
    """The cells of one column: their text, which are missing, and what the source stores them as.

    ``numbers`` is there for stored integers, numbers, booleans and dates (seconds since 1970); NaN where
    missing. A column of a text file is always ``text``.
    """

    name: str
    raw: Texts
    missing: Mask
    stored: Stored
    numbers: Numbers | None = None

    def __len__(self) -> int:
        return len(self.raw)

    @cached_property
    def stripped(self) -> pl.Series:
        """The text without the spaces around it, as polars works on it; made once, for several questions."""
        return pl.Series(self.raw, dtype=pl.String).str.strip_chars()

    @property
    def present(self) -> pl.Series:
        """The same, of the cells that are not missing."""
        return self.stripped.filter(pl.Series(~self.missing)) if self.missing.any() else self.stripped

    def take(self, rows: npt.NDArray[Any]) -> Cells:
        """The same column, of some rows."""
        some = None if self.numbers is None else self.numbers[rows]
        return replace(self, raw=self.raw[rows], missing=self.missing[rows], numbers=some)


def texts(values: Sequence[str]) -> Texts:
    """Strings as an object array, whatever they hold."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def row_bytes(flat: npt.NDArray[Any]) -> Texts:
    """Each row's bytes as text, so that equal rows are equal and others are not."""
    return texts([np.ascontiguousarray(row).tobytes().hex() for row in flat])


def cells_from_text(name: str, values: Sequence[str]) -> Cells:
    """A column of a text file; a cell without a visible character is missing."""
    return Cells(name, texts(values), _blank(values), "text")


def cells_from_values(name: str, values: Sequence[object], *, category: bool = False) -> Cells:
    """A column of typed values: of a data frame, a Parquet file, JSON or a list.

    ``category`` marks columns whose type already makes them categories, numbers included.
    """
    missing = missing_of(values)
    if missing.any():
        raw = ["" if absent else str(value) for value, absent in zip(values, missing, strict=True)]
        present = {type(value) for value, absent in zip(values, missing, strict=True) if not absent}
    else:
        raw, present = list(map(str, values)), set(map(type, values))
    stored = _stored_as(present)
    if stored == "nested" or not present:
        return Cells(name, texts(raw), missing, stored)
    if stored == "text":
        raw = _showable(raw)
        missing = missing | _blank(raw)
    figures = _figures(values, missing, stored)
    return Cells(name, texts(raw), missing, "category" if category else stored, figures)


def _showable(values: list[str]) -> list[str]:
    """The same strings, with U+FFFD for halves of a character, which no file and no screen can hold."""
    try:
        pl.Series(values, dtype=pl.String)
    except UnicodeEncodeError:
        return [value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for value in values]
    return values


def _blank(values: Sequence[str]) -> Mask:
    """True for cells without a visible character."""
    if "" not in values and not any(map(str.isspace, values)):
        return np.zeros(len(values), dtype=bool)
    return np.fromiter((not value or value.isspace() for value in values), bool, len(values))


def missing_of(values: Sequence[object]) -> Mask:
    """True for None, NaN and the other ways of frames to mark a missing value."""
    types = set(map(type, values))
    if types <= {str, int, bool}:
        return np.zeros(len(values), dtype=bool)
    if types <= {str, int, bool, float, type(None)}:
        return np.fromiter((value is None or value != value for value in values), bool, len(values))
    return np.fromiter(map(_is_missing, values), bool, len(values))


def _is_missing(value: object) -> bool:
    if value is None:
        return True
    if isinstance(value, float | np.floating | Decimal):
        return bool(value != value)
    # pandas has two more missing values; asking by name does not import pandas.
    return type(value).__name__ in ("NaTType", "NAType") or (isinstance(value, np.datetime64) and np.isnat(value))


def _stored_as(types: set[type]) -> Stored:
    def all_are(*wanted: type) -> bool:
        return all(issubclass(found, wanted) for found in types)

    if any(issubclass(found, _NESTED) for found in types):
        return "nested"
    if all_are(str):
        return "text"
    if all_are(bool, np.bool_):
        return "boolean"
    if all_are(numbers.Integral) and not any(issubclass(found, bool) for found in types):
        return "integer"
    if all_are(numbers.Real, Decimal) and not any(issubclass(found, bool) for found in types):
        return "number"
    return "date" if all_are(dt.date, np.datetime64) else "text"


def _figures(values: Sequence[object], missing: Mask, stored: Stored) -> Numbers | None:
    if stored == "text":
        return None
    as_float: Callable[[Any], float] = _seconds if stored == "date" else float
    figures = np.full(len(values), np.nan)
    figures[~missing] = [as_float(value) for value, absent in zip(values, missing, strict=True) if not absent]
    return figures


def _seconds(value: Any) -> float:
    """Seconds since 1970; a time without a zone is read as UTC, so that the answer is the same everywhere."""
    if isinstance(value, np.datetime64):
        return float(value.astype("datetime64[us]").astype(np.int64)) / 1e6
    if not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)
    if value.tzinfo is not None:
        return float(value.timestamp())
    return float((value - _EPOCH).total_seconds())
