"""How the columns of a source are read: decided once, on training rows, and kept for later files."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.core.table import Kind


@dataclass(frozen=True)
class ColumnPlan:
    """The kind of one feature column, why, and how its cells are spelled.

    ``spelling`` is ``decimal comma`` for such numbers and the format for dates; '' otherwise.
    ``note`` says what is odd about the cells, for the list of assumptions.
    """

    name: str
    kind: Kind
    why: str
    spelling: str = ""
    note: str = ""


@dataclass(frozen=True)
class Schema:
    """Columns by role and kind. Names are '' where there is no such column."""

    plans: tuple[ColumnPlan, ...]
    label_name: str
    id_name: str
    group_name: str
    class_names: tuple[str, ...]
    unused: tuple[str, ...] = ()
    """Columns that are kept for writing back and are no features."""
