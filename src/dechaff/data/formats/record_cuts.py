"""Where a text file is cut into parts that begin and end with a record.

Cuts are found among the bytes, without parsing records, as long as every quote in them clearly opens or closes a field.
From the first cut on after which that is not so, and in encodings whose bytes are ambiguous, the records are parsed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dechaff.data.formats.content import fraction_read, open_content, read_some
from dechaff.data.formats.csv_dialect import Dialect, parse_records
from dechaff.data.formats.text import TextForm
from dechaff.errors import DataError

_BLOCK = 2**22
_LONGEST_RECORD, _LONGEST_LINE = 2**26, 2**28
"""A record of more characters is an unclosed quote; a line of more is no line."""
_QUOTE, _RETURN = 34, 13
_CONTENT = re.compile(rb"[!#-~]")
"""What no blank record holds. Quotes may enclose nothing but spaces, and there are spaces beyond ASCII."""
_HOLDS = np.array([_CONTENT.match(bytes([code])) is not None for code in range(256)])


@dataclass(frozen=True)
class Cut:
    """Neighbouring records: bytes of the content from `start` to `stop`."""

    start: int
    stop: int
    n_records: int
    line: int
    """Line of the file on which it starts, counted from 1."""
    fraction: float = 1.0
    """Fraction of the file that has been read with it."""


class _UnclearError(Exception):
    """Bytes alone do not show where a record ends."""


@dataclass
class _Place:
    """Where the next part begins."""

    start: int
    line: int


def record_cuts(
    path: Path,
    form: TextForm,
    dialect: Dialect | None,
    start: int,
    line: int,
    part_bytes: int,
) -> Iterator[Cut]:
    """The content from a byte on, with which a record begins on some line, cut after about every so many bytes.

    Without a `dialect` each line is a record. Blank lines are no records.
    """
    place = _Place(start, line)
    mark = b"" if dialect is None else dialect.delimiter.encode("utf-8")
    if form.has_ascii_bytes and len(mark) < 2:
        with suppress(_UnclearError):
            yield from _by_bytes(path, form, dialect, place, part_bytes)
            return
    yield from _by_text(path, form, dialect, place, part_bytes)


@dataclass(frozen=True)
class _Ends:
    """Record ends of one block, as bytes of the content; the line that begins behind each, and whether it is blank."""

    ends: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    full: npt.NDArray[np.bool_]
    fraction: float


def _by_bytes(path: Path, form: TextForm, dialect: Dialect | None, place: _Place, part_bytes: int) -> Iterator[Cut]:
    records, size, stop = 0, path.stat().st_size, place.start
    for block in _blocks(path, form, dialect, place, part_bytes):
        total = np.concatenate([[records], records + np.cumsum(block.full)])
        done = 0
        while (enough := int(np.searchsorted(block.ends, place.start + part_bytes))) < len(block.ends):
            stop = int(block.ends[enough])
            n_records, fraction = int(total[enough + 1]) - done, block.fraction if form.gzipped else stop / size
            yield Cut(place.start, stop, n_records, place.line, fraction)
            place.start, place.line, done = stop, int(block.lines[enough]), int(total[enough + 1])
        records, stop = int(total[-1]) - done, int(block.ends[-1])
    if stop > place.start:
        yield Cut(place.start, stop, records, place.line)


def _blocks(path: Path, form: TextForm, dialect: Dialect | None, place: _Place, part_bytes: int) -> Iterator[_Ends]:
    rest, at, line, size = b"", place.start, place.line, min(_BLOCK, max(part_bytes, 2**10))
    with open_content(path) as stream:
        stream.seek(at)
        while data := read_some(path, stream, size):
            block = rest + data
            ends, lines = _record_ends(np.frombuffer(block, dtype=np.uint8), form, dialect, last=False)
            if len(ends):
                yield _Ends(at + ends, line + lines, _hold_records(block, ends, form, dialect), fraction_read(stream))
                at, line, block = at + int(ends[-1]), line + int(lines[-1]), block[int(ends[-1]) :]
            elif len(block) > _LONGEST_RECORD:
                raise _UnclearError
            rest = block
    if rest:
        ends, lines = _record_ends(np.frombuffer(rest, dtype=np.uint8), form, dialect, last=True)
        yield _Ends(at + ends, line + lines, _hold_records(rest, ends, form, dialect), 1.0)


def _record_ends(
    codes: npt.NDArray[np.uint8], form: TextForm, dialect: Dialect | None, *, last: bool
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where records end in a block that begins with one, and how many lines have ended by then."""
    line_ends = np.flatnonzero(codes == ord(form.line_end))
    keep = np.ones(len(line_ends), dtype=bool)
    if dialect is not None and dialect.quoted:
        quotes = np.flatnonzero(codes == _QUOTE)
        if len(quotes):
            keep = np.searchsorted(quotes, line_ends) % 2 == 0
            final = len(codes) if last else int(line_ends[keep][-1]) if keep.any() else 0
            if not _are_clear(codes, quotes[quotes < final], ord(form.line_end), ord(dialect.delimiter)):
                raise _UnclearError
    ends, lines = line_ends[keep] + 1, np.flatnonzero(keep) + 1
    if last and len(codes) and (not len(ends) or ends[-1] != len(codes)):  # the last line has no end
        ends, lines = np.append(ends, len(codes)), np.append(lines, len(line_ends))
    return ends, lines


