"""Formats: cells whose form, in letters, digits and signs, is not one of the few that all others have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellDoubts, Doubt

USUAL, COVERED = 0.01, 0.95
"""A usual form has at least this fraction of the cells, and all of them together have so much."""
MOST, FEWEST = 6, 20
EXACT, USUAL_EXACT, MOST_EXACT, LONGEST = 0.95, 0.05, 2, 12
"""Codes have one or two exact forms, which are short."""
_RUN = re.compile(r"[^\W\d_]+|\d+|\s+")


@dataclass(frozen=True)
class ShapeRule:
    """The forms that the cells of a column have: letters as a, digits as 0."""

    column: str
    shapes: tuple[str, ...]
    examples: tuple[str, ...] = ()
    exact: bool = False
    """Whether the number of letters and digits counts, and capitals are written as A."""

    def words(self) -> str:
        """The forms."""
        return f"{self.column} looks like {' or '.join(map(repr, self.examples))}."

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The cells of another form."""
        if self.column not in columns:
            return
        column = columns[self.column]
        why = f"does not look like {' or '.join(map(repr, self.examples))}."
        found = {value: Doubt(None, 0.7, f"{value!r} {why}") for value, _ in column.filled() if self._differs(value)}
        yield CellDoubts.of_values(column, found)

    def _differs(self, value: str) -> bool:
        if self.exact:
            return exact_shape(value) not in self.shapes
        return shape(value) not in self.shapes and _is_broken(value, self.shapes)


def cell_shapes(columns: CellColumns) -> tuple[ShapeRule, ...]:
    """The columns whose cells have few forms, such as codes, percentages and dates.

    A cell of another form is doubted if it mixes letters and digits in a word where no usual form does, or holds no
    digit where all of them do; names of other shapes are names.

    Source
    ------
    Raman, Hellerstein (2001), Potter's Wheel: the structure of a column and the discrepancies from it. Own thresholds.

    Examples
    --------
    >>> cells = np.array(["98%", "100%", "7%"] * 20 + ["9x%"], dtype=object)
    >>> (rule,) = cell_shapes({"share": CellColumn.of("share", cells)})
    >>> rule.shapes, [one.why for found in rule.doubts({"share": CellColumn.of("share", cells)}, own=True)
    ...               for one in found.doubts]
    (('0%',), ["'9x%' does not look like '100%'."])
    """
    texts = [column for column in columns.values() if not column.is_numeric]
    found = (_code_rule(column) or _shape_rule(column) for column in texts)
    return tuple(rule for rule in found if rule is not None)


def _code_rule(column: CellColumn) -> ShapeRule | None:
    """The rule of a column of short codes, which have one or two exact forms."""
    shapes, example, most = Counter[str](), dict[str, str](), 0
    for value, count in column.filled():
        shapes[exact_shape(value)] += count
        example.setdefault(exact_shape(value), value)
    total = shapes.total()
    usual = [one for one, count in shapes.most_common(MOST_EXACT) if count >= USUAL_EXACT * total]
    most = max((count for one, count in shapes.items() if one not in usual), default=0)
    covered = sum(shapes[one] for one in usual)
    if total < FEWEST or covered < EXACT * total or most > max(USUAL * total, 3) or max(map(len, usual)) > LONGEST:
        return None
    if all("aaa" in one and "0" not in one for one in usual):  # words, which may have any length
        return None
    return ShapeRule(column.name, tuple(usual), tuple(example[one] for one in usual), exact=True)


def _shape_rule(column: CellColumn) -> ShapeRule | None:
    shapes, example = Counter[str](), dict[str, str]()
    for value, count in column.filled():
        one = shape(value)
        shapes[one] += count
        example.setdefault(one, value)
    total = shapes.total()
    usual = [one for one, count in shapes.most_common(MOST) if count >= max(USUAL * total, 3)]
    usual = [one for at, one in enumerate(usual) if not at or not _is_broken(example[one], tuple(usual[:at]))
             or shapes[one] >= 5 * USUAL * total]  # fmt: skip
    covered = sum(shapes[one] for one in usual)
    if total < FEWEST or covered < COVERED * total or not any("0" in one for one in usual):
        return None
    return ShapeRule(column.name, tuple(usual), tuple(example[one] for one in usual[:3]))


def shape(value: str) -> str:
    """The form of a value: runs of letters as a, of digits as 0, of blanks as one.

    Examples
    --------
    >>> shape("A-17 beta")
    'a-0 a'
    """
    return _RUN.sub(lambda run: "a" if run[0][0].isalpha() else "0" if run[0][0].isdigit() else " ", value)


def exact_shape(value: str) -> str:
    """The form of a value, sign by sign: capitals as A, other letters as a, digits as 0.

    Examples
    --------
    >>> exact_shape("A-17 be")
    'A-00 aa'
    """
    return "".join("0" if one.isdigit() else "A" if one.isupper() else "a" if one.isalpha() else one for one in value)


def _is_broken(value: str, usual: tuple[str, ...]) -> bool:
    own = shape(value)
    mixes = "a0" in own or "0a" in own
    usually_mixes = any("a0" in one or "0a" in one for one in usual)
    if mixes and not usually_mixes:
        return True
    return all("0" in one for one in usual)
