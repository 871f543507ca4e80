"""On which rows of any table a condition holds that was found on another one."""

from __future__ import annotations

import re

import numpy as np

from dechaff.core.table import Column, Table
from dechaff.methods.noisy_slices.condition import Condition
from dechaff.methods.noisy_slices.text_conditions import SURFACE, TOKEN
from dechaff.typing import Mask

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
    >>> from dechaff.methods.noisy_slices.table_conditions import table_conditions
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
