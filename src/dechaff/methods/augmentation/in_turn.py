"""Several operations in turn: each changes what the one before has made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.methods.augmentation.operation import Kind, NewRows, Operation
from dechaff.typing import Labels


@dataclass(frozen=True)
class InTurn:
    """An operation made of others and their strengths; its own strength multiplies theirs.

    Source
    ------
    Cubuk, Zoph, Shlens, Le (2020), RandAugment, NeurIPS: several operations in turn. Differs: the same ones
    for all rows.

    Examples
    --------
    >>> from dechaff.methods.augmentation.operation import RowChange
    >>> up = RowChange("up", "table", lambda rows, strength, rng: rows + strength)
    >>> twice = InTurn(((up, 1.0), (up, 10.0)))
    >>> made = twice.new_rows(np.zeros((2, 1)), np.zeros(2, dtype=np.int64), 1.0, np.random.default_rng(0))
    >>> twice.name, made.rows.ravel().tolist()
    ('up 1, then up 10', [11.0, 11.0])
    """

    steps: tuple[tuple[Operation, float], ...]
    strengths: tuple[float, ...] = (1.0,)

    @property
    def kind(self) -> Kind:
        """The kind of the operations."""
        return self.steps[0][0].kind

    @property
    def name(self) -> str:
        """The names of the operations, with their strengths."""
        return ", then ".join(f"{one.name} {strength:g}" for one, strength in self.steps)

    def new_rows(self, rows: Any, labels: Labels, strength: float, rng: np.random.Generator) -> NewRows:
        """The rows of the last operation, with their parents among the first rows."""
        made = NewRows(rows, np.arange(len(rows)))
        for one, own in self.steps:
            next_rows = one.new_rows(made.rows, labels[made.parents], own * strength, rng)
            made = NewRows(next_rows.rows, made.parents[next_rows.parents])
        return made
