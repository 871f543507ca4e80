"""Bytes of a text file to text and back, without losing one of them."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from dechaff.errors import DataError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_KNOWN_BINARY = (
    (b"PK\x03\x04", "a zip archive (an Excel file is one)"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
)
_ESCAPED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True)
class Decoded:
    """Text of a file with all that is needed to write the same bytes again.

    ``text`` holds bytes that do not decode as lone surrogates; ``shown`` is the same text, character for
    character, with U+FFFD in their place.
    """

    text: str
    encoding: str
    bom: bytes
    gzipped: bool
    why: str
    n_undecoded: int = 0

    @property
    def shown(self) -> str:
        """The text as people may see it."""
        return _ESCAPED.sub("�", self.text) if self.n_undecoded else self.text

    def encode(self, text: str, *, gzipped: bool) -> bytes:
        """Bytes of a new text in the file's own encoding."""
        try:
            data = self.bom + text.encode(self.encoding, "surrogateescape" if self.n_undecoded else "strict")
        except UnicodeEncodeError as error:
            raise DataError(
                "the new labels",
                f"be spelled in the encoding of the file, {self.encoding}",
                f"the character {error.object[error.start]!r}",
                "Choose another name for the class, or turn the file into UTF-8 first.",
            ) from error
        return compressed(data) if gzipped else data


def compressed(data: bytes) -> bytes:
    """gzip that gives the same bytes at any time of day."""
    return gzip.compress(data, mtime=0)


def uncompressed(path: Path, data: bytes) -> tuple[bytes, bool]:
    """The content and whether it was gzipped, told by the bytes and not by the name."""
    if not data.startswith(b"\x1f\x8b"):
        return data, False
    try:
        return gzip.decompress(data), True
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(
            f"the file {path}",
            "be a whole gzip file",
            f"one that is cut off or damaged ({error})",
            "Fetch or copy it again.",
        ) from error


def decode(path: Path, data: bytes, encoding: str | None) -> Decoded:
    """Text of the file in its encoding, sniffed where none is given; a DataError for anything but text."""
    content, gzipped = uncompressed(path, data)
    if not content.strip():
        raise DataError(f"the file {path}", "hold rows", "an empty file", "Check that the right file was named.")
    for magic, kind in _KNOWN_BINARY:
        if content.startswith(magic):
            raise _not_text(path, kind)
    bom, unicode = next(((mark, name) for mark, name in _BOMS if content.startswith(mark)), (b"", ""))
    if encoding is not None:
        return _decode_as(path, content, encoding, gzipped)
    if unicode:
        body = _strict(path, content[len(bom) :], unicode)
        return Decoded(body, unicode, bom, gzipped, "the file starts with its byte order mark")
    if b"\x00" in content:
        line = content[: content.index(b"\x00")].count(b"\n") + 1
        raise _not_text(path, f"a NUL byte in line {line}")
    return _sniffed(path, content, gzipped)


def _decode_as(path: Path, content: bytes, encoding: str, gzipped: bool) -> Decoded:
    try:
        codec = codecs.lookup(encoding).name
    except LookupError:
        raise DataError(
            f"the encoding {encoding!r}", "be one that Python knows", "no such name", "Use utf-8, cp1252 or utf-16."
        ) from None
    family = {"utf-8-sig": "utf-8", "utf-16": "utf-16", "utf-32": "utf-32"}.get(codec, codec)
    for mark, name in _BOMS:
        if name.startswith(family) and content.startswith(mark):
            return Decoded(_strict(path, content[len(mark) :], name), name, mark, gzipped, "you said so")
    codec = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(codec, codec)
    return Decoded(_strict(path, content, codec), codec, b"", gzipped, "you said so")


def _sniffed(path: Path, content: bytes, gzipped: bool) -> Decoded:
    try:
        return Decoded(content.decode("utf-8"), "utf-8", b"", gzipped, "every byte of the file fits")
    except UnicodeDecodeError as error:
        first_bad = content[: error.start].count(b"\n") + 1
    escaped = content.decode("utf-8", "surrogateescape")
    bad = len(_ESCAPED.findall(escaped))
    other = len(re.findall("[^\x00-\x7f]", escaped)) - bad
    if other > bad:
        why = f"{bad} bytes that do not fit are shown as � (the first in line {first_bad}) and written back as they are"
        return Decoded(escaped, "utf-8", b"", gzipped, why, bad)
    controls = len(re.findall(b"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]", content))
    if controls > 0.002 * len(content) + 2:
        raise _not_text(path, f"{controls:,} control characters in {len(content):,} bytes")
    why = f"line {first_bad} is not UTF-8"
    try:
        return Decoded(content.decode("cp1252"), "cp1252", b"", gzipped, why)
    except UnicodeDecodeError:
        return Decoded(content.decode("latin-1"), "latin-1", b"", gzipped, why + ", nor does cp1252 fit")


def _strict(path: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeError as error:
        where = getattr(error, "start", len(content))
        raise DataError(
            f"the file {path}",
            f"be text in {encoding}",
            f"bytes that do not fit in line {content[:where].count(10) + 1}",
            "Name another encoding with --encoding.",
        ) from error


def _not_text(path: Path, found: str) -> DataError:
    return DataError(
        f"the file {path}",
        "be a text file (CSV, TSV or JSONL)",
        found,
        "Export it as CSV or Parquet; for UTF-16 without a byte order mark say --encoding utf-16-le.",
    )
