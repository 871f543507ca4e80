"""An operation that makes new rows out of training rows, at some strength, and names the parent of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

from dechaff.errors import InputError
from dechaff.typing import Labels, Rows

Kind = Literal["table", "text", "image"]
"""What the rows are: numbers (n, d), texts (n,), or images (n, h, w) or (n, h, w, channels)."""
Change = Callable[[Any, float, np.random.Generator], Any]
"""Rows, strength and a generator in, as many changed rows of the same shape out."""


@dataclass(frozen=True)
class NewRows:
    """Rows that an operation made. Each has the label of its parent."""

    rows: Any
    """m rows of the same kind as their parents."""
    parents: Rows
    """(m,) positions of the parents."""


class Operation(Protocol):
    """Makes new rows."""

    @property
    def name(self) -> str:
        """The name in reports."""

    @property
    def kind(self) -> Kind:
        """The rows that it changes."""

    @property
    def strengths(self) -> tuple[float, ...]:
        """The strengths that are tried, the weakest first."""

    def new_rows(self, rows: Any, labels: Labels, strength: float, rng: np.random.Generator) -> NewRows:
        """New rows, out of rows and their labels."""


@dataclass(frozen=True)
class RowChange:
    """An operation that makes one new row per row, without its label.

    Examples
    --------
    >>> double = RowChange("twice", "table", lambda rows, strength, rng: rows * 2)
    >>> made = double.new_rows(np.array([[1.0], [2.0]]), np.array([0, 1]), 1.0, np.random.default_rng(0))
    >>> made.rows.ravel(), made.parents
    (array([2., 4.]), array([0, 1]))
    """

    name: str
    kind: Kind
    change: Change = field(repr=False)
    strengths: tuple[float, ...] = (1.0,)

    def new_rows(self, rows: Any, labels: Labels, strength: float, rng: np.random.Generator) -> NewRows:
        """One new row per row; an InputError if the function returns anything else."""
        made = np.asarray(self.change(rows, strength, rng), dtype=rows.dtype)
        if made.shape != rows.shape:
            fix = "Return one changed row for each row, in the same order."
            raise InputError(f"the result of {self.name}", f"be of shape {rows.shape}", str(made.shape), fix)
        if self.kind != "text" and not np.isfinite(made[np.isfinite(rows)]).all():
            fix = "Return a finite number wherever there was one."
            raise InputError(f"the result of {self.name}", "be finite numbers", "NaN or infinity", fix)
        return NewRows(made, np.arange(len(rows)))
