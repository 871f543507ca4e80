"""Rows of packed bits, compared by Hamming or Jaccard similarity."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.pair_sums import pairs_in_parts
from dechaff.core.neighbours.comparable import Comparable, ExactScores, Positions, Scores, Which
from dechaff.errors import InputError

Packed = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.float32]
_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class _BinaryRows(Comparable):
    """Packed bits (n, bytes). Counts of bits are whole numbers, so that products of float32 are exact."""

    per_row: ClassVar[tuple[str, ...]] = ("packed",)
    packed: Packed
    n_bits: int

    def like(self, rows: Any) -> Self:
        """Other rows of as many bits."""
        return type(self)(*_packed(rows, self.n_bits))

    def bits(self, rows: Which) -> tuple[Counts, Counts]:
        """(m, bits) some rows as zeros and ones, and (m, 1) how many ones each has."""
        bits = np.unpackbits(self.packed[rows], axis=1, count=self.n_bits).astype(np.float32)
        return bits, bits.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class HammingRows(_BinaryRows):
    """Packed bits, compared by the fraction of the ``n_bits`` in which two rows agree."""

    def left(self, rows: Which) -> Counts:
        """Twice the bits, their number negative, and a one."""
        bits, ones = self.bits(rows)
        return np.concatenate([2 * bits, -ones, np.ones_like(ones)], axis=1)

    def right(self, rows: Which) -> Counts:
        """The bits, a one, and their number negative."""
        bits, ones = self.bits(rows)
        return np.concatenate([bits, np.ones_like(ones), -ones], axis=1)

    def exact(self, others: HammingRows, mine: Positions, theirs: Positions) -> ExactScores:
        """How many bits differ, negative."""
        return -_bit_counts(np.bitwise_xor, self.packed, others.packed, mine, theirs)

    def similarity(self, scores: ExactScores) -> ExactScores:
        """Fraction of the bits that agree."""
        return np.asarray(1.0 + scores / max(self.n_bits, 1))

    def sketch(self, rows: Which) -> Counts:
        """The bits as signs."""
        return np.asarray((2 * self.bits(rows)[0] - 1) / np.float32(max(self.n_bits, 1) ** 0.5))


@dataclass(frozen=True)
class JaccardRows(_BinaryRows):
    """Packed bits, compared by the bits that both rows have, as a fraction of those that any of the two has.

    Two rows without a bit are the same: their similarity is 1.
    """

    _: KW_ONLY
    loose: int = 3

    def left(self, rows: Which) -> Counts:
        """The bits, and their number."""
        return np.concatenate(self.bits(rows), axis=1)

    def scores(self, left: Counts, right: Counts, out: Scores) -> Scores:
        """Shared bits as a fraction of all."""
        shared = np.matmul(left[:, :-1], right[:, :-1].T, out=out)
        either = left[:, -1:] + right[:, -1] - shared
        shared[either == 0] = 1.0
        return np.asarray(np.divide(shared, np.maximum(either, 1.0), out=out))

    def exact(self, others: JaccardRows, mine: Positions, theirs: Positions) -> ExactScores:
        """Shared bits as a fraction of all."""
        shared = _bit_counts(np.bitwise_and, self.packed, others.packed, mine, theirs)
        either = _bit_counts(np.bitwise_or, self.packed, others.packed, mine, theirs)
        return np.where(either > 0, shared / np.maximum(either, 1.0), 1.0)

    def sketch(self, rows: Which) -> Counts:
        """The bits, scaled to length 1: the angle puts rows in almost the same order."""
        bits, ones = self.bits(rows)
        return np.asarray(bits / np.sqrt(np.maximum(ones, 1)))


def hamming_rows(bits: npt.ArrayLike, *, n_bits: int | None = None) -> HammingRows:
    """Rows of bits, to be compared by the fraction of bits that agree.

    Parameters
    ----------
    bits : (n, d) bool, or (n, bytes) uint8 as `numpy.packbits` makes them along the rows
    n_bits : number of bits of a packed row; if the rows are not packed, it must be their number of columns.

    Raises
    ------
    InputError
        If it is neither, or the number of bits does not fit.
    """
    return HammingRows(*_packed(bits, n_bits))


def jaccard_rows(bits: npt.ArrayLike, *, n_bits: int | None = None) -> JaccardRows:
    """Rows of bits, to be compared by the bits that both have, as a fraction of those that any has.

    Parameters and errors as in `hamming_rows`.
    """
    return JaccardRows(*_packed(bits, n_bits))


def _packed(bits: npt.ArrayLike, n_bits: int | None) -> tuple[Packed, int]:
    rows = np.asarray(bits)
    if rows.ndim == 2 and rows.dtype == np.bool_ and n_bits in (None, rows.shape[1]):
        return np.packbits(rows, axis=1), rows.shape[1]
    if rows.ndim == 2 and rows.dtype == np.uint8 and n_bits is not None and rows.shape[1] == (n_bits + 7) // 8:
        return rows, n_bits
    wanted = "" if n_bits is None else f" of {n_bits} bits"
    raise InputError(
        "bits",
        f"be a bool (n, d) array, or packed rows{wanted} with their number of bits",
        f"shape {rows.shape} of {rows.dtype}",
        "Pass bool, or numpy.packbits(rows, axis=1) and n_bits.",
    )


def _bit_counts(combine: np.ufunc, left: Packed, right: Packed, mine: Positions, theirs: Positions) -> ExactScores:
    """(m,) the number of ones of each pair once combined."""

    def ones(mine: Positions, theirs: Positions) -> ExactScores:
        both = combine(left[mine], right[theirs])
        return np.asarray(np.bitwise_count(both).sum(axis=1, dtype=np.float64))

    return pairs_in_parts(ones, mine, theirs, row_numbers=left.shape[1], at_once=_AT_ONCE)
