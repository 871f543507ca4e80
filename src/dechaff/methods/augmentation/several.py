"""Several operations in one: each row is changed by one of them, at a random strength."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.methods.augmentation.operation import Kind, NewRows, RowChange
from dechaff.typing import Labels


@dataclass(frozen=True)
class SeveralChanges:
    """An operation that draws another one for each row, and its strength: no strength is tuned.

    Source
    ------
    Müller, Hutter (2021), TrivialAugment, ICCV. Differs: strengths from the lowest to the highest of each operation,
    times that of this one.

    Examples
    --------
    >>> up = RowChange("up", "table", lambda rows, strength, rng: rows + strength)
    >>> down = RowChange("down", "table", lambda rows, strength, rng: rows - strength)
    >>> both = SeveralChanges((up, down))
    >>> made = both.new_rows(np.zeros((4, 1)), np.zeros(4, dtype=np.int64), 1.0, np.random.default_rng(0))
    >>> made.rows.ravel().tolist()
    [-1.0, -1.0, -1.0, 1.0]
    """

    operations: Sequence[RowChange]
    strengths: tuple[float, ...] = (1.0,)

    @property
    def kind(self) -> Kind:
        """The kind of the operations."""
        return self.operations[0].kind

    @property
    def name(self) -> str:
        """The names of the operations."""
        return "one of " + ", ".join(one.name for one in self.operations)

    def new_rows(self, rows: Any, labels: Labels, strength: float, rng: np.random.Generator) -> NewRows:
        """One new row per row."""
        made, drawn = rows.copy(), rng.integers(0, len(self.operations), len(rows))
        for number, one in enumerate(self.operations):
            changed = one.new_rows(rows, labels, strength * float(rng.choice(one.strengths)), rng).rows
            made[drawn == number] = changed[drawn == number]
        return NewRows(made, np.arange(len(rows)))
