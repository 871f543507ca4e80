"""The rows that look most like another class than like their own, as many of each pair as the joint counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.class_rows import class_rows
from dechaff.core.picked import picked
from dechaff.core.top_rows import top_rows
from dechaff.methods.label_errors.argmax_rule import SLACK
from dechaff.methods.label_errors.candidates import Candidates, find_candidates
from dechaff.methods.label_errors.prune_counts import counts_for
from dechaff.typing import Labels, Mask, Probs, Rows

_LEAD = 2 * SLACK
"""A lead that only candidates can have: those who lead by more come before all other rows of their class."""
_CELLS_AT_ONCE = 2**20
_ROWS_AT_ONCE = 2**12


def prune_by_noise_rate(
    labels: Labels,
    probs: Probs,
    *,
    joint: npt.NDArray[np.int64],
    frac_noise: float = 1.0,
    min_examples_per_class: int = 1,
) -> Mask:
    """Flags, for each pair of given and true class, the rows in which the true one leads the given one by most.

    As many rows a pair as the joint counts.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities. In-sample ones hide errors.
    joint : (k, k) int
        Of `calibrated_joint`.
    frac_noise : float from 0 to 1
        Share of the estimated errors of each pair to flag, those of largest lead first.
    min_examples_per_class : int
        A class that has no more rows is left alone.

    Returns
    -------
    (n,) bool

    Raises
    ------
    InputError
        Where labels, probs and joint do not belong together, or the share is none.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, method 4 "prune by noise rate". Ties are broken by row; rows of which
    the model prefers the given label are never flagged, as in cleanlab 2.9.

    Examples
    --------
    >>> import numpy as np
    >>> probs = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]])
    >>> prune_by_noise_rate(np.array([0, 0, 0, 1]), probs, joint=np.array([[2, 1], [0, 1]]))
    array([False, False,  True, False])
    """
    counts = counts_for(probs, joint, frac_noise=frac_noise, min_examples_per_class=min_examples_per_class)
    return flags_by_noise_rate(find_candidates(labels, probs), counts, min_examples_per_class)


def flags_by_noise_rate(seen: Candidates, counts: npt.NDArray[np.int64], min_examples_per_class: int) -> Mask:
    """The flags, from one pass's candidates and the rows to prune (`prune_counts`).

    Only candidates can be flagged, and in a pair they come first as long as the other class leads; so the pairs are
    chosen from among few rows. Where a pair wants more rows than the other class leads in, the whole class is ranked.
    """
    flag = np.zeros(len(seen.labels), dtype=bool)
    doubted = np.flatnonzero(seen.doubted)
    by_class = class_rows(seen.labels[doubted], seen.n_classes)
    large = seen.class_counts > max(min_examples_per_class, 1)
    short: list[_Pairs] = []
    for given in np.flatnonzero(large & (np.diff(by_class.starts) > 0)).tolist():
        rows = doubted[by_class.of(given)]
        short += [_flag_leaders(seen, flag, rows, pairs) for pairs in _pairs(given, counts[given], len(rows))]
    _flag_by_rank(seen, flag, [pair for pairs in short for pair in pairs.each()])
    return flag & seen.doubted


@dataclass(frozen=True)
class _Pairs:
    """Some classes that rows of one given label may belong to, and how many rows each of them is to get."""

    given: int
    others: npt.NDArray[np.int64]
    wanted: npt.NDArray[np.int64]

    def where(self, some: npt.NDArray[Any]) -> _Pairs:
        return _Pairs(self.given, self.others[some], self.wanted[some])

    def each(self) -> Iterator[tuple[int, int, int]]:
        yield from ((self.given, *pair) for pair in zip(self.others.tolist(), self.wanted.tolist(), strict=True))


def _pairs(given: int, counts: npt.NDArray[np.int64], n_rows: int) -> Iterator[_Pairs]:
    """The pairs of a given label that want rows, few enough at a time for their margins to stay small."""
    others = np.flatnonzero(counts)
    others = others[others != given]
    step = max(1, _CELLS_AT_ONCE // n_rows)
    for start in range(0, len(others), step):
        some = others[start : start + step]
        yield _Pairs(given, some, counts[some])


def _flag_leaders(seen: Candidates, flag: Mask, rows: Rows, pairs: _Pairs) -> _Pairs:
    """Flags the candidates in which another class leads by most; returns the pairs that want more than it leads in."""
    margins = _margins(seen, rows, pairs.others)
    leads = margins > margins.dtype.type(_LEAD)
    n_leads = np.count_nonzero(leads, axis=1)
    flag[rows[leads[n_leads <= pairs.wanted].any(axis=0)]] = True
    for pair in np.flatnonzero(n_leads > pairs.wanted).tolist():
        leading = np.flatnonzero(leads[pair])
        flag[rows[leading[top_rows(margins[pair, leading], int(pairs.wanted[pair]))]]] = True
    return pairs.where(n_leads < pairs.wanted)


def _margins(seen: Candidates, rows: Rows, others: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """(pairs, rows) lead of the other classes; some rows at a time, since the numbers of a row lie together."""
    margins = np.empty((len(others), len(rows)), dtype=seen.probs.dtype)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        margins[:, start : start + len(some)] = picked(seen.probs, some[None, :], others[:, None]) - seen.given[some]
    return margins


def _flag_by_rank(seen: Candidates, flag: Mask, pairs: list[tuple[int, int, int]]) -> None:
    """Flags the rows of largest margin of whole classes, where candidates are left that are not flagged already."""
    left = np.bincount(seen.labels[seen.doubted & ~flag], minlength=seen.n_classes) > 0
    pairs = [pair for pair in pairs if left[pair[0]]]
    ranked = np.zeros(seen.n_classes, dtype=bool)
    ranked[[given for given, _, _ in pairs]] = True
    members = np.flatnonzero(ranked[seen.labels])
    by_class = class_rows(seen.labels[members], seen.n_classes)
    for given, other, wanted in pairs:
        rows = members[by_class.of(given)]
        flag[rows[top_rows(seen.probs[rows, other] - seen.given[rows], wanted)]] = True
