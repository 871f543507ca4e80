"""Annotators who answer too fast to have looked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.methods.consensus.answer_rows import AnswerRows
from dechaff.typing import Figures, Numbers

_TIMES_FASTER = 3.0
_SPREADS = 3.0
_FEWEST = 5
"""Answers from which on the pace of an annotator is known."""
_LEAST = 1e-3


def paces(rows: AnswerRows, seconds: Numbers) -> Figures:
    """(m,) median of the seconds per answer, as a multiple of the usual for the same item; NaN if unknown."""
    known = np.isfinite(seconds) & (seconds >= 0)
    logs = np.log(np.maximum(seconds[known], _LEAST))
    usual = _medians(rows.items[known], logs, rows.n_items)
    return np.asarray(np.exp(_medians(rows.annotators[known], logs - usual[rows.items[known]], rows.n_annotators)))


def hasty_answers(rows: AnswerRows, seconds: Numbers) -> npt.NDArray[np.bool_]:
    """Annotators who take less than a third of the usual time, and are outliers among all.

    Parameters
    ----------
    rows : AnswerRows
    seconds : (a,) float, 0 or more; NaN = unknown
        Time that each answer took, in the order of `rows`.

    Returns
    -------
    (m,) bool

    Source
    ------
    Hampel (1974), JASA 69: three median absolute deviations from the median, here of log-times.

    Examples
    --------
    >>> rows = AnswerRows.of(np.repeat(np.arange(9), 4), np.tile(np.arange(4), 9), np.zeros(36, dtype=int))
    >>> hasty_answers(rows, np.tile([9.0, 11.0, 10.0, 1.0], 9))
    array([False, False, False,  True])
    """
    pace = np.log(paces(rows, seconds))
    enough = np.bincount(rows.annotators, minlength=rows.n_annotators) >= _FEWEST
    known = np.isfinite(pace)
    if not known.any():
        return np.zeros(len(pace), dtype=bool)
    centre = np.median(pace[known])
    spread = 1.4826 * np.median(np.abs(pace[known] - centre))
    limit = centre - max(np.log(_TIMES_FASTER), _SPREADS * spread)
    return np.asarray(known & enough & (np.where(known, pace, np.inf) < limit))


def _medians(codes: npt.NDArray[np.int32], values: Numbers, n: int) -> Figures:
    """(n,) median of the values of each code; NaN if it has none."""
    order = np.lexsort((values, codes))
    sizes = np.bincount(codes, minlength=n)
    starts = np.cumsum(sizes) - sizes
    ordered, some = values[order], np.flatnonzero(sizes)
    found = np.full(n, np.nan)
    first, last = starts[some], starts[some] + sizes[some] - 1
    middle = (ordered[(first + last) // 2] + ordered[(first + last + 1) // 2]) / 2
    found[some] = middle
    return found
