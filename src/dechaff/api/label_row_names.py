"""What rows are called: by ids, by the index of a frame, or by their position."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from dechaff.data.classes import Values
from dechaff.data.label_columns import ProbTable, column_values
from dechaff.errors import InputError
from dechaff.typing import Rows


def row_names(ids: Any, table: ProbTable, frame: Any, n: int) -> tuple[Values | None, str]:
    """Names of the n rows, None for positions, and what the names are called.

    They are the ids that were handed in, a column, a member of the file, or the index of pandas where it names each
    row once and is more than a count from 0.
    """
    names, name = _names(ids, table, frame)
    if names is not None:
        _check_names(names, n)
    return names, name


def _names(ids: Any, table: ProbTable, frame: Any) -> tuple[Values | None, str]:
    if isinstance(ids, str):
        return table.others[ids], ids
    if ids is not None:
        return column_values(ids), "id"
    if "ids" in table.others:
        return table.others["ids"], "id"
    index = index_of(frame)
    if index is None or not index.is_unique or _counts_from_zero(index):
        return None, "row"
    return column_values(index), "id" if index.name is None else str(index.name)


def index_of(frame: Any) -> Any:
    """The pandas index of a frame or series; None where it has none."""
    return frame.index if hasattr(frame, "iloc") else None


def _counts_from_zero(index: Any) -> bool:
    return type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1


def _check_names(names: Values, n: int) -> None:
    distinct = len(set(names.tolist()))
    if len(names) != n or distinct != n:
        raise InputError(
            "ids",
            f"name each of the {n} rows once",
            f"{len(names)} ids, {distinct} of them distinct",
            "Leave them out: rows are then called by their position.",
        )


def check_one_order(**columns: Any) -> None:
    """An InputError where the two, by their own names, are pandas and have the same rows in another order.

    A count from 0 or from elsewhere is what pandas makes up where nobody has named the rows, and says nothing.
    """
    (name, first), (other_name, second) = columns.items()
    one, other = index_of(first), index_of(second)
    if one is None or other is None or "RangeIndex" in (type(one).__name__, type(other).__name__):
        return
    if len(one) == len(other) and not one.equals(other) and one.sort_values().equals(other.sort_values()):
        place = int(np.flatnonzero(np.asarray(one != other))[0])
        raise InputError(
            f"{name} and {other_name}",
            "have their rows in one order",
            f"{one[place]!r} and {other[place]!r} in row {place} of their index",
            f"Hand in {name}.loc[{other_name}.index].",
        )


def positions_of(wanted: Values, names: Values | None, name: str, n: int) -> Rows:
    """The positions of rows that are called by their names, or of positions that are checked."""
    if names is None:
        return _checked_positions(wanted, n)
    place: dict[Any, int] = {str(one): position for position, one in enumerate(names.tolist())}
    place |= {one: position for position, one in enumerate(names.tolist())}
    found = [next((place[one] for one in spellings(value) if one in place), -1) for value in wanted.tolist()]
    if -1 in found:
        first = found.index(-1)
        raise InputError(
            "the rows of the reviews",
            f"be called as in the {name} of the data",
            f"{wanted.tolist()[first]!r} in place {first}",
            f"Use names such as {', '.join(map(str, names[:3].tolist()))}.",
        )
    return np.array(found, dtype=np.int64)


def spellings(value: Any) -> list[Any]:
    """A name as it is, as text, and without the ``.0`` that a column with gaps gives to whole numbers."""
    plain = [value] if isinstance(value, Hashable) else []
    whole = [str(int(value))] if isinstance(value, float) and value.is_integer() else []
    return [*plain, str(value), *whole]


def _checked_positions(wanted: Values, n: int) -> Rows:
    if wanted.dtype.kind == "O" and all(type(one) is int for one in wanted.tolist()):
        wanted = wanted.astype(np.int64)
    if wanted.dtype.kind == "f" and bool(np.isfinite(wanted).all()) and bool((wanted == np.floor(wanted)).all()):
        wanted = wanted.astype(np.int64)
    good = len(wanted) == 0 or wanted.dtype.kind in "iu"
    bad = np.flatnonzero((wanted < 0) | (wanted >= n)) if good and len(wanted) else np.zeros(0, dtype=np.int64)
    if not good or len(bad):
        place = int(bad[0]) if len(bad) else 0
        raise InputError(
            "the rows of the reviews",
            f"be positions from 0 to {n - 1}" if n else "be rows of the data, which have none",
            f"{wanted.tolist()[place]!r} in place {place}",
            "Count rows from 0, or hand in labels with an index, or ids.",
        )
    return wanted.astype(np.int64)
