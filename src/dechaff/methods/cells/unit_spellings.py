"""Numbers written with units: several spellings of one unit, another unit, percent beside fraction."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellDoubts, Doubt

SHARE, OF_ONE_KIND = 0.9, 0.95
"""Fraction of the cells that are numbers, and of those with a unit that have one of the same kind."""
USUAL = 0.8
"""From this fraction on, a spelling is the usual one, and others are written like it; else as plain numbers."""
_CELL = re.compile(
    r"\s*([$€£]?)\s*([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:[eE][-+]?\d+)?|[-+]?\.\d+)\s*([^\d\s][^\d]{0,23})?\s*"
)
UNITS: Mapping[str, Mapping[float, str]] = {
    "mass": {0.001: "mg", 1.0: "g gram grams gr", 1000.0: "kg kilo kilos kilogram kilograms",
             28.349523: "oz ounce ounces", 453.59237: "lb lbs pound pounds"},
    "length": {0.001: "mm", 0.01: "cm", 1.0: "m meter meters metre metres", 1000.0: "km",
               0.0254: "in inch inches", 0.3048: "ft foot feet", 0.9144: "yd yard yards", 1609.344: "mi mile miles"},
    "volume": {0.001: "ml", 0.01: "cl", 1.0: "l liter liters litre litres", 3.785412: "gal gallon gallons"},
    "time": {0.001: "ms", 1.0: "s sec secs second seconds", 60.0: "min mins minute minutes",
             3600.0: "h hr hrs hour hours", 86400.0: "d day days"},
    "percent": {0.01: "% percent pct per cent"},
    "money": {1.0: "$ usd dollar dollars € eur euro euros £ gbp"},
}  # fmt: skip
_UNIT_OF = {
    word: (kind, factor) for kind, one in UNITS.items() for factor, words in one.items() for word in words.split()
}


@dataclass(frozen=True)
class UnitRule:
    """How the numbers of a column are to be written.

    ``factors`` maps each spelling of a unit ('' = none) to what its numbers are multiplied with; ``usual`` is the
    spelling that they should have.
    """

    column: str
    factors: Mapping[str, float]
    usual: str = ""
    plain: Mapping[str, str] = field(default_factory=dict)

    def words(self) -> str:
        """How numbers are written."""
        return f"{self.column} is a number {f'in {self.usual.strip()!r}' if self.usual.strip() else 'without a unit'}."

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The cells in another spelling, written in the usual one."""
        if self.column in columns:
            column = columns[self.column]
            made = {value: self._doubt(value) for value, _ in column.filled()}
            yield CellDoubts.of_values(column, {value: one for value, one in made.items() if one is not None})

    def _doubt(self, value: str) -> Doubt | None:
        found = _split(value)
        if found is None or found[1] == self.usual:
            return None
        number, unit = found
        factor = self.factors.get(unit)
        if factor is None:
            return None
        right = f"{number * factor:.6g}{self.usual}"
        if right == value.strip():
            return None
        named = f"with the unit {unit.strip()!r}" if unit else "without a unit"
        return Doubt(right, 0.9, f"{value!r} is a number {named}; {self.words()[:-1]}.")


def unit_spellings(columns: CellColumns) -> tuple[UnitRule, ...]:
    """The columns of numbers whose units are spelled in several ways.

    Where one spelling has four fifths of the cells, the others are written like it; else all become plain numbers.
    A unit that scales the numbers (g beside kg, percent beside fractions) does so only if the numbers of both spellings
    differ accordingly: 5 % beside 0.05 does, 0.05 % does not.

    Source
    ------
    Own rule; factors of the international yard and pound agreement (1959).

    Examples
    --------
    >>> cells = np.array(["12 oz", "16 ounces", "12 oz.", "16.0 oz"], dtype=object)
    >>> (rule,) = unit_spellings({"size": CellColumn.of("size", cells)})
    >>> rule.words(), [one.suggested for found in rule.doubts({"size": CellColumn.of("size", cells)}, own=True)
    ...                for one in found.doubts]
    ('size is a number without a unit.', ['12', '16', '12', '16'])
    """
    found = (_unit_rule(column) for column in columns.values())
    return tuple(rule for rule in found if rule is not None)


def _unit_rule(column: CellColumn) -> UnitRule | None:
    if column.n_present == int(column.counts[np.isfinite(column.figures)].sum()):
        return None  # numbers alone
    split = {value: (count, _split(value)) for value, count in column.filled()}
    numbers = sum(count for count, one in split.values() if one is not None)
    if not numbers or numbers < SHARE * sum(count for count, one in split.values() if one or not _is_word(one)):
        return None
    rows, of_unit = Counter[str](), dict[str, list[float]]()
    for count, one in split.values():
        if one is not None:
            rows[one[1]] += count
            of_unit.setdefault(one[1], []).extend([one[0]] * min(count, 50))
    kinds = {unit: _kind(unit) for unit in rows if unit}
    known = Counter({kind: sum(rows[unit] for unit, one in kinds.items() if one and one[0] == kind)
                     for kind in {one[0] for one in kinds.values() if one}})  # fmt: skip
    if not known:
        return None
    kind, count = known.most_common(1)[0]
    if len(rows) < 2 or count < OF_ONE_KIND * (numbers - rows[""]):
        return None
    top, most = rows.most_common(1)[0]
    usual = top if most >= USUAL * numbers else ""
    base = of_unit.get(usual) or of_unit[top]
    to = _kind(usual or top) or (kind, 1.0)
    factors = {unit: _factor(of_unit[unit], base, one[1] / (to[1] if usual or "" not in rows else 1.0))
               for unit, one in kinds.items() if one and one[0] == kind}  # fmt: skip
    if usual:
        factors |= {"": 1.0}
    return UnitRule(column.name, factors, usual)


def _is_word(one: object) -> bool:
    return one is None


def _split(value: str) -> tuple[float, str] | None:
    """A cell as its number and its unit as it is spelled, blanks before it included."""
    found = _CELL.fullmatch(value)
    if found is None:
        return None
    before, number, after = found.groups()
    start = found.end(2)
    unit = before or (value[start:].rstrip() if after else "")
    return float(number.replace(",", "")), unit


def _kind(unit: str) -> tuple[str, float] | None:
    words = re.findall(r"[^\W\d_]+|[%$€£]", unit.casefold())
    return _UNIT_OF.get(words[0]) if words else None


def _factor(numbers: list[float], base: list[float], factor: float) -> float:
    """The factor of the units, or 1 if the numbers of both spellings are of one size as they are."""
    one, other = (median([abs(number) for number in some if number] or [1.0]) for some in (numbers, base))
    scaled, plain = abs(np.log(one * factor / other)), abs(np.log(one / other))
    return factor if scaled < plain else 1.0
