"""Whether equal rows are copies, or so few distinct values make rows coincide by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dechaff.core.codes import Codes, combine_codes, combined_keys

MOST_COLUMNS_LEFT_OUT = 32
"""Leaving out a few dozen columns, one at a time, is enough for a median."""
BY_CHANCE = 0.2
"""Fraction of the equal pairs explained by chance from which on equal rows are not called copies."""
MOST_LIFT = 30.0
"""How much more likely, in odds, rows that agree elsewhere may be to agree in one more column. Dependent columns
reach some 20; copies with a changed cell look like hundreds."""


@dataclass(frozen=True)
class ChanceRepeats:
    """Pairs of equal rows: how many there are, and how many of them rows that only happen to agree would make."""

    observed: float
    expected: float
    distinct: int

    @property
    def natural(self) -> bool:
        """True if chance explains such a part of the equal pairs that no single one can be called a copy."""
        return self.observed > 0 and self.expected >= BY_CHANCE * self.observed


def chance_repeats(columns: Sequence[Codes], n_rows: int) -> ChanceRepeats:
    """How many pairs of equal rows are to be expected without any copying.

    A copy agrees in *every* column, and few rows agree in all columns but one. Where rows coincide because the
    columns hold few values, near misses abound. Take two columns, and the pairs of rows that agree in all the
    others: b differ in the first only, c in the second only, d in both. If the two columns agree independently
    of each other, b c / d pairs agree in both, and so everywhere. The median over neighbouring columns is taken,
    because columns that depend on each other agree together.

    With a single column nothing can be estimated: expected is 0 then.

    Parameters
    ----------
    columns : d arrays of codes, each (n,) int64 and not negative
    n_rows : number of rows

    Source
    ------
    Own; the estimate of a two-by-two table's missing cell as in capture-recapture (Lincoln 1930). Fails where true
    copies often have one changed cell in most of the columns.

    Examples
    --------
    Two coins, eight rows, all four sides twice: 4 equal pairs, and 4 to be expected.

    >>> coins = [np.array([0, 0, 1, 1, 0, 0, 1, 1]), np.array([0, 1, 0, 1, 0, 1, 0, 1])]
    >>> repeats = chance_repeats(coins, 8)
    >>> repeats.observed, repeats.distinct, repeats.natural
    (4.0, 4, True)
    """
    whole = combine_codes(columns, n_rows)
    observed = _equal_pairs(whole)
    distinct = int(whole.max()) + 1 if n_rows else 0
    if len(columns) < 2 or observed == 0:
        return ChanceRepeats(observed, 0.0, distinct)
    chosen = np.unique(np.linspace(0, len(columns) - 1, MOST_COLUMNS_LEFT_OUT).round().astype(int)).tolist()
    rest = combine_codes([column for j, column in enumerate(columns) if j not in set(chosen)], n_rows)
    left_out = _neighbours_left_out([columns[j] for j in chosen], rest)
    by_itself = [_equal_pairs(columns[j]) / (n_rows * (n_rows - 1) / 2) for j in chosen]
    expected = [_expected(*pairs, observed, share) for pairs, share in zip(left_out, by_itself[:-1], strict=True)]
    return ChanceRepeats(observed, float(np.median(expected)), distinct)


def _expected(without_first: float, without_second: float, without_both: float, observed: float, share: float) -> float:
    """b c / d, from the pairs that are equal without the first column, without the second, without both.

    ``share`` of all pairs agree in the first column; its odds bound c / d, which is the odds of agreeing there.
    """
    first_only, second_only = without_first - observed, without_second - observed
    both = without_both - observed - first_only - second_only
    most = MOST_LIFT * share / max(1 - share, 1e-9)
    return first_only * min(second_only / max(both, 1.0), most)


def _neighbours_left_out(columns: Sequence[Codes], rest: Codes) -> list[tuple[float, float, float]]:
    """For each two neighbouring columns: equal pairs without the first, without the second, without both."""
    n_rows = len(rest)
    after = [np.zeros(n_rows, dtype=np.int64)]
    for column in reversed(columns[2:]):
        after.append(combine_codes([column, after[-1]], n_rows))
    before, out = rest, []
    for first, second, tail in zip(columns[:-1], columns[1:], reversed(after), strict=True):
        left = ([before, second, tail], [before, first, tail], [before, tail])
        a, b, c = (_equal_pairs(combined_keys(part, n_rows)) for part in left)
        out.append((a, b, c))
        before = combine_codes([before, first], n_rows)
    return out


def _equal_pairs(keys: Codes) -> float:
    ordered = np.sort(keys)
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
    counts = np.diff(ends, prepend=-1).astype(np.float64)
    return float((counts * (counts - 1) / 2).sum())
