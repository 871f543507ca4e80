"""Cells that hold a placeholder for a missing value, by the rule of their column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellDoubts, Doubt
from dechaff.methods.cells.placeholders import placeholder_numbers, placeholder_texts

SURE = 0.6
"""Less sure placeholders may be values, and are left alone, unless they are rare."""
RARE = 0.02
CODE = re.compile(r"-?(?:9{2,}|7{3,}|8{3,}|1)(?:\.0)?")


@dataclass(frozen=True)
class MissingRule:
    """Values of a column that mean that there is none, each with the reason."""

    column: str
    reasons: Mapping[str, str]

    def words(self) -> str:
        """The placeholders."""
        return f"{' and '.join(map(repr, self.reasons))} in {self.column} means that the value is missing."

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The cells that hold one; they should be empty."""
        if self.column in columns:
            column = columns[self.column]
            found = {value: Doubt("", 0.9, f"{value!r} {why}.") for value, why in self.reasons.items()}
            yield CellDoubts.of_values(column, found)


def missing_values(columns: CellColumns) -> tuple[MissingRule, ...]:
    """The columns with placeholders for missing values: words, codes such as -999.

    Source
    ------
    Qahtan et al. (2018), FAHES: disguised missing values; see `placeholder_texts` and `placeholder_numbers`.

    Examples
    --------
    >>> cells = np.array(["12", "N/A", "15", "13"], dtype=object)
    >>> [rule.words() for rule in missing_values({"age": CellColumn.of("age", cells)})]
    ["'N/A' in age means that the value is missing."]
    """
    found = ((column.name, _reasons(column)) for column in columns.values())
    return tuple(MissingRule(name, reasons) for name, reasons in found if reasons)


def _reasons(column: CellColumn) -> Mapping[str, str]:
    few = RARE * column.n_present
    reasons = {one.value: one.why for one in placeholder_texts(column.distinct)
               if one.sure >= SURE or one.count <= few}  # fmt: skip
    if column.is_numeric:
        codes, written = [one for one in placeholder_numbers(column.numbers) if one.sure >= SURE], dict[str, str]()
        for one in codes:
            near = np.isclose(column.figures, float(one.value), rtol=5e-6, atol=0)
            written = dict.fromkeys(column.values[near].tolist(), one.why) | written
        reasons |= dict(sorted(written.items()))
    elif not any(one.isdigit() for value, _ in column.filled() for one in value if not CODE.fullmatch(value)):
        reasons |= {value: "is a code for a missing value among words"
                    for value, count in column.filled() if CODE.fullmatch(value) and count <= few}  # fmt: skip
    return reasons
