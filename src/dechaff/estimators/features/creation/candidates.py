"""The created features that a table allows: a short list of kinds that people can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations

import numpy as np

from dechaff.core.codes import factorize, mean_ranks
from dechaff.core.table import Column, Table
from dechaff.estimators.features.creation.creation import Creation
from dechaff.estimators.features.creation.learnt import N_BINS, Bins, Count, TargetEncoding
from dechaff.estimators.features.creation.row_wise import (
    MEASURES,
    PARTS,
    DatePart,
    Difference,
    Logarithm,
    Ratio,
    TextMeasure,
)
from dechaff.typing import Labels

MOST_PAIRED = 10
"""Numbers of which ratios and differences are made: those that tell most of the label."""
_LEVELS, _ZEROS = 3, 0.05


def usual_candidates(table: Table, codes: Labels) -> list[Creation]:
    """Ratios, differences, logarithms, bins, counts, target encodings, parts of dates and measures of texts.

    Parameters
    ----------
    table : n training rows
    codes : (n,) int, 0 … k-1
    """
    numbers = [one for one in table.of_kind("numeric") if _distinct(one) > 1]
    found = [*_of_numbers(numbers, codes), *_of_categories(table), *_of_dates(table), *_of_texts(table)]
    return [one for one in found if one.name not in table.names]


def _of_numbers(numbers: Sequence[Column], codes: Labels) -> Iterator[Creation]:
    for column in numbers:
        if np.nanmin(column.values) >= 0:
            yield Logarithm(column.name)
        if _distinct(column) > N_BINS:
            yield Bins(column.name)
    paired = sorted(numbers, key=lambda one: -_strength(one, codes))[:MOST_PAIRED]
    for top, bottom in permutations(paired, 2):
        if _divides(bottom):
            yield Ratio(top.name, bottom.name)
    for first, second in combinations(paired, 2):
        yield Difference(first.name, second.name)


def _of_categories(table: Table) -> Iterator[Creation]:
    for column in table.of_kind("categorical"):
        if _distinct(column) >= _LEVELS:
            yield Count(column.name)
            yield TargetEncoding(column.name)


def _of_dates(table: Table) -> Iterator[Creation]:
    dates = [one for one in table.of_kind("datetime") if _distinct(one) > 1]
    for column in dates:
        yield from (DatePart(part, column.name) for part in PARTS)
    for first, second in combinations(dates, 2):
        yield Difference(first.name, second.name)


def _of_texts(table: Table) -> Iterator[Creation]:
    for column in table.of_kind("text"):
        yield from (TextMeasure(measure, column.name) for measure in MEASURES)


def _distinct(column: Column) -> int:
    return len(np.unique(column.values[~column.missing].astype(str if column.kind == "categorical" else np.float64)))


def _divides(column: Column) -> bool:
    """Whether a number is positive, but for a few zeros."""
    known = column.values[~column.missing]
    return bool(known.min() >= 0 and (known == 0).mean() <= _ZEROS)


def _strength(column: Column, codes: Labels) -> float:
    """The largest rank correlation of a number with a class."""
    known = ~column.missing
    level = factorize(column.values[known])
    ranks = mean_ranks(np.bincount(level))[level]
    ranks = (ranks - ranks.mean()) / max(float(ranks.std()), 1e-12)
    classes = np.unique(codes[known])
    hits = [(codes[known] == one).astype(np.float64) for one in classes.tolist()]
    return max(abs(float((ranks * (one - one.mean())).mean())) / max(float(one.std()), 1e-12) for one in hits)
