"""Every condition worth trying on the columns of a table, and the rows of any table on which one holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dechaff.core.table import Column, Table
from dechaff.methods.noisy_slices.column_conditions import (
    SURFACE,
    TOKEN,
    category_conditions,
    finer_ranges,
    missing_condition,
    range_conditions,
    tells_provenance,
    text_conditions,
)
from dechaff.methods.noisy_slices.condition import Condition, Conditions, join
from dechaff.typing import Mask


def table_conditions(table: Table, *, smallest: int, largest: int) -> Conditions:
    """Conditions that hold on ``smallest`` to ``largest`` rows: text, missingness, categories, ranges, dates."""
    parts = [part for column in table.columns for part in _of_column(column, smallest, largest)]
    return join(parts, len(table))


def finer_conditions(table: Table, condition: Condition, *, smallest: int, largest: int) -> Conditions:
    """Ranges with bounds close to those of a range; none for any other condition.

    Parameters
    ----------
    table : Table of n rows
    condition : one of :func:`table_conditions`
    smallest, largest : number of rows that a condition may hold on
    """
    column = next((c for c in table.columns if (c.name,) == condition.columns), None)
    if column is None or condition.bounds is None:
        return join((), len(table))
    dates = column.kind == "datetime"
    return finer_ranges(column.values, column.name, condition.words, smallest=smallest, largest=largest, dates=dates)


def _of_column(column: Column, smallest: int, largest: int) -> list[Conditions]:
    name = column.name
    missing = missing_condition(column.missing, name, smallest=smallest, largest=largest)
    match column.kind:
        case "text":
            found = text_conditions(column.values, name, smallest=smallest, largest=largest)
        case "categorical":
            found = category_conditions(column.values, name, smallest=smallest, largest=largest)
        case "numeric" | "datetime" | "identifier":
            dates = column.kind == "datetime"
            found = range_conditions(column.values, name, smallest=smallest, largest=largest, dates=dates)
        case _:
            return [missing]
    return [missing, found]


HIDEABLE = ("numeric", "categorical", "datetime")
"""Columns that can be blanked without taking away all that a model reads: texts and images cannot."""


def blind_table(table: Table, *, hidden: Sequence[str] = (), seed: int) -> Table:
    """The table without what should not matter to a label, and without the columns named.

    Columns of provenance, dates and ``hidden`` ones get one value everywhere; missing numbers and categories are filled
    by values drawn from their column. A flexible model learns a swap of labels along such a property and so hides it; a
    model that is blind to the property cannot. The table itself comes back where nothing is to be hidden, or nothing
    would be left to learn from.

    Parameters
    ----------
    table : Table of n rows
    hidden : names of columns; of those with texts and images nothing is hidden
    seed : of the values drawn

    Returns
    -------
    Table
        The same columns.
    """
    rng = np.random.default_rng(seed)
    hideable = [c for c in table.columns if c.kind in HIDEABLE]
    away = {c.name for c in hideable if c.name in hidden or c.kind == "datetime" or tells_provenance(c.name)}
    if away == set(table.names):
        return table
    columns = tuple(_blank(c) if c.name in away else _filled(c, rng) for c in table.columns)
    changed = any(new is not old for new, old in zip(columns, table.columns, strict=True))
    return Table(columns, table.n_rows) if changed else table


def _blank(column: Column) -> Column:
    """One value everywhere: the most frequent one."""
    known = column.values[~column.missing]
    if len(known) == 0:
        return column
    found, counts = np.unique(known.astype(str) if column.kind == "categorical" else known, return_counts=True)
    values = np.full(len(column.values), found[counts.argmax()], dtype=column.values.dtype)
    return replace(column, values=values, missing=np.zeros_like(column.missing))


def _filled(column: Column, rng: np.random.Generator) -> Column:
    if column.kind not in ("numeric", "categorical") or not column.missing.any() or column.missing.all():
        return column
    values = column.values.copy()
    known = values[~column.missing]
    values[column.missing] = rng.choice(known, size=int(column.missing.sum()))
    return replace(column, values=values, missing=np.zeros_like(column.missing))


_LENGTH = re.compile(r"has at (most|least) (\d+) words\Z")
_EDGE = re.compile(r"(starts|ends) with '(.*)'\Z", re.DOTALL)
_WORD = re.compile(r"contains '(.*)'\Z", re.DOTALL)


def condition_holds(condition: Condition, table: Table) -> Mask:
    """The rows of `table` on which the condition holds.

    Parameters
    ----------
    condition : as `table_conditions` and `finer_conditions` make them
    table : n rows with the same columns

    Returns
    -------
    (n,) bool

    Examples
    --------
    >>> colours = np.array(["red", "red", "blue"], dtype=object)
    >>> table = Table((Column("colour", "categorical", colours, colours == "", colours),), 3)
    >>> red = table_conditions(table, smallest=2, largest=2).items[0]
    >>> condition_holds(red, table.take(np.array([1, 2])))
    array([ True, False])
    """
    if condition.conjuncts:
        parts = [condition_holds(part, table) for part in condition.conjuncts]
        return np.asarray(np.logical_and.reduce(parts), dtype=np.bool_)
    column = table[condition.columns[0]]
    said = condition.words.removeprefix(f"{column.name} ")
    if said == "is missing":
        return column.missing
    if condition.bounds is not None:
        low, high = condition.bounds
        return np.asarray((column.values > low) & (column.values <= high))
    if column.kind == "categorical":
        return np.asarray(column.values.astype(str) == said.removeprefix("is '")[:-1], dtype=np.bool_)
    return _text_holds(said, column)


def _text_holds(said: str, column: Column) -> Mask:
    texts, n = column.values, len(column.values)
    pattern = dict(SURFACE).get(said)
    if pattern is not None:
        return np.fromiter((pattern.search(text) is not None for text in texts), bool, n)
    if length := _LENGTH.match(said):
        lengths = np.fromiter((len(text.split()) for text in texts), np.int64, n)
        return lengths <= int(length[2]) if length[1] == "most" else lengths >= int(length[2])
    if edge := _EDGE.match(said):
        words = edge[2].split()
        cut = slice(0, len(words)) if edge[1] == "starts" else slice(-len(words), None)
        return np.fromiter((text.lower().split()[cut] == words for text in texts), bool, n)
    word = _WORD.match(said)
    assert word is not None  # there is no other kind of condition
    found = re.compile(TOKEN).findall
    return np.fromiter((word[1] in found(text.lower()) for text in texts), bool, n)
