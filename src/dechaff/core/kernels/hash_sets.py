"""Runs of hashes: their least products with many factors (MinHash), and how much two sets have in common."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.native import kernel

_PLACE_BITS = 12
"""A pair's place in its block stands above its hashes, so that one sort of plain numbers sorts all sets of a block."""
MOST_HASH = 2 ** (64 - _PLACE_BITS) - 1
"""Hashes of sets have at most 52 bits: in one of 10**12 comparisons of 30 words two different ones have the same."""
_HASHES_AT_ONCE = 2**18
RUN = 8
"""Bytes of a run, as many as those of a hash."""
FIRST_BYTES = np.array([2 ** (8 * size) - 1 for size in range(RUN + 1)], dtype=np.uint64)
"""Masks of the first 0 to 8 bytes of a little-endian number."""

Hashes = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.int64]
HalfHashes = npt.NDArray[np.uint32]


def mix(values: Hashes) -> Hashes:
    """The finaliser of MurmurHash3: every bit of the input moves every bit of the output."""
    values = values ^ (values >> np.uint64(33))
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> np.uint64(33)
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> np.uint64(33)
    return values


def run_hashes(line: bytes, firsts: Positions, sizes: Positions) -> tuple[Hashes, Positions]:
    """A hash of every run of eight bytes of n texts, and how many runs each has; a shorter text is one run.

    Parameters
    ----------
    line : bytes, `RUN` more than the texts need
    firsts, sizes : (n,) int64
        Text i is ``line[firsts[i]:firsts[i] + sizes[i]]``.

    Examples
    --------
    >>> hashes, counts = run_hashes(b"a red door" + bytes(RUN), np.array([0, 0, 0]), np.array([10, 8, 3]))
    >>> counts, bool(hashes[0] == hashes[3])
    (array([3, 1, 1]), True)
    """
    counts = np.where(sizes > RUN, sizes - RUN + 1, np.minimum(sizes, 1))
    native = kernel()
    if native.library is not None and sys.byteorder == "little":
        out = np.empty(int(counts.sum()), dtype=np.uint64)
        native("run_hashes", np.frombuffer(line, dtype=np.uint8), firsts, sizes, len(sizes), out)
        return out, counts
    eight = np.ndarray((len(line) - RUN + 1,), dtype="<u8", buffer=line, strides=(1,))
    runs = eight[ragged_ranges(firsts, counts)].astype(np.uint64, copy=False)
    short = np.flatnonzero((sizes > 0) & (sizes < RUN))
    runs[(np.cumsum(counts) - counts)[short]] &= FIRST_BYTES[sizes[short]]
    return mix(runs), counts


def least_products(hashes: Hashes, firsts: Positions, counts: Positions, factors: HalfHashes) -> HalfHashes:
    """(k, n) for each of k factors, the least product modulo 2**32 with the high half of any hash of each of n runs.

    Parameters
    ----------
    hashes : uint64
    firsts, counts : (n,) int64
        Run i is ``hashes[firsts[i]:firsts[i] + counts[i]]``, of one hash at least.
    factors : (k,) uint32, odd

    Examples
    --------
    >>> hashes, factors = np.array([7, 5, 9], dtype=np.uint64) << np.uint64(32), np.array([1, 3], dtype=np.uint32)
    >>> least_products(hashes, np.array([0, 2]), np.array([2, 1]), factors).tolist()
    [[5, 9], [15, 27]]
    """
    out = np.empty((len(factors), len(counts)), dtype=np.uint32)
    native = kernel()
    if native.library is not None:
        native("least_products", hashes, firsts, counts, len(counts), factors, len(factors), out)
        return out
    some = (hashes[ragged_ranges(firsts, counts)] >> np.uint64(32)).astype(np.uint32)
    starts, products = np.cumsum(counts) - counts, np.empty_like(some)
    for least, factor in zip(out, factors, strict=True):
        if len(least):
            np.multiply(some, factor, out=products)
            np.minimum.reduceat(products, starts, out=least)
    return out


def common_counts(hashes: Hashes, starts: Positions, sizes: Positions, pairs: npt.NDArray[np.int64]) -> Positions:
    """(m,) how many hashes the two sets of each pair have in common.

    Parameters
    ----------
    hashes : uint64 of at most `MOST_HASH`
        All sets one after the other, each ascending and without repeats.
    starts, sizes : (n,) int64
    pairs : (m, 2) int64, places of sets

    Examples
    --------
    >>> hashes = np.array([7, 9, 1, 7, 9], dtype=np.uint64)
    >>> common_counts(hashes, np.array([0, 2]), np.array([2, 3]), np.array([[0, 1]])).tolist()
    [2]
    """
    out = np.zeros(len(pairs), dtype=np.int64)
    native = kernel()
    if native.library is not None:
        native("common_counts", hashes, starts, sizes, np.ascontiguousarray(pairs), len(pairs), out)
        return out
    for block in blocks_within(sizes[pairs].sum(axis=1), _HASHES_AT_ONCE, 1 << _PLACE_BITS):
        counts = sizes[pairs[block]].ravel()
        place = np.repeat(np.arange(len(counts), dtype=np.uint64) >> np.uint64(1), counts)
        both = tagged(place, hashes[ragged_ranges(starts[pairs[block]].ravel(), counts)])
        both.sort()
        twice = both[1:][both[1:] == both[:-1]] >> np.uint64(64 - _PLACE_BITS)
        out[block] = np.bincount(twice.astype(np.int64), minlength=len(counts) // 2)
    return out


def tagged(place: Hashes, hashes: Hashes) -> Hashes:
    """Hashes with the place of their set above them."""
    return place << np.uint64(64 - _PLACE_BITS) | hashes


def ragged_ranges(starts: Positions, counts: Positions) -> Positions:
    """``starts[i], starts[i] + 1, …`` of length ``counts[i]``, for each i, in one array.

    Examples
    --------
    >>> ragged_ranges(np.array([5, 0]), np.array([2, 3]))
    array([5, 6, 0, 1, 2])
    """
    before = np.cumsum(counts) - counts
    return np.asarray(np.repeat(starts - before, counts) + np.arange(int(counts.sum())), dtype=np.int64)


def blocks_within(sizes: Positions, most_size: int, most_items: int) -> Iterator[slice]:
    """Runs of neighbouring items, limited in number and in total size; a single item may exceed the size.

    Examples
    --------
    >>> [(block.start, block.stop) for block in blocks_within(np.array([3, 4, 9, 1, 1]), 7, 2)]
    [(0, 2), (2, 3), (3, 5)]
    """
    ends = np.cumsum(sizes)
    start, done = 0, 0
    while start < len(sizes):
        stop = int(np.searchsorted(ends, done + most_size, side="right"))
        stop = min(max(stop, start + 1), start + most_items)
        yield slice(start, stop)
        start, done = stop, int(ends[stop - 1])
