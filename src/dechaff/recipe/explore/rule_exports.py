"""Learned rules of cells as checks of Pandera and of Great Expectations: Python files that need dechaff no more.

Both read every cell as text. A rule that they have no terms for is named in a comment of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dechaff.methods.cells.cell_columns import CellRule
from dechaff.methods.cells.cell_shapes import ShapeRule
from dechaff.methods.cells.date_orders import DateRule
from dechaff.methods.cells.missing_values import MissingRule
from dechaff.methods.cells.non_numbers import NumberRule
from dechaff.methods.cells.order_rules import OrderRule
from dechaff.methods.cells.scale_shifts import GAP, RangeRule
from dechaff.methods.cells.soft_dependencies import ALONE, FEWEST, Decider, DependencyRule
from dechaff.recipe.explore.cell_rules import KeptRules

_NUMBER = r"\s*[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\s*"
_SIGNS = {"A": "[A-Z]", "a": "[a-z]", "0": "[0-9]"}
_MOST_GROUPS, _USUAL = 5_000, 0.9
"""At most so many values of a column that decides another are written; this part of their rows has the usual one."""


@dataclass(frozen=True)
class _Check:
    """A check of one library: the column, the arguments that both of them take, and the rule in words."""

    column: str
    kind: str
    says: str
    pattern: str = ""
    values: Sequence[str] = ()
    low: float = 0.0
    high: float = 0.0
    other: str = ""
    usual: Mapping[str, str] | None = None


def _checks(rule: CellRule) -> list[_Check]:
    """A rule in terms that other libraries have; none if they have no such terms."""
    says = rule.words()
    match rule:
        case RangeRule():
            slack = GAP * (rule.high - rule.low)
            return [_Check(rule.column, "between", says, low=rule.low - slack, high=rule.high + slack)]
        case MissingRule():
            return [_Check(rule.column, "never", says, values=sorted(rule.reasons))]
        case NumberRule():
            return [_Check(rule.column, "form", says, "|".join([_NUMBER, *map(re.escape, sorted(rule.words_too))]))]
        case ShapeRule() if rule.exact:
            forms = ("".join(_SIGNS.get(one, re.escape(one)) for one in form) for form in rule.shapes)
            return [_Check(rule.column, "form", says, "|".join(forms))]
        case DateRule():
            width = {"y": "[0-9]{4}", "m": "[0-9]{1,2}", "d": "[0-9]{1,2}"}
            return [_Check(rule.column, "form", says, re.escape(rule.sign).join(width[one] for one in rule.order))]
        case OrderRule():
            kind = "dates" if rule.is_date else "numbers"
            return [_Check(rule.second, f"at least, as {kind}", says, other=rule.first, high=rule.beyond)]
        case DependencyRule():
            alone = ((one.column, _usual(one)) for one in rule.deciders if one.varied and one.strength >= ALONE)
            return [_Check(rule.column, "follows", f"{name} decides {rule.column}.", other=name, usual=usual)
                    for name, usual in alone if usual]  # fmt: skip
    return []


def _usual(decider: Decider) -> Mapping[str, str]:
    """What nearly all rows with a value of the decider have; empty if there are too many to write down."""
    usual = {}
    for group, counts in decider.groups.items():
        right, most = max(counts.items(), key=lambda one: (one[1], one[0]), default=("", 0))
        if group and right and most > FEWEST and most >= _USUAL * sum(counts.values()):
            usual[group] = right
    return usual if len(usual) <= _MOST_GROUPS else {}


_SHARED = '''import sys

import pandas as pd


def numbers(cells):
    """The cells as numbers; what is none is missing."""
    return pd.to_numeric(cells.astype(str), errors="coerce")


def dates(cells):
    """The cells as dates; what is none is missing."""
    return pd.to_datetime(cells.astype(str), errors="coerce", format="mixed")


def far_below(first, second, beyond, is_date):
    """Whether the first is more than the second, by more than a margin; days for dates."""
    gap = (dates(first) - dates(second)).dt.total_seconds() / 86400 if is_date else numbers(first) - numbers(second)
    return gap > beyond


def follows(one, cells, usual):
    """Whether each cell is what usually goes with the other column, if that is known."""
    expected = one.map(usual)
    return expected.isna() | cells.isna() | (cells == "") | (cells == expected)

'''
_PANDERA = """
import pandera.pandas as pa

schema = pa.DataFrameSchema(
    {{
{columns}
    }},
    checks=[
{rows}
    ],
)

if __name__ == "__main__":
    try:
        schema.validate(pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False), lazy=True)
    except pa.errors.SchemaErrors as broken:
        print(broken.failure_cases.to_string())
        sys.exit(1)
