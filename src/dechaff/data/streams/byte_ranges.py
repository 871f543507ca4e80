"""Ranges of bytes of a text file that begin and end with a record, found without parsing one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RANGE_BYTES = 2**24
_BLOCK = 2**22
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34
_Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ByteRange:
    """Records that lie together."""

    start: int
    stop: int
    n_records: int
    line: int
    """Line of the file on which it starts, counted from 1."""


def byte_ranges(
    path: str, *, start: int = 0, first_line: int = 1, quoted: bool, range_bytes: int = RANGE_BYTES
) -> list[ByteRange]:
    """The file from a byte on, with which a line begins, cut after the first record end beyond every so many bytes.

    A line end within double quotes ends no record where `quoted`; blank lines are no records. A file that does not end
    with a line end has its last record all the same.
    """
    found: list[ByteRange] = []
    begin, records, line, lines = start, 0, first_line, 0
    end = start
    for ends, full, newlines in _record_ends(path, start, quoted):
        lines += newlines
        records += full
        end = int(ends[-1]) if len(ends) else end
        if end - begin >= range_bytes:
            found.append(ByteRange(begin, end, records, line))
            begin, records, line = end, 0, first_line + lines
    if records or not found:
        found.append(ByteRange(begin, end, records, line))
    return found


def _record_ends(path: str, start: int, quoted: bool) -> Iterator[tuple[_Places, int, int]]:
    """For each block of the file: where records end, how many of these are not blank, and the line ends."""
    place, last, inside, before = start, start, False, 0
    with open(path, "rb") as stream:
        stream.seek(start)
        while data := stream.read(_BLOCK):
            codes = np.frombuffer(data, dtype=np.uint8)
            newlines = np.flatnonzero(codes == _NEWLINE)
            ends = newlines
            if quoted:
                quotes = np.flatnonzero(codes == _QUOTE)
                ends = _outside(newlines, quotes, inside)
                inside = bool((inside + len(quotes)) % 2)
            if len(ends):
                yield place + 1 + ends, _full(codes, ends, place - last, before), len(newlines)
                last = place + 1 + int(ends[-1])
            place, before = place + len(data), data[-1]
    if place > last:  # the last line has no end
        yield np.array([place]), 1, 0


def _outside(newlines: _Places, quotes: _Places, inside: bool) -> _Places:
    """The line ends that stand in no quotes."""
    return np.asarray(newlines[(np.searchsorted(quotes, newlines) + inside) % 2 == 0])


def record_ends(data: bytes, *, quoted: bool) -> list[int]:
    """Where records end in some bytes that begin with one, blank lines among them.

    Examples
    --------
    >>> record_ends(b'a,"b\\nc"\\nd,e\\n', quoted=True)
    [8, 12]
    """
    codes = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(codes == _NEWLINE)
    ends = _outside(ends, np.flatnonzero(codes == _QUOTE), False) if quoted else ends
    found: list[int] = (ends + 1).tolist()
    return found


def _full(codes: npt.NDArray[np.uint8], ends: _Places, carried: int, before: int) -> int:
    """How many records are more than a line end; `carried` bytes of the first, the last of them `before`, are gone."""
    lengths = np.diff(ends, prepend=-1 - carried) - 1
    last = np.where(ends > 0, codes[np.maximum(ends - 1, 0)], before)
    returns = (lengths == 1) & (last == _RETURN)
    return int(np.count_nonzero((lengths > 0) & ~returns))


def read_range(path: str, part: ByteRange) -> bytes:
    """The bytes of a range."""
    with open(path, "rb") as stream:
        stream.seek(part.start)
        return stream.read(part.stop - part.start)
