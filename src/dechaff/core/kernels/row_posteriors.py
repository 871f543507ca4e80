"""Each row's label against its other near classes, by Bayes' rule, and the posteriors of all rows added up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels
from dechaff.core.kernels.deconvolved import Few, NearProbs, deconvolved_in_numpy
from dechaff.core.kernels.library import kernel
from dechaff.core.kernels.shares import codes_of

POSTERIOR_STEPS = 2**30
"""Posteriors are added up in whole steps: exact, in any order of rows."""
_AGREED = np.float32(0.5)


@dataclass(frozen=True)
class RowPosteriors:
    """The posteriors of n rows over m of k classes, summarised."""

    given: npt.NDArray[np.float32]
    """(n,) of the row's own label, up to a factor for the row."""
    others: npt.NDArray[np.float32]
    """(n,) of all other near classes together, up to the same factor."""
    suggested: npt.NDArray[np.int64]
    """(n,) the most probable other class."""
    suggested_prob: npt.NDArray[np.float64]
    """(n,) its posterior."""
    margin: npt.NDArray[np.float64]
    """(n,) how far the model has the most probable other class ahead of the given one, in probability."""
    lead: npt.NDArray[np.float64]
    """(n,) the same in log-probability."""
    joint: npt.NDArray[np.int64]
    """(k, k) posteriors added up by given label and true class, in steps of ``1 / POSTERIOR_STEPS``; a NaN adds 0."""


def row_posteriors(
    labels: npt.NDArray[np.int64], near: NearProbs, transition: npt.NDArray[np.float32], *, steps: int
) -> RowPosteriors:
    """The posteriors of rows of two classes or more, deconvolved; the given label is near.

    Examples
    --------
    >>> probs = np.array([[0.8], [0.2]], dtype=np.float32)
    >>> near = NearProbs(np.array([[0], [1]]), probs, np.zeros(1, dtype=np.float32), np.log(probs))
    >>> noise = np.array([[0.8, 0.2], [0.2, 0.8]], dtype=np.float32)
    >>> found = row_posteriors(np.array([1]), near, noise, steps=8)
    >>> found.suggested, found.suggested_prob.round(1), found.margin.round(1)
    (array([0]), array([0.9]), array([0.6]))
    """
    native, k, (m, n) = kernel(), len(transition), near.probs.shape
    if native.library is None:
        check_labels(labels, k)
        return _row_posteriors(labels, near, transition, steps)
    found = RowPosteriors(
        given=np.empty(n, dtype=np.float32),
        others=np.empty(n, dtype=np.float32),
        suggested=np.empty(n, dtype=np.int64),
        suggested_prob=np.empty(n),
        margin=np.empty(n),
        lead=np.empty(n),
        joint=np.zeros((k, k), dtype=np.int64),
    )
    room, answers = np.empty((m, n), dtype=np.float32), vars(found).values()
    if native("row_posteriors", codes_of(labels), *near.in_order(), n, m, transition, k, steps, room, *answers):
        check_labels(labels, k)
    return found


def agreed(labels: npt.NDArray[np.int64], near: NearProbs) -> npt.NDArray[np.bool_]:
    """Rows to whose label the model gives over one half: three near classes and half of the steps are enough."""
    return np.asarray((near.classes[0] == labels) & (near.probs[0] > _AGREED))


def _row_posteriors(
    labels: npt.NDArray[np.int64], near: NearProbs, transition: npt.NDArray[np.float32], steps: int
) -> RowPosteriors:
    k, places, classes = len(transition), np.arange(len(labels)), near.classes
    cells, own = labels * k + classes, classes == labels
    likely = deconvolved_in_numpy(near, transition, agreed(labels, near), steps) * transition.take(cells)
    posterior = likely / likely.sum(axis=0)
    others = np.where(own, np.float32(0), likely)
    best = _row_of_most(others)
    whole = np.where(posterior <= 1, np.rint(posterior * np.float32(POSTERIOR_STEPS)), 0).reshape(-1)
    return RowPosteriors(
        given=_picked(likely, own),
        others=others.sum(axis=0),
        suggested=classes[best, places],
        suggested_prob=posterior[best, places].astype(np.float64),
        margin=_rival_less_own(near.probs, own),
        lead=_rival_less_own(near.logs, own),
        joint=np.bincount(cells.reshape(-1), weights=whole, minlength=k * k).astype(np.int64).reshape(k, k),
    )


def _row_of_most(values: Few) -> npt.NDArray[np.intp]:
    """``values.argmax(axis=0)``, which numpy is slow at for few long rows."""
    most, at = values[0], np.zeros(values.shape[1], dtype=np.intp)
    for row, further in enumerate(values[1:], start=1):
        np.copyto(at, row, where=further > most)
        most = np.maximum(most, further)
    return at


def _picked(values: Few, own: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """The values of the given class."""
    return np.asarray(np.where(own, values, np.float32(0)).sum(axis=0))


def _rival_less_own(values: Few, own: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """How far the first class that is not the given one is ahead of it."""
    rival = np.where(own[0], values[1], values[0])
    return np.asarray(np.subtract(rival, _picked(values, own), dtype=np.float64))
