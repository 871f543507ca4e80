"""Log-probabilities and logits as probabilities that keep rows apart which single precision would tie at 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dechaff.data.classes import Values
from dechaff.data.label_columns import ProbTable
from dechaff.errors import ProbsError

LEAST_SINGLE_LOG = float(np.log(np.finfo(np.float32).tiny))
"""Smaller log-probabilities are 0 in single precision, or as good as that."""
_ROWS_AT_ONCE = 4096


def from_log_table(table: ProbTable, *, name: str = "log_probs") -> ProbTable:
    """The same table with probabilities instead of their logarithms."""
    return replace(table, probs=probs_from_logs(table.probs, name=name))


def probs_from_logs(logs: Values, *, name: str = "log_probs") -> Values:
    """(n, k) probabilities of log-probabilities or logits, the rows summing to one.

    Single precision is kept where it holds every one of them; else they become double, which goes down to e**-700.
    """
    if logs.ndim != 2 or logs.shape[1] < 2 or logs.dtype.kind != "f":
        raise ProbsError(
            name,
            "be a float (n, k) array with one column a class, k >= 2",
            f"shape {logs.shape} of {logs.dtype}",
            "Hand in log-probabilities or logits of every class.",
        )
    top = logs.max(axis=1)
    _refuse_rows(logs, top, name)
    probs = np.empty(logs.shape, dtype=np.float32 if _single_is_enough(logs, top) else np.float64)
    for start in range(0, len(logs), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        odds = np.exp(np.subtract(logs[rows], top[rows, None], dtype=probs.dtype))
        np.divide(odds, odds.sum(axis=1, keepdims=True), out=probs[rows])
    return probs


def _single_is_enough(logs: Values, top: Values) -> bool:
    if logs.dtype == np.float64 or not len(logs):
        return False
    least = np.min(logs, axis=1, where=logs > -np.inf, initial=np.inf)
    return bool((least.astype(np.float64) - top - np.log(logs.shape[1])).min() > LEAST_SINGLE_LOG)


def _refuse_rows(logs: Values, top: Values, name: str) -> None:
    bad = np.flatnonzero(~np.isfinite(top))  # a NaN is the largest of its row
    if len(bad):
        row = logs[bad[0]]
        raise ProbsError(
            name,
            "be numbers, or -inf for what is impossible, and not impossible for every class",
            f"{np.array2string(row[:6], precision=3, separator=', ')} in row {bad[0]} ({len(bad)} such rows)",
            "Hand in log-probabilities or logits of every class.",
        )
