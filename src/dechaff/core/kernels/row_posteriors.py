"""Each row's posterior over a few classes: its label against the others, and all rows added up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.deconvolved import Few
from dechaff.core.kernels.library import kernel
from dechaff.core.kernels.shares import codes_of

POSTERIOR_STEPS = 2**30
"""Posteriors are added up in whole steps: exact, in any order of rows."""


@dataclass(frozen=True)
class RowPosteriors:
    """What the posteriors of n rows over m of k classes say."""

    given: npt.NDArray[np.float32]
    """(n,) of the row's own label, up to a factor for the row."""
    others: npt.NDArray[np.float32]
    """(n,) of all other classes together, up to the same factor."""
    suggested: npt.NDArray[np.int64]
    """(n,) the most probable other class."""
    suggested_prob: npt.NDArray[np.float64]
    """(n,) its posterior."""
    joint: npt.NDArray[np.int64]
    """(k, k) posteriors added up by given label and true class, in steps of ``1 / POSTERIOR_STEPS``; a NaN adds 0."""


def row_posteriors(
    labels: npt.NDArray[np.int64], classes: npt.NDArray[np.int64], true: Few, transition: npt.NDArray[np.float32]
) -> RowPosteriors:
    """Bayes' rule for rows whose classes have the probabilities `true` before their labels are heard.

    Examples
    --------
    >>> some = np.array([[0], [1]]), np.array([[0.75], [0.25]], dtype=np.float32)
    >>> found = row_posteriors(np.array([1]), *some, np.array([[0.75, 0.25], [0.25, 0.75]], dtype=np.float32))
    >>> found.given, found.others, found.suggested, found.suggested_prob
    (array([0.1875], dtype=float32), array([0.1875], dtype=float32), array([0]), array([0.5]))
    """
    native, k = kernel(), len(transition)
    if native.library is None:
        return _row_posteriors(labels, classes, true, transition)
    m, n = true.shape
    found = RowPosteriors(
        np.empty(n, dtype=np.float32),
        np.empty(n, dtype=np.float32),
        np.empty(n, dtype=np.int64),
        np.empty(n),
        np.zeros((k, k), dtype=np.int64),
    )
    answers = (found.given, found.others, found.suggested, found.suggested_prob, found.joint)
    seen = (codes_of(labels), codes_of(classes), np.ascontiguousarray(true))
    native("row_posteriors", *seen, n, m, transition, k, *answers)
    return found


def _row_posteriors(
    labels: npt.NDArray[np.int64], classes: npt.NDArray[np.int64], true: Few, transition: npt.NDArray[np.float32]
) -> RowPosteriors:
    k, places, own = len(transition), np.arange(len(labels)), classes == labels
    cells = labels * k + classes
    likely = true * transition.take(cells)
    posterior = likely / likely.sum(axis=0)
    others = np.where(own, np.float32(0), likely)
    best = _row_of_most(others)
    steps = np.where(posterior <= 1, np.rint(posterior * np.float32(POSTERIOR_STEPS)), 0).reshape(-1)
    return RowPosteriors(
        given=np.where(own, likely, np.float32(0)).sum(axis=0),
        others=others.sum(axis=0),
        suggested=classes[best, places],
        suggested_prob=posterior[best, places].astype(np.float64),
        joint=np.bincount(cells.reshape(-1), weights=steps, minlength=k * k).astype(np.int64).reshape(k, k),
    )


def _row_of_most(values: Few) -> npt.NDArray[np.intp]:
    """``values.argmax(axis=0)``, which numpy is slow at for few long rows."""
    most, at = values[0], np.zeros(values.shape[1], dtype=np.intp)
    for row, further in enumerate(values[1:], start=1):
        np.copyto(at, row, where=further > most)
        most = np.maximum(most, further)
    return at
