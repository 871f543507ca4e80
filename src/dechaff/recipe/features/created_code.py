"""Created features as plain Python code of pandas and scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dechaff.core.table import Table
from dechaff.estimators.features.creation.creation import Creation
from dechaff.estimators.features.creation.learnt import SMOOTHING, Bins, Count, TargetEncoding, bin_edges
from dechaff.estimators.features.creation.row_wise import DatePart, Difference, Logarithm, Ratio, TextMeasure

_HEAD = '''

def number(cells):
    """Numbers; NaN for cells that are none."""
    return pd.to_numeric(cells, errors="coerce")

'''
_NUMBERS = '''
def created_numbers(frame):
    """Created features that are numbers."""
    made = {{
{lines}
    }}
    return pd.DataFrame(made, index=frame.index).replace([np.inf, -np.inf], np.nan)

'''
_CATEGORIES = '''
def created_categories(frame):
    """Created features that are categories."""
    made = {{
{lines}
    }}
    return to_categories(pd.DataFrame(made, index=frame.index))

'''
_IN_BINS = '''
def in_bins(cells, edges):
    """The range of each number, by the edges between ranges."""
    return pd.Series(np.searchsorted(edges, number(cells), side="right"), cells.index).where(number(cells).notna())

'''
_COUNTS = '''
class Counts(TransformerMixin, BaseEstimator):
    """How many training rows have the same category."""

    def fit(self, frame, y=None):
        self.counts_ = {name: frame[name].value_counts() for name in frame}
        return self

    def transform(self, frame):
        return pd.DataFrame({name: frame[name].map(self.counts_[name]).fillna(0) for name in frame}, index=frame.index)

'''
_MEASURES: Mapping[str, str] = {
    "characters": "{texts}.str.len()",
    "words": "{texts}.str.split().str.len()",
    "digits": "{texts}.map(lambda text: sum(map(str.isdigit, text)))",
    "capitals": "{texts}.map(lambda text: sum(map(str.isupper, text)))",
    "marks": '{texts}.map(lambda text: sum(one in "!?" for one in text))',
}

_PANDAS_NAMES = {"weekday": "day_of_week"}


@dataclass(frozen=True)
class CreatedCode:
    """Functions, the steps of a ColumnTransformer that call them, and the lines of imports that both need."""

    functions: str = ""
    steps: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


def created_code(creations: Sequence[Creation], table: Table) -> CreatedCode:
    """The code of created features.

    Parameters
    ----------
    creations : accepted ones, of columns of the table
    table : the training rows, whose quantiles are the edges of bins
    """
    numbers, categories = _of(creations, _number, table), _of(creations, _category, table)
    counted = [one.column for one in creations if isinstance(one, Count)]
    encoded = [one.column for one in creations if isinstance(one, TargetEncoding)]
    binned = any(isinstance(one, Bins) for one in creations)
    functions = [_HEAD] if numbers or binned else []
    steps, imports = [], ["import numpy as np"] if numbers or binned else []
    if binned:
        functions.append(_IN_BINS)
    if numbers:
        functions.append(_NUMBERS.format(lines=_lines(numbers)))
        steps.append(f'("created numbers", scaled(created_numbers), {_columns(numbers)!r}),')
    if categories:
        functions.append(_CATEGORIES.format(lines=_lines(categories)))
        work = "make_pipeline(FunctionTransformer(created_categories), levels)"
        steps.append(f'("created categories", {work}, {_columns(categories)!r}),')
    if counted:
        functions.append(_COUNTS)
        imports.append("from sklearn.base import BaseEstimator, TransformerMixin")
        work = "make_pipeline(FunctionTransformer(to_categories), Counts(), StandardScaler())"
        steps.append(f'("counts", {work}, {counted!r}),')
    if encoded:
        imports.append("from sklearn.preprocessing import TargetEncoder")
        encoder = f"TargetEncoder(smooth={SMOOTHING})"
        work = f"make_pipeline(FunctionTransformer(to_categories), {encoder}, StandardScaler())"
        steps.append(f'("target encoding", {work}, {encoded!r}),')
    return CreatedCode("".join(functions).rstrip("\n"), tuple(steps), tuple(imports))


def _of(
    creations: Iterable[Creation], code_of: Callable[[Creation, Table], str], table: Table
) -> list[tuple[Creation, str]]:
    pairs = ((one, code_of(one, table)) for one in creations)
    return [(one, code) for one, code in pairs if code]


def _number(one: Creation, table: Table) -> str:
    if isinstance(one, Ratio):
        return f"number(frame[{one.top!r}]) / number(frame[{one.bottom!r}])"
    if isinstance(one, Difference):
        if table[one.first].kind != "datetime":
            return f"number(frame[{one.first!r}]) - number(frame[{one.second!r}])"
        return f"(to_dates(frame[{one.first!r}]) - to_dates(frame[{one.second!r}])) / pd.Timedelta(days=1)"
    if isinstance(one, Logarithm):
        return f"np.log1p(number(frame[{one.column!r}]).where(lambda cells: cells > -1))"
    if isinstance(one, DatePart) and one.part == "year":
        return f"to_dates(frame[{one.column!r}]).dt.year"
    if isinstance(one, TextMeasure):
        return _MEASURES[one.measure].format(texts=f"to_texts(frame[{one.column!r}])")
    return ""


def _category(one: Creation, table: Table) -> str:
    if isinstance(one, DatePart) and one.part != "year":
        return f"to_dates(frame[{one.column!r}]).dt.{_PANDAS_NAMES.get(one.part, one.part)}"
    if isinstance(one, Bins):
        edges = [float(f"{edge:.12g}") for edge in bin_edges(table[one.column]).tolist()]
        return f"in_bins(frame[{one.column!r}], {edges!r})"
    return ""


def _lines(pairs: Sequence[tuple[Creation, str]]) -> str:
    return "\n".join(f"        {one.name!r}: {code}," for one, code in pairs)


def _columns(pairs: Sequence[tuple[Creation, str]]) -> list[str]:
    """The columns that features are made of, each once."""
    return list(dict.fromkeys(np.concatenate([list(one.columns) for one, _ in pairs]).tolist()))
