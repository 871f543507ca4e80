"""What kind each column is: text, numeric, categorical or date; and the column that models read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from dechaff.core.identifying_columns import identifying_numbers
from dechaff.core.table import Column, Kind
from dechaff.data.columns.cells import Cells, texts
from dechaff.data.columns.numbers import has_codes, has_decimal_commas, is_placeholder, mean_words, parse_numbers
from dechaff.data.dataset import ColumnPlan
from dechaff.errors import DataError
from dechaff.typing import Mask, Numbers, Texts

ODD_CELLS = 0.05
"""Fraction of cells that may be no number in a numeric column, words for "nothing" not counted."""
_CODE_WORDS = ("zip", "zipcode", "postcode", "postal", "plz", "phone", "code", "ssn")
_LOOKS = r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d|$)|^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}([T ]\d|$)"
_CLOCKS = ("", "T%H:%M:%S%.f", " %H:%M:%S%.f", "T%H:%M", " %H:%M", "T%H:%M:%S%.f%#z", " %H:%M:%S%.f%#z")
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%m-%d-%Y")
_ENOUGH = 0.98
_BY_STORAGE: Mapping[str, tuple[Kind, str]] = {
    "image": ("image", "cells are image files"),
    "category": ("categorical", "stored as a category"),
    "date": ("datetime", "stored as dates"),
    "boolean": ("categorical", "cells are true or false"),
}
"""Kinds of columns that their type settles, and why."""


def plan_column(cells: Cells, *, alone: bool = False) -> ColumnPlan | None:
    """The kind of a column from its cells; None for nested values, which are no features.

    ``alone`` means that there is no other feature column: short texts are then more likely the input than
    a category.
    """
    if cells.stored == "nested":
        return None
    if cells.stored in _BY_STORAGE:
        return ColumnPlan(cells.name, *_BY_STORAGE[cells.stored])
    if cells.missing.all():
        return ColumnPlan(cells.name, "categorical", "all cells are empty", note="it is empty")
    if cells.stored in ("integer", "number"):
        return _plan_numbers(cells, cells.numbers if cells.numbers is not None else np.zeros(0))
    return _plan_text_cells(cells, alone=alone)


def forced_plan(cells: Cells, kind: Kind) -> ColumnPlan:
    """The plan of the kind that the user gave; a DataError if no cell can be read so."""
    present = cells.present
    spelling = ""
    if kind == "datetime" and cells.stored != "date":
        spelling = date_format(present) or "%Y-%m-%d"
    if kind == "numeric" and cells.stored == "text" and has_decimal_commas(present):
        spelling = "decimal comma"
    plan = ColumnPlan(cells.name, kind, "set by you", spelling)
    if kind not in ("numeric", "datetime") or cells.numbers is not None or cells.missing.all():
        return plan
    figures = _figures(cells, plan)
    if not np.isfinite(figures).any():
        raise _reads_nothing(cells, kind)
    thing = "number" if kind == "numeric" else "date"
    return replace(plan, note=_note_on_odd(cells, figures, spelling, thing=thing))


def identifier_plan(cells: Cells, plan: ColumnPlan) -> ColumnPlan:
    """The same plan, or that of an identifier, which no model sees, if its numbers name the rows."""
    if plan.kind != "numeric" or identifying_numbers(_figures(cells, plan)) is None:
        return plan
    return replace(plan, kind="identifier", why="its whole numbers name the rows; no model sees it")


def _reads_nothing(cells: Cells, kind: Kind) -> DataError:
    thing, flag = ("numbers", "--numeric") if kind == "numeric" else ("dates", "--date")
    row = int(np.argmin(cells.missing))
    return DataError(
        f"the column {cells.name!r}",
        f"contain {thing} to be read with {flag}",
        f"none, but {cells.raw[row][:40]!r} in row {row}",
        f"Leave out {flag} {cells.name}, or write its {thing} "
        f"{'with digits only' if kind == 'numeric' else 'like 2024-12-31'}.",
    )


def _plan_text_cells(cells: Cells, *, alone: bool) -> ColumnPlan:
    present = cells.present
    spelling = "decimal comma" if has_decimal_commas(present) else ""
    figures = parse_numbers(cells.stripped, decimal_comma=bool(spelling))
    if np.isfinite(figures).any() and not has_codes(present):
        odd = _odd_cells(cells, figures)
        if odd.sum() <= ODD_CELLS * len(present):
            return _plan_numbers(cells, figures, spelling)
    format = date_format(present)
    if format:
        return ColumnPlan(cells.name, "datetime", f"cells follow {format}", format)
    distinct = int(present.n_unique())
    if _reads_as_text(mean_words(cells), distinct, len(present), alone=alone):
        return ColumnPlan(cells.name, "text", "cells contain several words and rarely repeat")
    return ColumnPlan(cells.name, "categorical", "cells are short strings")


def _plan_numbers(cells: Cells, figures: Numbers, spelling: str = "") -> ColumnPlan:
    found = figures[np.isfinite(figures)]
    whole = bool((found == np.round(found)).all())
    if whole and _named_as_code(cells.name):
        return ColumnPlan(cells.name, "categorical", "named like a code, not a quantity")
    if whole and len(found) >= 20 and len(np.unique(found)) <= 2:
        return ColumnPlan(cells.name, "categorical", "cells hold only two whole numbers")
    return ColumnPlan(cells.name, "numeric", "cells are numbers", spelling, _note_on_odd(cells, figures, spelling))


def _odd_cells(cells: Cells, figures: Numbers) -> Mask:
    """Cells that hold neither a number nor a word for "nothing"."""
    not_number = ~cells.missing & ~np.isfinite(figures)
    odd = np.zeros(len(cells), dtype=bool)
    odd[not_number] = ~is_placeholder(cells.stripped.filter(pl.Series(not_number)))
    return odd


def _note_on_odd(cells: Cells, figures: Numbers, spelling: str, *, thing: str = "number") -> str:
    strange = cells.raw[~cells.missing & ~np.isfinite(figures)]
    if not len(strange):
        return "its decimal sign is a comma" if spelling == "decimal comma" else ""
    shown = ", ".join(repr(str(word)) for word in dict.fromkeys(strange[:1000]) if word)[:60]
    if len(strange) == 1:
        return f"1 cell that holds no {thing} ({shown}) is read as missing"
    return f"{len(strange)} cells that hold no {thing} ({shown}) are read as missing"


def _named_as_code(name: str) -> bool:
    words = name.lower().replace("-", "_").replace(" ", "_").split("_")
    return any(word in _CODE_WORDS for word in words)


def _reads_as_text(words: float, distinct: int, rows: int, *, alone: bool) -> bool:
    if words >= 3 and distinct >= 0.3 * rows:
        return True
    if words >= 6 and distinct > 20:
        return True
    return distinct > 0.5 * rows and (words >= 2 or (alone and distinct > 2))


def build_column(cells: Cells, plan: ColumnPlan) -> Column:
    """The column that models read, by the plan; cells that do not follow it are missing."""
    if plan.kind in ("numeric", "datetime", "identifier"):
        figures = _figures(cells, plan)
        figures = np.where(np.isfinite(figures), figures, np.nan)
        return Column(cells.name, plan.kind, figures, np.isnan(figures), cells.raw)
    values = cells.raw
    if plan.kind == "categorical" and cells.stored == "number":
        values = _whole_numbers_plain(cells)
    if cells.missing.any():
        values = texts(["" if absent else value for value, absent in zip(values, cells.missing, strict=True)])
    return Column(cells.name, plan.kind, values, cells.missing, cells.raw)


def _figures(cells: Cells, plan: ColumnPlan) -> Numbers:
    if cells.numbers is not None:
        return cells.numbers
    if plan.kind == "datetime":
        return parse_dates(cells.stripped, plan.spelling)
    return parse_numbers(cells.stripped, decimal_comma=plan.spelling == "decimal comma")


def _whole_numbers_plain(cells: Cells) -> Texts:
    """A frame turns integers with a gap into floats: 1.0 is then the category '1'."""
    assert cells.numbers is not None
    found = cells.numbers[~cells.missing]
    if not (found == np.round(found)).all():
        return cells.raw
    return texts(["" if np.isnan(value) else str(int(value)) for value in cells.numbers])


def date_format(cells: pl.Series) -> str:
    """The format that at least 98 % of the cells follow; '' if there is none.

    If day and month are ambiguous, ``/`` is read month first and ``.`` and ``-`` day first.

    Examples
    --------
    >>> date_format(pl.Series(["31.12.2024", "01.02.2025"]))
    '%d.%m.%Y'
    """
    if not len(cells) or not cells[:20].str.contains(_LOOKS).any():
        return ""
    if int(cells.str.contains(_LOOKS).sum()) < _ENOUGH * len(cells):
        return ""
    head = cells[:200]
    for format in (day + clock for clock in _CLOCKS for day in _DAYS):
        if _parsed_fraction(head, format) >= _ENOUGH and _parsed_fraction(cells, format) >= _ENOUGH:
            return format
    return ""


def parse_dates(cells: pl.Series, format: str) -> Numbers:
    """Seconds since 1970 of each cell; NaN if the cell does not follow the format. No zone means UTC."""
    times = _times(cells, format)
    seconds = times.dt.epoch("us").cast(pl.Float64) / 1e6
    return np.array(seconds.fill_null(float("nan")).to_numpy(), dtype=np.float64)


def _parsed_fraction(cells: pl.Series, format: str) -> float:
    return 1 - _times(cells, format).null_count() / len(cells)


def _times(cells: pl.Series, format: str) -> pl.Series:
    if "%H" not in format:
        return cells.str.to_date(format, strict=False).cast(pl.Datetime("us"))
    zoned = "z" in format
    return cells.str.to_datetime(format, strict=False, time_unit="us", time_zone="UTC" if zoned else None)
