"""Where the wrong cells of a column lie among its other cells, as the report shows it."""

from __future__ import annotations

from dechaff.records.record import Record


class ValueCount(Record, frozen=True):
    """How many cells of a column hold a value; ``mark`` is "wrong", "suggested" or ''."""

    value: str = ""
    cells: int = 0
    mark: str = ""


class WrongCells(Record, frozen=True):
    """The wrong cells of one column: how many there are, how many have a suggestion, and the column they stand in.

    A column of numbers has 21 ``quantiles``, from the lowest number to the highest, and some of the numbers that are
    ``odd``. Of other columns, ``values`` are the most frequent ones, and the most frequent wrong ones.
    """

    column: str = ""
    cells: int = 0
    suggested: int = 0
    quantiles: tuple[float, ...] = ()
    odd: tuple[float, ...] = ()
    values: tuple[ValueCount, ...] = ()
    rules: tuple[str, ...] = ()