"""
_EXPECTATIONS = '''
import great_expectations as gx
import great_expectations.expectations as gxe


def prepared(frame):
    """The frame with the columns that the expectations read besides."""
    frame = frame.replace("", None)
{made}
    return frame


suite = gx.ExpectationSuite(
    name="dechaff",
    expectations=[
{expectations}
    ],
)

if __name__ == "__main__":
    rows = prepared(pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False))
    batch = gx.get_context(mode="ephemeral").data_sources.pandas_default.read_dataframe(rows)
    result = batch.validate(suite)
    for one in result.results:
        if not one.success:
            print(one.expectation_config.meta["rule"], one.result.get("partial_unexpected_list", ""))
    sys.exit(0 if result.success else 1)
'''


def as_pandera(kept: KeptRules) -> str:
    """The rules as a schema of Pandera."""
    columns = []
    checks = [check for rule in kept.applied for check in _checks(rule)]
    for name in kept.columns or dict.fromkeys(check.column for check in checks):
        inside = ", ".join(_of_column(check) for check in checks if check.column == name and not check.other)
        columns.append(f"        {name!r}: pa.Column(checks=[{inside}], nullable=True),")
    rows = (f"        {_of_rows(check)}," for check in checks if check.other)
    body = _PANDERA.format(columns="\n".join(columns), rows="\n".join(rows))
    return _head("Pandera", "pandera and pandas", kept) + _SHARED + body


def _of_column(check: _Check) -> str:
    tests = {
        "between": f"~((numbers(cells) < {check.low!r}) | (numbers(cells) > {check.high!r}))",
        "never": f"~cells.isin({list(check.values)!r})",
        "form": f"(cells == '') | cells.str.fullmatch({check.pattern!r})",
    }
    return f"pa.Check(lambda cells: {tests[check.kind]}, error={check.says!r})"


def _row_test(check: _Check) -> str:
    one, two = f"frame[{check.other!r}]", f"frame[{check.column!r}]"
    if check.usual is not None:
        return f"follows({one}, {two}, {dict(check.usual)!r})"
    return f"~far_below({one}, {two}, {check.high!r}, {check.kind.endswith('dates')})"


def _of_rows(check: _Check) -> str:
    return f"pa.Check(lambda frame: {_row_test(check)}, error={check.says!r})"


def as_great_expectations(kept: KeptRules) -> str:
    """The rules as a suite of Great Expectations."""
    checks = [check for rule in kept.applied for check in _checks(rule)]
    made, found = [], [f"        gxe.ExpectColumnToExist(column={name!r}, meta={{'rule': {f'{name} is there.'!r}}}),"
                       for name in kept.columns]  # fmt: skip
    for check in checks:
        name = f"{check.column}: {check.kind} {check.other}".strip()
        meta = f"meta={{'rule': {check.says!r}}}"
        if check.other:
            made.append(f"    frame[{name!r}] = {_row_test(check)}")
            found.append(f"        gxe.ExpectColumnValuesToBeInSet(column={name!r}, value_set=[True], {meta}),")
        elif check.kind == "between":
            made.append(f"    frame[{name!r}] = numbers(frame[{check.column!r}])")
            ends = f"min_value={check.low!r}, max_value={check.high!r}"
            found.append(f"        gxe.ExpectColumnValuesToBeBetween(column={name!r}, {ends}, {meta}),")
        elif check.kind == "never":
            values = f"value_set={list(check.values)!r}"
            found.append(f"        gxe.ExpectColumnValuesToNotBeInSet(column={check.column!r}, {values}, {meta}),")
        else:
            regex = f"regex={f'^(?:{check.pattern})$'!r}"
            found.append(f"        gxe.ExpectColumnValuesToMatchRegex(column={check.column!r}, {regex}, {meta}),")
    body = _EXPECTATIONS.format(made="\n".join(made), expectations="\n".join(found))
    return _head("Great Expectations", "great_expectations and pandas", kept) + _SHARED + body


FORMS: Mapping[str, Callable[[KeptRules], str]] = {
    "pandera": as_pandera,
    "great-expectations": as_great_expectations,
}
"""Name of a form -> the file in it."""


def _head(library: str, needs: str, kept: KeptRules) -> str:
    lines = [f'"""Rules of cells that dechaff learned, as checks of {library}.', "",
             f"Needs {needs}. Run it with the path of a CSV.", '"""', *_left_out(kept.applied)]  # fmt: skip
    return "\n".join(lines) + "\n"


def _left_out(rules: Sequence[CellRule]) -> Iterator[str]:
    left = [rule.words() for rule in rules if not _checks(rule)]
    if left:
        yield "# Only dechaff check applies these rules:"
        yield from (f"# - {' '.join(words.split())}" for words in left)