def has_clear_quotes(data: bytes, delimiter: str) -> bool:
    """Whether each quote in some records in UTF-8 opens a field, closes it, or is doubled in between.

    Examples
    --------
    >>> has_clear_quotes(b'a,"b ""c"" d"', ","), has_clear_quotes(b'a,5" disk', ",")
    (True, False)
    """
    codes = np.frombuffer(data, dtype=np.uint8)
    return _are_clear(codes, np.flatnonzero(codes == _QUOTE), ord("\n"), ord(delimiter))


def _are_clear(codes: npt.NDArray[np.uint8], quotes: npt.NDArray[np.int64], line_end: int, delimiter: int) -> bool:
    """Every other quote must open a field, and the one after it close the field, or both stand for one quote."""
    if len(quotes) % 2 or not len(quotes):
        return not len(quotes)
    borders = np.isin(np.arange(256), (line_end, delimiter, _QUOTE))
    # Beyond the first and the last byte, "clip" takes the quote itself, which passes as a border.
    before, after = codes.take(quotes[::2] - 1, mode="clip"), codes.take(quotes[1::2] + 1, mode="clip")
    odd = quotes[1::2][~borders[after]]
    behind = codes.take(odd + 2, mode="clip")
    returns = (codes.take(odd + 1, mode="clip") == _RETURN) & ((behind == line_end) | (odd + 2 >= len(codes)))
    return bool(borders[before].all() and returns.all())


def _hold_records(
    block: bytes, ends: npt.NDArray[np.int64], form: TextForm, dialect: Dialect | None
) -> npt.NDArray[np.bool_]:
    """Which pieces of a block hold a record; those that may be blank are looked at."""
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    codes = np.frombuffer(block, dtype=np.uint8)
    full: npt.NDArray[np.bool_] = _HOLDS[codes[starts]] | (
        _HOLDS[codes.take(starts + 1, mode="clip")] & (ends - starts > 1)
    )
    for piece in np.flatnonzero(~full).tolist():
        start, end = int(starts[piece]), int(ends[piece])
        shown = _CONTENT.search(block, start, end) is not None
        full[piece] = shown or _n_records(form.decode(block[start:end]), dialect) > 0
    return full


def _n_records(text: str, dialect: Dialect | None) -> int:
    if dialect is None or not text.strip():
        return bool(text.strip()) if dialect is None else dialect.delimiter in text
    return len(parse_records(text, dialect).rows)


def _by_text(path: Path, form: TextForm, dialect: Dialect | None, place: _Place, part_bytes: int) -> Iterator[Cut]:
    """The same by parsing the records."""
    text = ""
    decoder = codecs.getincrementaldecoder(form.encoding)(form.errors)
    with open_content(path) as stream:
        stream.seek(place.start)
        while True:
            data = read_some(path, stream, part_bytes)
            text += decoder.decode(data, not data)
            n_records, end = _whole_records(path, form, dialect, text, place.line, last=not data)
            if data and not end:
                continue
            piece, text = text[:end], text[end:]
            stop = place.start + len(piece.encode(form.encoding, form.errors))
            if piece:
                yield Cut(place.start, stop, n_records, place.line, fraction_read(stream))
            place.start, place.line = stop, place.line + piece.count(form.line_end)
            if not data:
                return


def _whole_records(
    path: Path, form: TextForm, dialect: Dialect | None, text: str, line: int, *, last: bool
) -> tuple[int, int]:
    """How many records are whole, and where the text after them begins: 0 if none is known to be."""
    if dialect is None:
        end = len(text) if last else text.rfind("\n") + 1
        if not end and len(text) > _LONGEST_LINE:
            raise DataError(
                f"the file {path}",
                "contain one JSON object in each line (JSON Lines)",
                f"more than {len(text):,} characters in line {line}",
                "Write one record per line; `jq -c '.[]' file.json > file.jsonl` turns a JSON list into lines.",
            )
        return sum(bool(one.strip()) for one in text[:end].split("\n")), end
    held = 0 if last or not text.endswith("\r") else 1
    records = parse_records(form.shown(text[: len(text) - held]), dialect, unix=form.line_end == "\n")
    if last:
        return len(records.rows), len(text)
    if len(text) > _LONGEST_RECORD and len(records.rows) < 2:
        raise DataError(
            f"A double quote is never closed in {path}: line {line} starts a record of over 64 million characters.",
            fix="Quote fields that contain the delimiter, close every quote, or download the file again.",
        )
    if len(records.rows) < 2:
        return 0, 0
    return len(records.rows) - 1, int(records.starts[-1])
