"""What labels say before noise, from what a model says after it: few classes of each row, by a few steps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.library import kernel
from dechaff.core.kernels.shares import codes_of

_BRIEF_CLASSES = 3
_LEAST, _LEAST_REST = np.float32(1e-26), np.float32(1e-6)
_BLOCK = 8192
"""Rows at a time: what is known of them stays in the cache."""

Few = npt.NDArray[np.float32]
"""(m, n) numbers, one row of the data a column."""


def deconvolved(
    classes: npt.NDArray[np.int64],
    probs: Few,
    rest: npt.NDArray[np.float32],
    transition: npt.NDArray[np.float32],
    *,
    brief: npt.NDArray[np.bool_],
    steps: int,
) -> Few:
    """(m, n) the true classes' probabilities that explain the given ones: ``probs = transition @ result``, nearly.

    Steps of Richardson and Lucy from equal shares, every other one squared. `classes` are the m < 8 most probable ones
    of each row, `rest` the probability of all others together, which count as one. Rows that are `brief` look at three
    classes and take half of the steps; the others of their classes get 0. Every operation rounds to single precision,
    and sums are taken in the order of the classes, so that no row sees the others. (So numpy takes those of fewer than
    eight terms; of more the order depends on how many rows there are.)

    Examples
    --------
    >>> found = deconvolved(np.array([[0], [1]]), np.array([[0.8], [0.2]], dtype=np.float32),
    ...                     np.zeros(1, dtype=np.float32), np.array([[0.8, 0.2], [0.2, 0.8]], dtype=np.float32),
    ...                     brief=np.array([False]), steps=8)
    >>> found.round(1).T
    array([[1., 0.]], dtype=float32)
    """
    native, (m, n) = kernel(), probs.shape
    if native.library is None:
        return _deconvolved(classes, probs, rest, transition, brief, steps)
    true = np.empty((m, n), dtype=np.float32)
    given = (codes_of(classes), *map(np.ascontiguousarray, (probs, rest)))
    native("deconvolved", *given, n, m, transition, len(transition), np.ascontiguousarray(brief), steps, true)
    return true


def _deconvolved(
    classes: npt.NDArray[np.int64],
    probs: Few,
    rest: npt.NDArray[np.float32],
    transition: npt.NDArray[np.float32],
    brief: npt.NDArray[np.bool_],
    steps: int,
) -> Few:
    true = np.zeros_like(probs)
    for chosen, m, length in ((~brief, len(probs), steps), (brief, min(_BRIEF_CLASSES, len(probs)), steps // 2)):
        rows = np.flatnonzero(chosen)
        for some in np.split(rows, range(_BLOCK, len(rows), _BLOCK)):
            left = rest[some]
            for further in probs[m:]:
                left += further[some]
            codes, shares = classes[:m].take(some, axis=1), probs[:m].take(some, axis=1)
            true[:m, some] = _of_rows(codes, shares, left, transition, length)
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
        if step % 2 == 0:  # a step twice as long; two in a row would swing to and fro where labels are clean
            true *= pull
        true *= 1 / true.sum(axis=0)
        np.maximum(true, _LEAST, out=true)
    return true
