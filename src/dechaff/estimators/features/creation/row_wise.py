"""Created features that depend on their own row alone: of numbers, dates and texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column, Table
from dechaff.estimators.features.creation.creation import RowWise, category_column, number_column
from dechaff.typing import Numbers, Texts


@dataclass(frozen=True)
class Ratio(RowWise):
    """One number divided by another; missing if that is 0."""

    top: str
    bottom: str

    @property
    def name(self) -> str:
        """``top / bottom``."""
        return f"{self.top} / {self.bottom}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Both numbers."""
        return self.top, self.bottom

    def made(self, table: Table) -> tuple[Column, ...]:
        """The ratio."""
        top, bottom = table[self.top].values, table[self.bottom].values
        with np.errstate(all="ignore"):
            return (number_column(self.name, np.where(bottom == 0, np.nan, top / bottom)),)


@dataclass(frozen=True)
class Difference(RowWise):
    """One number less another, or the days between two dates."""

    first: str
    second: str

    @property
    def name(self) -> str:
        """``first - second``."""
        return f"{self.first} - {self.second}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Both columns."""
        return self.first, self.second

    def made(self, table: Table) -> tuple[Column, ...]:
        """The difference."""
        first, second = table[self.first], table[self.second]
        unit = DAY if first.kind == "datetime" else 1
        return (number_column(self.name, (first.values - second.values) / unit),)


DAY = 86_400


@dataclass(frozen=True)
class Logarithm(RowWise):
    """The logarithm of one plus a number that is not negative."""

    column: str

    @property
    def name(self) -> str:
        """``log of column``."""
        return f"log of {self.column}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The number."""
        return (self.column,)

    def made(self, table: Table) -> tuple[Column, ...]:
        """Missing for numbers of -1 and below, which new rows may have."""
        with np.errstate(all="ignore"):
            return (number_column(self.name, np.log1p(table[self.column].values)),)


def _days(seconds: Numbers) -> npt.NDArray[np.int64]:
    return np.asarray(np.floor(seconds / DAY), dtype=np.int64)


def _months(seconds: Numbers) -> npt.NDArray[np.int64]:
    return np.asarray(_days(seconds).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))


PARTS: Mapping[str, Callable[[Numbers], npt.NDArray[np.int64]]] = {
    "year": lambda seconds: 1970 + np.floor_divide(_months(seconds), 12),
    "month": lambda seconds: 1 + _months(seconds) % 12,
    "weekday": lambda seconds: (_days(seconds) + 3) % 7,  # 1 January 1970 was a Thursday, Monday is 0
    "hour": lambda seconds: np.asarray(np.floor(seconds / 3600), dtype=np.int64) % 24,
}


@dataclass(frozen=True)
class DatePart(RowWise):
    """The year, month, weekday (Monday is 0) or hour of a date."""

    part: str
    column: str

    @property
    def name(self) -> str:
        """``weekday of column``."""
        return f"{self.part} of {self.column}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The date."""
        return (self.column,)

    def made(self, table: Table) -> tuple[Column, ...]:
        """Years are numbers; the others go round, and are categories."""
        known = table[self.column]
        part = np.where(known.missing, -1, PARTS[self.part](np.where(known.missing, 0, known.values)))
        if self.part == "year":
            return (number_column(self.name, np.where(known.missing, np.nan, part)),)
        return (category_column(self.name, part),)


MEASURES: Mapping[str, Callable[[str], int]] = {
    "characters": len,
    "words": lambda text: len(text.split()),
    "digits": lambda text: sum(map(str.isdigit, text)),
    "capitals": lambda text: sum(map(str.isupper, text)),
    "marks": lambda text: sum(one in "!?" for one in text),
}
"""What is counted in a text; marks are exclamation and question marks."""


@dataclass(frozen=True)
class TextMeasure(RowWise):
    """The number of characters, words, digits, capitals or marks in a text."""

    measure: str
    column: str

    @property
    def name(self) -> str:
        """``words of column``."""
        return f"{self.measure} of {self.column}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The text."""
        return (self.column,)

    def made(self, table: Table) -> tuple[Column, ...]:
        """0 for an empty text."""
        texts: Texts = table[self.column].values
        return (number_column(self.name, np.array([MEASURES[self.measure](one) for one in texts.tolist()])),)


@dataclass(frozen=True)
class Own(RowWise):
    """A column that the user's function or transformer made; it stands in the table already."""

    name: str
    source: str
    """The name of the function or transformer."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Known to the function alone."""
        return (self.source,)

    def made(self, table: Table) -> tuple[Column, ...]:
        """As it stands in the table."""
        return (table[self.name],)
