"""The bytes of a file as they come, unpacked where they are packed, and what kind of text they are."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Any

from dechaff.core.progress import Progress
from dechaff.data.text_bytes import Decoded, decode
from dechaff.errors import DataError

CHUNK = 2**22
HEAD = 2**20
"""Bytes by which a file's dialect and, where all fits, its encoding are told."""
_ESCAPED = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
Told = Callable[[float], None]
"""Told of the share of a file that has been read."""


def unheard(share: float) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class MegabytesTold:
    """Progress of a step that reads files one after the other, in megabytes as they lie on the disk."""

    step: str
    files: tuple[Path, ...]
    progress: Progress

    def read(self, file: int, share: float) -> None:
        """All files before one have been read, and a share of this one."""
        done = sum(self._sizes[:file]) + share * self._sizes[file]
        self.progress(self.step, int(done) // 2**20, 1 + sum(self._sizes) // 2**20)

    def of(self, file: int) -> Told:
        """To be told of one file."""
        return partial(self.read, file)

    def end(self) -> None:
        """All have been read."""
        total = 1 + sum(self._sizes) // 2**20
        self.progress(self.step, total, total)

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        return tuple(file.stat().st_size for file in self.files)


def share_read(stream: IO[bytes]) -> float:
    """How much of an open file has been read, packed or not."""
    on_disk = getattr(stream, "fileobj", stream)
    return float(on_disk.tell() / max(1, os.fstat(on_disk.fileno()).st_size))


def file_sha256(path: Path, told: Told = unheard) -> str:
    """The SHA-256 of a file of any size."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while data := stream.read(CHUNK):
                digest.update(data)
                told(share_read(stream))
    except OSError as error:
        raise DataError(
            f"the file {path}", "be readable", error.strerror or str(error), "Check its permissions."
        ) from error
    return digest.hexdigest()


def is_packed(path: Path) -> bool:
    """Whether a file is gzipped, told by its first bytes."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def open_content(path: Path) -> IO[bytes]:
    """The content as a stream."""
    return gzip.open(path, "rb") if is_packed(path) else path.open("rb")  # type: ignore[return-value]


def read_some(path: Path, stream: IO[bytes], size: int) -> bytes:
    """The next bytes, or a DataError that names a file that is cut off."""
    try:
        return stream.read(size)
    except (EOFError, gzip.BadGzipFile, zlib.error, OSError) as error:
        raise DataError(
            f"the file {path}",
            "be a whole file",
            f"one that is cut off or damaged ({error})",
            "Fetch or copy it again.",
        ) from error


@dataclass(frozen=True)
class TextForm:
    """How the characters of a file are written; ``escaped`` says that some bytes do not decode and are kept."""

    encoding: str
    bom: bytes
    gzipped: bool
    why: str
    escaped: bool = False

    @property
    def errors(self) -> str:
        """How bytes that do not fit are read and written back."""
        return "surrogateescape" if self.escaped else "strict"

    def decoder(self) -> Any:
        """An incremental decoder, to be called with bytes and whether they are the last."""
        return codecs.getincrementaldecoder(self.encoding)(self.errors)

    def shown(self, text: str) -> str:
        """The text as people may see it."""
        return _ESCAPED.sub("�", text) if self.escaped else text

    def decoded(self, text: str) -> Decoded:
        """A piece of the file as its readers take it."""
        return Decoded(text, self.encoding, b"", self.gzipped, self.why, int(self.escaped))


def text_form(path: Path, encoding: str | None, told: Told = unheard) -> TextForm:
    """The form of a whole file, told in one pass that keeps nothing; a DataError for anything but text."""
    with open_content(path) as stream:
        head = read_some(path, stream, HEAD)
    first = decode(path, _whole_characters(head), encoding)
    gzipped = is_packed(path)
    if encoding is not None or first.bom:
        return TextForm(first.encoding, first.bom, gzipped, first.why)
    if first.encoding == "utf-8" and first.n_undecoded == 0 and _fits(path, told):
        return TextForm("utf-8", b"", gzipped, "every byte of the file fits")
    return _told_by_counts(path, gzipped, told)


def _whole_characters(head: bytes) -> bytes:
    """The head to the end of its last line, so that no character is cut."""
    end = head.rfind(b"\n")
    return head if len(head) < HEAD or end < 0 else head[: end + 1]


def _decoded(path: Path, errors: str, told: Told) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")(errors)
    with open_content(path) as stream:
        while data := read_some(path, stream, CHUNK):
            yield decoder.decode(data)
            told(share_read(stream))
        yield decoder.decode(b"", final=True)


def _fits(path: Path, told: Told) -> bool:
    try:
        for _ in _decoded(path, "strict", told):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _told_by_counts(path: Path, gzipped: bool, told: Told) -> TextForm:
    """UTF-8 with some bytes that do not fit, where more characters beyond ASCII do; else Windows-1252 or Latin-1."""
    bad = other = 0
    for text in _decoded(path, "surrogateescape", told):
        found = len(_ESCAPED.findall(text))
        bad += found
        other += len(_BEYOND_ASCII.findall(text)) - found
    if other > bad:
        why = f"{bad} bytes that do not fit are shown as � and written back as they are"
        return TextForm("utf-8", b"", gzipped, why, escaped=True)
    with open_content(path) as stream:
        fits = True
        while fits and (data := read_some(path, stream, CHUNK)):
            fits = not set(data) & {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    encoding, also = ("cp1252", "") if fits else ("latin-1", ", nor does cp1252 fit")
    return TextForm(encoding, b"", gzipped, f"some line is not UTF-8{also}")
