"""Deconvolution of predicted probabilities from label noise: few classes per row, a few steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.library import kernel
from dechaff.core.kernels.shares import codes_of

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
