"""The rows of highest score, ties by row; and the n-th largest number of a column that does not fit into memory.

The latter is exact. A key of 112 bits per row (the bits of the number, turned so that they sort as it does, then the
row, the first one highest) is found digit by digit: each pass counts the next 16 bits of the keys that begin with the
digits found. The state is 2**16 counts for any number of rows; four passes are usually enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import RunFold, SumFold
from dechaff.typing import Chunk, Mask

EVERY = 16
"""If there are many rows, every sixteenth is looked at first."""
_WORTH_A_LOOK, _SURE, _SPARE = 2**16, 6.0, 0.03


def top_rows(score: npt.NDArray[Any], wanted: int) -> Mask:
    """Marks the `wanted` rows of highest score; of equal ones the first.

    A selection, not a sort; and never an unstable sort, whose ties fall differently from one processor to the next.

    Parameters
    ----------
    score : (n,) float
        Higher = wanted first; not NaN.
    wanted : int
        How many; none if it is not positive, all if it is n or more.

    Examples
    --------
    >>> import numpy as np
    >>> top_rows(np.array([0.5, 0.9, 0.5, 0.5]), 2)
    array([ True,  True, False, False])
    """
    top = _about_likely(score, wanted) if len(score) >= _WORTH_A_LOOK and wanted > 0 else None
    return _top_rows(score, wanted) if top is None else top


def likely_rank(expected: Any, *, spare: float = 0.25) -> Any:
    """The rank, in a sample of the rows, below which most likely no wanted row lies.

    It is the `expected` number of wanted rows, plus a spare fraction of it, plus six standard errors.

    Examples
    --------
    >>> float(likely_rank(100))
    191.0
    """
    return (1 + spare) * expected + _SURE * np.sqrt(expected) + _SURE


def _about_likely(score: npt.NDArray[Any], wanted: int) -> Mask | None:
    """The same, comparing only rows near the threshold that a sample of the rows suggests; None if that fails."""
    some, expected = score[::EVERY], wanted / EVERY
    most = int(likely_rank(expected, spare=_SPARE))
    least = min(int(2 * expected) - most, most)
    if not 0 < most < len(some):
        return None
    edges = np.partition(some, [len(some) - most, len(some) - max(least, 1)])
    top = score > (edges[-least] if least > 0 else np.inf)
    near = score >= edges[-most]
    near ^= top
    rows, left = np.flatnonzero(near), wanted - int(np.count_nonzero(top))
    if not 0 <= left <= len(rows):
        return None
    top[rows[_top_rows(score[rows], left)]] = True
    return top


def _top_rows(score: npt.NDArray[Any], wanted: int) -> Mask:
    n = len(score)
    if not 0 < wanted < n:
        return np.full(n, wanted >= n and n > 0)
    edge = np.partition(score, n - wanted)[n - wanted]
    top = np.asarray(score > edge)
    ties = np.flatnonzero(score == edge)
    top[ties[: wanted - np.count_nonzero(top)]] = True
    return top


_DIGIT, _NUMBER_DIGITS, _DIGITS = 16, 4, 7
_MOST_ROWS = 2**48
_SIGN = np.uint64(2**63)


@dataclass(frozen=True)
class Cut:
    """Where the largest numbers of a column end: the number of the last one, and its row among equals."""

    least: float
    last_row: int

    def above(self, numbers: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which of these rows are among the largest."""
        return np.asarray((numbers > self.least) | ((numbers == self.least) & (rows <= self.last_row)))


NOTHING = Cut(np.inf, -1)
"""The cut above which there is no row."""


@dataclass(frozen=True)
class DigitCounts(SumFold[npt.NDArray[np.int64]]):
    """The fold that counts the next digit of the keys whose first digits are known."""

    column: str
    known: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The numbers, and the rows that they belong to."""
        return (self.column, "row")

    def init(self) -> npt.NDArray[np.int64]:
        """No rows."""
        return np.zeros(2**_DIGIT, dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Adds the chunk's digits."""
        bits, rows = order_bits(chunk[self.column]), chunk["row"]
        for place, digit in enumerate(self.known):
            alike = np.flatnonzero(_digit(bits, rows, place) == digit)
            bits, rows = bits[alike], rows[alike]
        return state + np.bincount(_digit(bits, rows, len(self.known)), minlength=2**_DIGIT)


def cut_of(run: RunFold[Any], column: str, n: int) -> Cut:
    """The cut above which the n largest numbers lie.

    Parameters
    ----------
    run : runs a fold over all rows.
    column : float numbers, none of them NaN; beside it the column ``row``.
    n : number of rows, at most all.

    Examples
    --------
    >>> from dechaff.core.over_arrays import over_arrays
    >>> numbers, rows = np.array([0.5, -1.0, 0.5, 2.0]), np.arange(4)
    >>> cut = cut_of(over_arrays(odds=numbers, row=rows), "odds", 2)
    >>> cut.above(numbers, rows)
    array([ True, False, False,  True])
    """
    if n == 0:
        return NOTHING
    known: tuple[int, ...] = ()
    left = n
    while len(known) < _DIGITS:
        counts = run(DigitCounts(column, known))
        from_top = np.cumsum(counts[::-1])
        place = int(np.searchsorted(from_top, left))
        digit = 2**_DIGIT - 1 - place
        known = (*known, digit)
        left -= int(from_top[place] - counts[digit])
        if left == counts[digit]:  # all keys that begin with these digits are among the largest
            break
    return _cut(known)


def cut_in_memory(numbers: npt.NDArray[np.float64], n: int) -> Cut:
    """The same for numbers in memory, row by row.

    Examples
    --------
    >>> cut_in_memory(np.array([0.5, -1.0, 0.5, 2.0]), 2)
    Cut(least=0.5, last_row=0)
    """
    if n == 0:
        return NOTHING
    least = np.partition(numbers, len(numbers) - n)[len(numbers) - n]
    ties = np.flatnonzero(numbers == least)
    return Cut(float(least), int(ties[n - 1 - np.count_nonzero(numbers > least)]))


def order_bits(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.uint64]:
    """Whole numbers in the order of the floats; one for 0 and -0."""
    bits = np.add(numbers, 0.0, dtype=np.float64).view(np.uint64)
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


def _digit(bits: npt.NDArray[np.uint64], rows: npt.NDArray[np.int64], place: int) -> npt.NDArray[np.int64]:
    if place < _NUMBER_DIGITS:
        shifted = (bits >> np.uint64(_DIGIT * (_NUMBER_DIGITS - 1 - place))).astype(np.int64)
        return np.asarray(shifted & (2**_DIGIT - 1))
    return np.asarray((_MOST_ROWS - 1 - rows) >> (_DIGIT * (_DIGITS - 1 - place)) & (2**_DIGIT - 1))


def _cut(known: tuple[int, ...]) -> Cut:
    """The smallest key that begins with these digits, as a number and a row."""
    digits = [*known, *[0] * (_DIGITS - len(known))]
    bits, row = 0, 0
    for digit in digits[:_NUMBER_DIGITS]:
        bits = bits << _DIGIT | digit
    for digit in digits[_NUMBER_DIGITS:]:
        row = row << _DIGIT | digit
    raw = np.array([bits], dtype=np.uint64)
    number = np.where(raw & _SIGN, raw ^ _SIGN, ~raw).view(np.float64)[0]
    return Cut(float(number), _MOST_ROWS - 1 - row)
