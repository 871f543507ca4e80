"""A created feature: its name in words, the columns it is made of, and how its values are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column, Table
from dechaff.typing import Labels


class FittedCreation(Protocol):
    """A created feature that has learnt what it needs from training rows."""

    def made(self, table: Table) -> tuple[Column, ...]:
        """Its columns, for any rows."""


class Creation(Protocol):
    """A created feature."""

    @property
    def name(self) -> str:
        """What it is, in words, such as ``income / household_size``."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it is made of."""

    def fit(
        self, table: Table, codes: Labels, n_classes: int, *, seed: int
    ) -> tuple[FittedCreation, tuple[Column, ...]]:
        """What makes it for new rows, and its columns for these training rows.

        If it reads labels, the value of a training row does not depend on the label of that row.
        """


@dataclass(frozen=True)
class RowWise:
    """A created feature that depends on its own row alone."""

    def fit(self, table: Table, codes: Labels, n_classes: int, *, seed: int) -> tuple[Any, tuple[Column, ...]]:
        """Nothing is learnt."""
        return self, self.made(table)

    def made(self, table: Table) -> tuple[Column, ...]:
        """Its columns, for any rows."""
        raise NotImplementedError


def number_column(name: str, values: npt.NDArray[Any]) -> Column:
    """A column of numbers; those that are not finite are missing."""
    numbers = np.asarray(values, dtype=np.float64)
    missing = ~np.isfinite(numbers)
    raw = np.array([f"{one:.6g}" if np.isfinite(one) else "" for one in numbers.tolist()], dtype=object)
    return Column(name, "numeric", np.where(missing, np.nan, numbers), missing, raw)


def category_column(name: str, codes: npt.NDArray[np.int64]) -> Column:
    """A column of categories with whole numbers as names; negative codes are missing."""
    values = np.array([str(one) if one >= 0 else "" for one in codes.tolist()], dtype=object)
    return Column(name, "categorical", values, codes < 0, values)
