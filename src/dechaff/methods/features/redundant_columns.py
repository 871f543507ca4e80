"""Columns that are copies of another one, or nearly a function of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes, factorize, mean_ranks
from dechaff.core.table import Column

NUMBERS_FROM, LEVELS_FROM = 0.995, 0.98
"""Fraction of the variance of numbers, or of categories, that another column explains from which on they are reported.
Levels that change within a bin of the other column are not explained, although they are a function of it."""
MOST_ROWS = 2000
LEAST_ROWS = 50
BIN_ROWS = 4
"""Rows in a bin of numbers; narrow bins follow steep functions."""
MOST_LEVELS = 20
"""Levels of a category that must be explained; rarer ones count as one."""


@dataclass(frozen=True)
class Redundant:
    """A column, the one that explains it, the fraction of variance explained, and whether they explain each other."""

    name: str
    of: str
    explained: float
    mutual: bool


def redundant_columns(columns: Sequence[Column], *, seed: int = 0) -> list[Redundant]:
    """The columns that another one explains nearly completely: copies, other units, codes of names, coarser classes.

    The column that explains is cut into bins, or taken by its categories; what is explained is the variance between
    the bins, less what so many bins explain by chance. Numbers are compared by rank, so any scale counts as the same;
    categories by indicators. Of two columns that explain each other, the later one is reported. Columns with nearly as
    many categories as rows explain nothing, because every other column is a function of them.

    Parameters
    ----------
    columns : n rows each
        Without those that name the rows. At most 2000 rows, drawn by `seed`, are compared.
    seed : of that sample

    Returns
    -------
    list of Redundant, in the order of the columns

    Source
    ------
    Goodman, Kruskal (1954), JASA 49: tau; for numbers the correlation ratio: Fisher (1925). Differs: ranks, and the
    adjustment of Wherry (1931) for the number of bins.

    Examples
    --------
    >>> celsius = np.random.default_rng(0).normal(20, 5, 200)
    >>> def column(name, values):
    ...     return Column(name, "numeric", values, np.isnan(values), np.array([""] * len(values), dtype=object))
    >>> found = redundant_columns([column("celsius", celsius), column("fahrenheit", 1.8 * celsius + 32)])
    >>> [(one.name, one.of, one.mutual) for one in found]
    [('fahrenheit', 'celsius', True)]
    """
    n = len(columns[0].values) if columns else 0
    if n > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(n, MOST_ROWS, replace=False))
        columns, n = [column.take(rows) for column in columns], MOST_ROWS
    if n < LEAST_ROWS or len(columns) < 2:
        return []
    codes = [factorize(column.values) for column in columns]
    compared = [at for at, code in enumerate(codes) if code.max() > 0 and columns[at].kind != "image"]
    blocks = [_block(columns[at], codes[at]) for at in compared]
    starts = np.concatenate([[0], np.cumsum([block.shape[1] for block in blocks])])
    targets = np.concatenate(blocks, axis=1) if blocks else np.zeros((n, 0))
    total = np.square(targets).sum(axis=0)
    explained = np.zeros((len(compared), len(compared)))
    for place, at in enumerate(compared):
        within = _within(_bins(columns[at], codes[at]), targets)
        if within is not None:
            fractions = 1 - np.add.reduceat(within, starts[:-1]) / np.maximum(
                np.add.reduceat(total, starts[:-1]), 1e-12
            )
            explained[place] = fractions
    least = [NUMBERS_FROM if _is_number(columns[at]) else LEVELS_FROM for at in compared]
    found = _chosen(explained, np.array(least))
    return [
        Redundant(columns[compared[at]].name, columns[compared[of]].name, float(explained[of, at]), mutual)
        for at, (of, mutual) in sorted(found.items())
    ]


def _is_number(column: Column) -> bool:
    return column.kind in ("numeric", "datetime", "identifier")


def _block(column: Column, codes: Codes) -> npt.NDArray[np.float64]:
    """A column as what must be explained: its centred ranks and missing indicator, or indicators of its levels."""
    if _is_number(column):
        ranks = _mid_ranks(codes, column.missing) / len(codes)
        parts = [ranks, column.missing.astype(np.float64)] if column.missing.any() else [ranks]
    else:
        counts = np.bincount(codes)
        levels = np.argsort(-counts, kind="stable")[:MOST_LEVELS]
        parts = [(codes == level).astype(np.float64) for level in levels]
        if 2 * counts[levels].sum() < len(codes):  # nearly all levels are rare: one random number for each
            parts = [np.random.default_rng(0).random(len(counts))[codes]]
    block = np.stack(parts, axis=1)
    return np.asarray(block - block.mean(axis=0))


def _mid_ranks(codes: Codes, missing: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """The mean rank of each known value, and of missing ones the mean of all."""
    counts = np.bincount(codes[~missing], minlength=int(codes.max()) + 1)
    ranks = mean_ranks(counts)[codes]
    return np.where(missing, ranks[~missing].mean() if (~missing).any() else 0.0, ranks)


def _bins(column: Column, codes: Codes) -> Codes:
    """A column as what explains."""
    n = len(codes)
    n_bins = max(2, n // BIN_ROWS)
    if not _is_number(column) or codes.max() < n_bins:
        return codes
    ranks = _mid_ranks(codes, np.zeros(n, dtype=np.bool_))
    bins = (ranks * n_bins / (n + 1)).astype(np.int64)
    return np.unique(np.where(column.missing, n_bins, bins), return_inverse=True)[1].astype(np.int64)


def _within(bins: Codes, targets: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
    """(t,) sum of squares within the bins, adjusted for their number; None if nearly each row has its own bin."""
    n, n_bins = len(bins), int(bins.max()) + 1
    if n_bins > n // 3:
        return None
    order = np.argsort(bins, kind="stable")
    counts = np.bincount(bins)
    sums = np.add.reduceat(targets[order], np.concatenate([[0], np.cumsum(counts)[:-1]]), axis=0)
    within = np.square(targets).sum(axis=0) - (np.square(sums) / counts[:, None]).sum(axis=0)
    return np.asarray(np.maximum(within, 0) * (n - 1) / (n - n_bins))


def _chosen(explained: npt.NDArray[np.float64], least: npt.NDArray[np.float64]) -> dict[int, tuple[int, bool]]:
    """Redundant column -> the one that explains it and stays, and whether they explain each other."""
    close = explained >= least
    np.fill_diagonal(close, False)
    mutual = close & close.T
    # Of two that explain each other, the later one goes.
    edges = close & ~np.tril(mutual)
    found: dict[int, tuple[int, bool]] = {}
    for at in np.argsort(edges.sum(axis=0), kind="stable").tolist():
        by = [of for of in np.flatnonzero(edges[:, at]).tolist() if of not in found]
        if by:
            best = max(by, key=lambda of: explained[of, at])
            found[at] = (best, bool(mutual[best, at]))
    return found
