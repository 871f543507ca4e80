"""The most probable classes of each row; its label against the others, by Bayes' rule; and the posteriors added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels
from dechaff.core.kernels.native import cells_of, codes_of, kernel, native_for_any_order, typed
from dechaff.core.kernels.pair_sums import lane_sums
from dechaff.typing import Labels

_SORTED_WHOLE = 64
"""Up to this many columns numpy sorts a row fastest."""
_LEAST_SHARE, _LEAST_OTHERS = 1e-300, 1e-12

Classes = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


def most_probable(labels: Labels, probs: npt.NDArray[Any], m: int) -> tuple[Classes, Shares]:
    """(m, n) the m < 8 most probable classes of each row, in order, the given one in the last place if it is none of
    them; and (m + 1, n) their fractions of the row's sum, with that of each other class at last.

    Numbers are compared as whole numbers, the bits of each with the column in the last ones, so that ties go to the
    lower column on every machine; these bits are lost: for a thousand columns the last three digits of
    sixteen. Rows are added up in the order of `lane_sums`, so that no row depends on the others.

    Examples
    --------
    >>> classes, shares = most_probable(np.array([2]), np.array([[0.25, 0.5, 0.25]]), 2)
    >>> classes.T, shares.T
    (array([[1, 2]]), array([[0.5 , 0.25, 0.25]]))
    """
    (n, k), native = probs.shape, native_for_any_order(probs)
    mask = (1 << max(k - 1, 1).bit_length()) - 1
    if native is None:
        check_labels(labels, k)
        return _most_probable(labels, probs, m, mask)
    classes, shares = np.empty((m, n), dtype=np.int64), np.empty((m + 1, n))
    if native(typed("most_probable", probs), codes_of(labels), *cells_of(probs), mask, m, classes, shares):
        check_labels(labels, k)
    return classes, shares


def _most_probable(labels: Labels, probs: npt.NDArray[Any], m: int, mask: int) -> tuple[Classes, Shares]:
    most = _largest_keys(probs, mask, m)
    classes, shares = mask - (most & mask), np.empty((m + 1, len(probs)))
    shares[:m] = (most & ~mask).view(np.float64)
    missing = np.flatnonzero((classes != labels).all(axis=0))
    classes[-1, missing] = labels[missing]
    shares[-2, missing] = probs[missing, labels[missing]]
    total = lane_sums(probs)
    shares[-1] = np.maximum(total - shares[:m].sum(axis=0), _LEAST_OTHERS) / max(probs.shape[1] - m, 1)
    shares /= total
    return classes, np.maximum(shares, _LEAST_SHARE, out=shares)


def _largest_keys(probs: npt.NDArray[Any], mask: int, m: int) -> npt.NDArray[np.int64]:
    k = probs.shape[1]
    bits = np.add(probs, 0.0, dtype=np.float64).view(np.int64)  # + 0.0 turns -0.0 into 0.0, whose bits sort as numbers
    bits &= ~mask
    bits |= mask - np.arange(k)
    if k > _SORTED_WHOLE:
        bits.partition(k - m, axis=1)
        bits = bits[:, k - m :]
    bits.sort(axis=1)
    return np.ascontiguousarray(bits.T[: -m - 1 : -1])


Few = npt.NDArray[np.float32]
"""(m, n) numbers, one row of the data a column."""
_BRIEF_CLASSES = 3
_LEAST, _LEAST_REST = np.float32(1e-26), np.float32(1e-6)
_BLOCK = 8192
"""Rows at a time, so that their numbers stay in the cache."""


@dataclass(frozen=True)
class NearProbs:
    """The m < 8 most probable of k classes of n rows, one row per column."""

    classes: npt.NDArray[np.int64]
    """(m, n), the most probable first."""
    probs: Few
    """(m, n)."""
    rest: npt.NDArray[np.float32]
    """(n,) probability of all other classes together."""
    logs: Few
    """(m, n) log-probabilities as the model gave them."""

    def in_order(self) -> tuple[npt.NDArray[np.int64], Few, npt.NDArray[np.float32], Few]:
        """The same as native functions take them."""
        probs, rest, logs = map(np.ascontiguousarray, (self.probs, self.rest, self.logs))
        return codes_of(self.classes), probs, rest, logs


def deconvolved(
    near: NearProbs, transition: npt.NDArray[np.float32], *, brief: npt.NDArray[np.bool_], steps: int
) -> Few:
    """(m, n) the true classes' probabilities that explain the given ones: ``near.probs = transition @ result``, nearly.

    Richardson-Lucy steps from equal fractions, every other one squared; the classes that are not near count as one.
    Rows that are `brief` use three classes and half of the steps; their other classes get 0. Every
    operation rounds to single precision, and sums are taken in the order of the classes, so that no row depends on the
    others. (numpy does so for fewer than eight terms; for more, its order depends on the number of rows.)

    Examples
    --------
    >>> probs = np.array([[0.8], [0.2]], dtype=np.float32)
    >>> near = NearProbs(np.array([[0], [1]]), probs, np.zeros(1, dtype=np.float32), np.log(probs))
    >>> noise = np.array([[0.8, 0.2], [0.2, 0.8]], dtype=np.float32)
    >>> deconvolved(near, noise, brief=np.array([False]), steps=8).round(1).T
    array([[1., 0.]], dtype=float32)
    """
    native, (m, n) = kernel(), near.probs.shape
    if native.library is None:
        return deconvolved_in_numpy(near, transition, brief, steps)
    true, mask = np.empty((m, n), dtype=np.float32), np.ascontiguousarray(brief)
    native("deconvolved", *near.in_order(), n, m, transition, len(transition), mask, steps, true)
    return true


def deconvolved_in_numpy(
    near: NearProbs, transition: npt.NDArray[np.float32], brief: npt.NDArray[np.bool_], steps: int
) -> Few:
    """What `deconvolved` must give."""
    classes, probs, true = near.classes, near.probs, np.zeros_like(near.probs)
    for chosen, m, length in ((~brief, len(probs), steps), (brief, min(_BRIEF_CLASSES, len(probs)), steps // 2)):
        rows = np.flatnonzero(chosen)
        for some in np.split(rows, range(_BLOCK, len(rows), _BLOCK)):
            rest = near.rest[some]
            for further in probs[m:]:
                rest += further[some]
            codes, shares = classes[:m].take(some, axis=1), probs[:m].take(some, axis=1)
            true[:m, some] = _of_rows(codes, shares, rest, transition, length)
    return true


def _of_rows(
    classes: npt.NDArray[np.int64],
    probs: Few,
    rest: npt.NDArray[np.float32],
    transition: npt.NDArray[np.float32],
    steps: int,
) -> Few:
    m, k = len(probs), len(transition)
    own = transition.take(classes[:, None, :] * k + classes[None, :, :])  # [given, true, row]
    others = np.maximum(1 - own.sum(axis=0), _LEAST_REST)
    true, room = np.full(probs.shape, 1 / m, dtype=np.float32), np.empty_like(own)
    for step in range(steps):
        ratios = np.multiply(own, true, out=room).sum(axis=1)
        np.divide(probs, np.maximum(ratios, _LEAST, out=ratios), out=ratios)
        pull = np.multiply(own, ratios[:, None], out=room).sum(axis=0)
        pull += others * (rest / np.maximum((others * true).sum(axis=0), _LEAST))
        true *= pull
        if step % 2 == 0:  # a step twice as long; two in sequence would oscillate for clean labels
            true *= pull
        true *= 1 / true.sum(axis=0)
        np.maximum(true, _LEAST, out=true)
    return true


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
    lead: npt.NDArray[np.float64]
    """(n,) how far the model has the most probable other class ahead of the given one, in log-probability."""
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
    >>> found.suggested, found.suggested_prob.round(1), found.lead.round(1)
    (array([0]), array([0.9]), array([1.4]))
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
