"""One number per row, equal for rows of equal content, in any container and order."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

_BLOCK = 1 << 16
"""Cells that are mixed at a time, so that they stay in the cache."""


def row_hash(X: Any) -> Hashes:
    """A number for each row of X: equal rows have equal numbers, others differ (but for one chance in 2**64 per pair).

    Numbers count by value, so that a dense matrix, its sparse form and a data frame of the same numbers give the
    same hashes; -0 equals 0 and NaN equals NaN. Everything else counts by its text.

    Parameters
    ----------
    X : array, sparse matrix, data frame (pandas, polars), or sequence such as a list of texts; n rows

    Returns
    -------
    (n,) uint64

    Source
    ------
    Vigna's splitmix64 finaliser on the bits of each cell, with one key per column, summed modulo 2**64.

    Examples
    --------
    >>> one, other, again = row_hash(np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0]]))
    >>> bool(one == again), bool(one == other)
    (True, False)
    """
    return _hashes(X, 0)


def row_hash_128(X: Any) -> npt.NDArray[np.uint64]:
    """Two numbers for each row of X: among 10**9 different rows, two share both with a chance of one in 10**20.

    Parameters
    ----------
    X : as for `row_hash`, whose numbers are the first column

    Returns
    -------
    (n, 2) uint64

    Examples
    --------
    >>> one, other, again = row_hash_128(["a text", "another", "a text"])
    >>> bool((one == again).all()), bool((one != other).all())
    (True, True)
    """
    # A row of zeros adds up to 0; one of the two is changed, so that no row is (0, 0), which marks a missing row.
    return np.stack([_hashes(X, 0), _hashes(X, 1) + np.uint64(1)], axis=1)


def mixed(bits: Hashes) -> Hashes:
    """The bits well shuffled: neighbouring numbers become unlike. One to one, so nothing is lost.

    Examples
    --------
    >>> mixed(np.array([1], dtype=np.uint64))
    array([6238072747940578789], dtype=uint64)
    """
    bits = bits ^ (bits >> np.uint64(30))
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return bits


def _hashes(X: Any, salt: int) -> Hashes:
    """The hash of each row; hashes of different salts are independent."""
    if hasattr(X, "tocsr"):
        return _sparse(X.tocsr(), salt)
    if hasattr(X, "columns"):
        return _frame(X, salt)
    table = _array(X)
    if table.ndim == 2 and table.dtype.kind in "biuf":
        return _numbers(table, salt)
    columns = table.reshape(len(table), -1).T if len(table) else table.reshape(0, 1).T
    return _columns(list(columns), len(table), salt)


def _keys(n_columns: int, salt: int) -> Hashes:
    """One key per column, so that the same number in another column counts differently."""
    steps = np.arange(1, n_columns + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return mixed(steps ^ np.uint64(salt << 63))


def _cells(bits: Hashes, keys: Hashes) -> Hashes:
    """What each cell adds to its row; a zero adds nothing, so that sparse zeros need not be seen."""
    return mixed(bits ^ keys) - mixed(keys)


def _numbers(table: npt.NDArray[Any], salt: int) -> Hashes:
    n, width = table.shape
    keys, step = _keys(width, salt), max(_BLOCK // max(width, 1), 1)
    hashes = np.empty(n, dtype=np.uint64)
    for start in range(0, n, step):
        part = slice(start, start + step)
        hashes[part] = _cells(_bits(np.ascontiguousarray(table[part])), keys).sum(axis=1, dtype=np.uint64)
    return hashes


def _sparse(table: Any, salt: int) -> Hashes:
    if not table.has_canonical_format:
        table = table.copy()
        table.sum_duplicates()
    keys, cells = _keys(table.shape[1], salt), _bits(table.data)
    of_zeros = mixed(keys)
    for start in range(0, len(cells), _BLOCK):
        part, columns = slice(start, start + _BLOCK), table.indices[start : start + _BLOCK]
        cells[part] = mixed(cells[part] ^ keys[columns]) - of_zeros[columns]
    # Sums of the rows as differences of a running sum: exact, for both wrap around at 2**64.
    running = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(cells, dtype=np.uint64)])
    return np.asarray(running[table.indptr[1:]] - running[table.indptr[:-1]])


def _frame(frame: Any, salt: int) -> Hashes:
    cells = getattr(frame, "iloc", frame)
    columns = [np.asarray(cells[:, place]) for place in range(frame.shape[1])]
    return _columns(columns, frame.shape[0], salt)


def _columns(columns: list[npt.NDArray[Any]], n: int, salt: int) -> Hashes:
    hashes = np.zeros(n, dtype=np.uint64)
    for column, key in zip(columns, _keys(len(columns), salt), strict=True):
        hashes += _cells(_bits(column, salt), np.array([key]))
    return hashes


def _bits(values: npt.NDArray[Any], salt: int = 0) -> Hashes:
    """64 bits per cell, equal for equal values; 0 for the number zero. Texts need a salt, numbers are all bits."""
    if values.dtype.kind in "mM":
        return values.astype(np.int64).view(np.uint64)
    if values.dtype.kind not in "biuf" and not _all_numbers(values):
        return _text_bits(values, salt)
    numbers = values.astype(np.float64) + 0.0  # -0 + 0 is 0
    empty = np.isnan(numbers)
    if empty.any():
        numbers[empty] = np.nan
    return numbers.view(np.uint64)


def _all_numbers(values: npt.NDArray[Any]) -> bool:
    return values.dtype.kind == "O" and all(
        isinstance(value, int | float | np.integer | np.floating) for value in values
    )


def _text_bits(values: npt.NDArray[Any], salt: int) -> Hashes:
    texts = values.tolist()
    if set(map(type, texts)) != {str}:
        texts = [str(value) for value in texts]
    numbers = {
        text: int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, salt=bytes([salt])).digest())
        for text in set(texts)
    }
    return np.fromiter(map(numbers.__getitem__, texts), np.uint64, len(texts))


def _array(X: Any) -> npt.NDArray[Any]:
    try:
        return np.asarray(X)
    except ValueError:  # rows of unequal length, such as tokens: each row is one cell
        rows = np.empty(len(X), dtype=object)
        rows[:] = [str(row) for row in X]
        return rows
