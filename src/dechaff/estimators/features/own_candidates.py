"""Candidates for features that come from the user: functions, transformers, data frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.base import clone

from dechaff.core.table import Column
from dechaff.data.dataset import ColumnPlan
from dechaff.data.memory.frames import wrapped
from dechaff.errors import DechaffError, InputError
from dechaff.estimators.features.frame_columns import column_plans, columns_of


@dataclass(frozen=True)
class OwnSource:
    """A function that makes columns for rows, its name, and the kinds of its columns if it returns a frame."""

    name: str
    make: Callable[[Any], Any]
    plans: dict[str, ColumnPlan] | None

    def columns(self, X: Any, n_rows: int) -> list[Column]:
        """Its columns for any rows.

        Raises
        ------
        InputError
            If they are not one row for each row.
        """
        return columns_of(self.make(X), self.name, n_rows, self.plans)


def fit_source(source: Any, X: Any, n_rows: int) -> tuple[OwnSource, list[Column]]:
    """A source that is ready for new rows, and its columns for these.

    Parameters
    ----------
    source : function of X, transformer with ``fit`` and ``transform``, or pandas frame
        Transformers are cloned, and fitted without labels. The rows of a frame are found by the index of X.
    X : (n, d)
    n_rows : n
    """
    name, make = _maker(source, X)
    output = make(X)
    frame = wrapped(output.to_frame(name) if hasattr(output, "to_frame") else output)
    plans = None if frame is None else column_plans(frame)
    return OwnSource(name, make, plans), columns_of(output, name, n_rows, plans)


def fit_sources(
    sources: Sequence[Any], X: Any, n_rows: int, taken: Sequence[str]
) -> tuple[dict[str, OwnSource], list[Column], tuple[tuple[str, str], ...]]:
    """Column -> its source; the columns; and the name and error of each source that failed.

    Columns whose name is taken are left out: transformers pass many columns through as they are.
    """
    found: dict[str, OwnSource] = {}
    columns: list[Column] = []
    failed = []
    for one in sources:
        try:
            source, made = fit_source(one, X, n_rows)
        except Exception as error:  # it is the user's: the others go on
            said = str(error) if isinstance(error, DechaffError) else f"{type(error).__name__}: {error}"
            failed.append((name_of(one), said))
            continue
        new = [column for column in made if column.name not in (*taken, *found)]
        found |= {column.name: source for column in new}
        columns += new
    return found, columns, tuple(failed)


def name_of(source: Any) -> str:
    """What a function, transformer or frame is called."""
    return str(getattr(source, "__name__", type(source).__name__))


def _maker(source: Any, X: Any) -> tuple[str, Callable[[Any], Any]]:
    if hasattr(source, "fit") and hasattr(source, "transform"):
        return name_of(source), clone(source).fit(X).transform
    if callable(source):
        return name_of(source), source
    if hasattr(source, "loc") and hasattr(source, "index"):
        return name_of(source), _RowsOf(source)
    fix = "Pass functions, scikit-learn transformers or pandas frames."
    raise InputError("own", "hold sources of features", f"an object of type {type(source).__name__}", fix)


@dataclass(frozen=True)
class _RowsOf:
    """The rows of a frame that have the same names as those of X."""

    frame: Any

    def __call__(self, X: Any) -> Any:
        absent = [] if not hasattr(X, "index") else X.index[~X.index.isin(self.frame.index)].tolist()
        if absent or not hasattr(X, "index"):
            found = f"no row {absent[0]!r}" if absent else f"X of type {type(X).__name__}"
            fix = "Pass X as a pandas frame whose index is in the frame of features, or pass a function."
            raise InputError("a frame of features", "have a row for each row of X", found, fix)
        return self.frame.loc[X.index]
