"""Dates in two orders: a day before its month in a column of months before days, and other ways to write a date."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellDoubts, Doubt

USUAL, FEWEST = 0.8, 20
"""The usual way to write a date has at least this fraction of the cells."""
_DATE = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})")
ORDERS = ("ymd", "mdy", "dmy")


@dataclass(frozen=True)
class DateRule:
    """How the dates of a column are written: the order of year, month and day, the sign between, and zeros in front."""

    column: str
    order: str
    sign: str
    padded: bool

    def words(self) -> str:
        """How dates are written."""
        names = {"y": "year", "m": "month", "d": "day"}
        return f"{self.column} is a date, written as {self.sign.join(names[one] for one in self.order)}."

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The dates that can be read in another way only."""
        if self.column not in columns:
            return
        column, found = columns[self.column], {}
        for value, _ in column.filled():
            read = _read(value)
            if read and (self.order, self.sign) not in read:
                others = [parts for (order, _), parts in read.items() if order != self.order] or list(read.values())
                right = self._written(others[0]) if len({tuple(sorted(one.items())) for one in others}) == 1 else None
                found[value] = Doubt(right, 0.9, f"{value!r} is written otherwise: {self.words()[:-1]}.")
        yield CellDoubts.of_values(column, found)

    def _written(self, parts: dict[str, int]) -> str:
        width = {"y": 4, "m": 2 if self.padded else 1, "d": 2 if self.padded else 1}
        return self.sign.join(f"{parts[one]:0{width[one]}}" for one in self.order)


def date_orders(columns: CellColumns) -> tuple[DateRule, ...]:
    """The columns of dates of which at least four fifths can be read in one order.

    Source
    ------
    ISO 8601 (2019) names the ambiguity; own rule.

    Examples
    --------
    >>> cells = [f"{month:02}/{day:02}/2024" for month in (3, 7) for day in range(1, 29)] + ["25/12/2024"]
    >>> columns = {"paid": CellColumn.of("paid", np.array(cells, dtype=object))}
    >>> (rule,) = date_orders(columns)
    >>> rule.words(), [one.suggested for found in rule.doubts(columns, own=True) for one in found.doubts]
    ('paid is a date, written as month/day/year.', ['12/25/2024'])
    """
    found = (_date_rule(column) for column in columns.values() if not column.is_numeric)
    return tuple(rule for rule in found if rule is not None)


def _date_rule(column: CellColumn) -> DateRule | None:
    ways, padded, dates = Counter[tuple[str, str]](), Counter[bool](), 0
    for value, count in column.filled():
        read = _read(value)
        dates += count * bool(read)
        for way in read:
            ways[way] += count
        if read:
            padded[not re.search(r"(?<!\d)\d(?!\d)", value)] += count
    if dates < max(FEWEST, 0.9 * column.n_present):
        return None
    (order, sign), most = max(ways.items(), key=lambda one: (one[1], one[0]))
    rivals = [count for (other, by), count in ways.items() if by == sign and other != order]
    if most < USUAL * dates or any(count == most for count in rivals):
        return None
    return DateRule(column.name, order, sign, padded[True] >= padded[False])


def _read(value: str) -> dict[tuple[str, str], dict[str, int]]:
    """Every way to read a date: its order and sign, and what it then says."""
    found = _DATE.fullmatch(value.strip())
    if found is None:
        return {}
    numbers, sign = (found[1], found[3], found[4]), found[2]
    ways = {}
    for order in ORDERS:
        parts = dict(zip(order, map(int, numbers), strict=True))
        year = numbers[order.index("y")]
        if len(year) == 4 and 1 <= parts["m"] <= 12 and 1 <= parts["d"] <= 31:
            ways[order, sign] = parts
    return ways
