"""The columns of a table as numbers that can be compared: each in units of its own usual range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column, Kind, Table
from dechaff.typing import Chunk, Numbers

COMPARED: tuple[Kind, ...] = ("numeric", "datetime", "categorical")
"""Kinds of columns that are compared; texts and images are compared as a whole, by their embedding."""
USUAL = (0.05, 0.95)
"""Between these quantiles lies what is usual in a column of numbers."""
_FURTHEST = 1e9
"""Scaled numbers are clipped here, so that an infinite one is far away and its distance is still a number."""
_MOST_LEVELS = 0.5
"""A column in which more of the values differ names its rows, and is not compared."""


@dataclass(frozen=True)
class ScaledColumns:
    """Median and usual range of each column of numbers, whether it has gaps, and the levels of categories."""

    numbers: Mapping[str, tuple[float, float, bool]]
    levels: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(cls, table: Table) -> ScaledColumns:
        """What is usual in the columns of some rows; those without any value are left out."""
        compared = [column for column in table.of_kind(*COMPARED) if not column.missing.all()]
        numbers = {one.name: _range(one) for one in compared if one.kind != "categorical"}
        levels = {one.name: _levels(one) for one in compared if one.kind == "categorical"}
        return cls(numbers, {name: known for name, known in levels.items() if known})

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are compared."""
        return (*self.numbers, *self.levels)

    def chunk(self, table: Table) -> Chunk:
        """``numbers`` (n, d) in usual ranges from the median, 0 if missing, and ``codes`` (n, c) of categories.

        Whether a number is missing is a category too: of its own column if the sample has gaps there, or else of one
        column for all. A level that the sample lacks is equal to none.
        """
        n = len(table)
        scaled = [scaled_numbers(table[name], middle, usual) for name, (middle, usual, _) in self.numbers.items()]
        missing = {name: np.isnan(values) for name, values in zip(self.numbers, scaled, strict=True)}
        codes = [_codes(table[name], known) for name, known in self.levels.items()]
        codes += [missing[name] for name, (*_, gaps) in self.numbers.items() if gaps]
        unexpected = [missing[name] for name, (*_, gaps) in self.numbers.items() if not gaps]
        if unexpected:
            codes.append(np.any(unexpected, axis=0))
        return {
            "numbers": np.nan_to_num(np.column_stack(scaled)) if scaled else np.zeros((n, 0)),
            "codes": np.column_stack(codes).astype(np.float64) if codes else np.zeros((n, 0)),
        }


def _range(column: Column) -> tuple[float, float, bool]:
    values = np.asarray(column.values, dtype=np.float64)
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0, True
    low, middle, high = np.quantile(known, [USUAL[0], 0.5, USUAL[1]])
    if not low < high:  # nearly all are equal: a usual step away from that value is one range
        steps = np.abs(known[known != middle] - middle)
        low, high = 0.0, np.quantile(steps, USUAL[1]) if len(steps) else 1.0
    usual = float(high / 2 - low / 2) * 2
    return float(middle), usual if np.isfinite(usual) and usual > 0 else 1.0, bool(np.isnan(values).any())


def scaled_numbers(column: Column, middle: float, usual: float) -> Numbers:
    """(n,) how many usual ranges each number is from the median; NaN if missing."""
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = (np.asarray(column.values, dtype=np.float64) - middle) / usual
    return np.clip(scaled, -_FURTHEST, _FURTHEST)


def _levels(column: Column) -> dict[str, int]:
    n_known = int((~column.missing).sum())
    if n_known == len(column.missing) and column.values is column.raw:
        names = column.distinct.values
    else:
        names = np.unique(column.values[~column.missing].astype(str))
    if len(names) > max(2, _MOST_LEVELS * n_known):
        return {}
    return {str(name): code for code, name in enumerate(names)}


def _codes(column: Column, known: Mapping[str, int]) -> npt.NDArray[np.float64]:
    codes = column.value_codes
    first = np.unique(codes, return_index=True)[1]
    of_code = np.array([known.get(str(column.values[place]), -1) for place in first.tolist()], dtype=np.float64)
    found = of_code[codes] if len(codes) else np.zeros(0)
    return np.where(column.missing, -2.0, np.where(found < 0, np.nan, found))
