"""Text files: how their characters are written, and writing them back without losing one byte."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from dechaff.data.formats.content import (
    HEAD,
    OnFraction,
    content_chunks,
    head_of,
    ignore_fraction,
    is_gzipped,
)
from dechaff.errors import DataError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY = (
    (b"PK\x03\x04", "a zip archive (an Excel file is one)"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
)
_ESCAPED = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_CONTROLS = bytes([*range(1, 9), *range(14, 27), *range(28, 32), 127])
_NOT_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"
GIVEN = "set by you"


@dataclass(frozen=True)
class TextForm:
    """How the characters of a file are written."""

    encoding: str
    bom: bytes
    gzipped: bool
    why: str
    escaped: bool = False
    """Whether some bytes do not decode: they are read as lone surrogates, shown as �, and written back as they are."""
    line_end: str = "\n"
    """``\\r`` in files of old Macintoshes."""

    @property
    def errors(self) -> str:
        """How bytes that do not fit are read and written back."""
        return "surrogateescape" if self.escaped else "strict"

    @property
    def has_ascii_bytes(self) -> bool:
        """Whether delimiters, quotes and line ends are bytes that stand for nothing else."""
        name = codecs.lookup(self.encoding).name
        return name in ("utf-8", "ascii") or name.startswith(("iso8859", "cp125", "koi8"))

    def decode(self, data: bytes) -> str:
        """Text of some bytes that begin and end with whole characters."""
        return data.decode(self.encoding, self.errors)

    def shown(self, text: str) -> str:
        """The text as it is shown, character for character."""
        return _ESCAPED.sub("�", text) if self.escaped else text

    def as_utf8(self, data: bytes) -> bytes:
        """The same text in UTF-8, lines ended by line feeds."""
        plain = self.encoding == "utf-8" and not self.escaped and self.line_end == "\n"
        return data if plain else self.utf8_of(self.decode(data))

    def utf8_of(self, text: str) -> bytes:
        """The same of a piece of the text."""
        shown = self.shown(text)
        return (shown if self.line_end == "\n" else shown.replace("\r", "\n")).encode()

    def encode(self, text: str) -> bytes:
        """Bytes of some new text; a DataError for a character that the encoding lacks."""
        try:
            return text.encode(self.encoding, self.errors)
        except UnicodeEncodeError as error:
            raise DataError(
                "the new labels",
                f"be written in the encoding of the file, {self.encoding}",
                f"the character {error.object[error.start]!r}",
                "Choose another name for the class, or turn the file into UTF-8 first.",
            ) from error


def text_form(path: Path, encoding: str | None, on_fraction: OnFraction = ignore_fraction) -> TextForm:
    """The form of a file from all of its bytes, read in one pass; a DataError for anything but text."""
    head = head_of(path)
    if not head.strip():
        raise DataError(f"The file {path} is empty.", fix="Check that it is the right file.")
    for magic, kind in _BINARY:
        if head.startswith(magic):
            raise _not_text(path, kind)
    gzipped = is_gzipped(path)
    if encoding is not None:
        name, bom = _given(encoding, head)
        form = TextForm(name, bom, gzipped, GIVEN)
    else:
        bom, name = next(((mark, name) for mark, name in _BOMS if head.startswith(mark)), (b"", ""))
        if not name:
            return _sniffed(path, head, gzipped, on_fraction)
        form = TextForm(name, bom, gzipped, "the file starts with its byte order mark")
    line = _first_misfit(path, form, on_fraction, nul_is_text=True)
    if line is not None:
        raise DataError(
            f"Line {line} of {path} is not valid {form.encoding}.",
            fix="Name another encoding with --encoding.",
        )
    return _with_line_end(form, head)


def _given(encoding: str, head: bytes) -> tuple[str, bytes]:
    try:
        codec = codecs.lookup(encoding).name
        b"a".decode(codec, "ignore")  # codecs of other things than text, such as hex, refuse it
    except (LookupError, UnicodeError):
        raise DataError(
            f"Unknown character encoding {encoding!r}.", fix="Use an encoding of Python, e.g. utf-8, cp1252 or utf-16."
        ) from None
    family = "utf-8" if codec == "utf-8-sig" else codec
    for mark, name in _BOMS:
        if name.startswith(family) and head.startswith(mark):
            return name, mark
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(codec, codec), b""


def _first_misfit(path: Path, form: TextForm, on_fraction: OnFraction, *, nul_is_text: bool = False) -> int | None:
    """The line of the first byte that does not decode; None if all do."""
    decoder = codecs.getincrementaldecoder(form.encoding)("strict")
    done, skipped, plain = 0, len(form.bom), form.encoding == "utf-8"
    for data in content_chunks(path, on_fraction):
        if not nul_is_text and b"\x00" in data:
            raise _not_text(path, f"a NUL byte in line {_line_at(path, done + data.index(0))}")
        try:
            if not (plain and data.isascii() and not decoder.getstate()[0]):
                decoder.decode(data[skipped:])
        except UnicodeDecodeError as error:
            return _line_at(path, done + len(data) - len(error.object) + error.start)
        done, skipped = done + len(data), 0
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _line_at(path, done)
    return None


def _line_at(path: Path, place: int) -> int:
    """The line of a byte of the content, counted from 1."""
    line = 1
    for data in content_chunks(path):
        line += data.count(b"\n", 0, max(0, place))
        place -= len(data)
    return line


def _sniffed(path: Path, head: bytes, gzipped: bool, on_fraction: OnFraction) -> TextForm:
    """UTF-8 if most characters beyond ASCII fit, else Windows-1252 or Latin-1."""
    plain = TextForm("utf-8", b"", gzipped, "every byte of the file fits")
    line = _first_misfit(path, plain, on_fraction)
    if line is None:
        return _with_line_end(plain, head)
    kept, dropped = (codecs.getincrementaldecoder("utf-8")(errors) for errors in ("surrogateescape", "ignore"))
    fitting = ascii_bytes = controls = size = characters = 0
    fits = True
    for data in chain(content_chunks(path, on_fraction), [b""]):
        last = not data
        characters += len(kept.decode(data, last))
        fitting += len(dropped.decode(data, last))
        ascii_bytes += len(data.translate(None, _BEYOND_ASCII))
        controls, size = controls + len(data) - len(data.translate(None, _CONTROLS)), size + len(data)
        fits = fits and not any(byte in data for byte in _NOT_IN_CP1252)
    bad, other = characters - fitting, fitting - ascii_bytes
    if other > bad:
        why = f"{bad} bytes that do not fit are shown as � (the first in line {line}) and written back as they are"
        return _with_line_end(TextForm("utf-8", b"", gzipped, why, escaped=True), head)
    if controls > 0.002 * size + 2:
        raise _not_text(path, f"{controls:,} control characters in {size:,} bytes")
    encoding, also = ("cp1252", "") if fits else ("latin-1", ", nor does cp1252 fit")
    return _with_line_end(TextForm(encoding, b"", gzipped, f"line {line} is not UTF-8{also}"), head)


def _with_line_end(form: TextForm, head: bytes) -> TextForm:
    text = head.decode(form.encoding, "ignore")
    old = "\r" in text and "\n" not in text
    return TextForm(form.encoding, form.bom, form.gzipped, form.why, form.escaped, "\r" if old else "\n")


def _not_text(path: Path, found: str) -> DataError:
    return DataError(
        f"the file {path}",
        "be a text file (CSV, TSV or JSONL)",
        found,
        "Export it as CSV or Parquet; for UTF-16 without a byte order mark pass --encoding utf-16-le.",
    )


def decoded_head(path: Path, form: TextForm) -> tuple[str, bool]:
    """The text of the first megabyte, cut within no character, and whether that is all of the file."""
    head = head_of(path)
    decoder = codecs.getincrementaldecoder(form.encoding)(form.errors)
    whole = len(head) < HEAD
    return decoder.decode(head[len(form.bom) :], final=whole), whole
