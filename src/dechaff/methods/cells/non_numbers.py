"""Words in a column of numbers: letters typed for digits, a decimal comma, signs around a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dechaff.methods.cells.cell_columns import CellColumns, CellDoubts, Doubt

_LETTERS = str.maketrans("OoIlSB", "001158")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
FEWEST, MOST = 20, 0.02


@dataclass(frozen=True)
class NumberRule:
    """The cells of a column are numbers; ``words_too`` are what else they may hold."""

    column: str
    words_too: frozenset[str] = frozenset()

    def words(self) -> str:
        """The rule."""
        return f"{self.column} is a number."

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The cells that hold none."""
        if self.column in columns:
            column = columns[self.column]
            found = {value: _doubt(self.column, value) for value, _ in column.words
                     if not _NUMBER.fullmatch(value.strip()) and value not in self.words_too}  # fmt: skip
            yield CellDoubts.of_values(column, found)


def non_numbers(columns: CellColumns) -> tuple[NumberRule, ...]:
    """The columns of numbers, of which at most one cell in twenty is none.

    Words that repeat are values of the column, or placeholders, which `missing_values` finds.

    Source
    ------
    Own rule; type violations of Kandel et al. (2012), Profiler.

    Examples
    --------
    >>> from dechaff.methods.cells.cell_columns import CellColumn
    >>> cells = np.array([str(n) for n in range(40)] + ["1O5"], dtype=object)
    >>> columns = {"age": CellColumn.of("age", cells)}
    >>> [one.suggested for rule in non_numbers(columns) for found in rule.doubts(columns, own=True)
    ...  for one in found.doubts]
    ['105']
    """
    rules = []
    for column in columns.values():
        if column.is_numeric and column.n_present >= FEWEST:
            often = max(3, MOST * column.n_present)
            too = frozenset(value for value, count in column.words if count > often)
            rules.append(NumberRule(column.name, frozenset(one for one in too if not _NUMBER.fullmatch(one.strip()))))
    return tuple(rules)


def _doubt(name: str, value: str) -> Doubt:
    plain = value.strip().strip("'\"()*~ ")
    tried = (plain, plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain.replace(",", "."),
             plain.translate(_LETTERS), plain.replace(" ", ""))  # fmt: skip
    right = next((one for one in tried if _NUMBER.fullmatch(one)), None)
    return Doubt(right, 0.9, f"{value!r} is no number, as the other cells of {name} are.")
