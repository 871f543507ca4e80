"""The bytes of a file, unpacked if it is gzipped: in chunks, or a range of them."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import IO, Any

from dechaff.core.progress import Progress
from dechaff.errors import DataError

CHUNK = 2**22
HEAD = 2**20
"""Bytes by which the dialect and the types of a file are settled."""
OnFraction = Callable[[float], None]
"""Called with the fraction of a file that has been read."""
_GZIP = b"\x1f\x8b"
_SAMPLES, _SAMPLE_BYTES = 8, 2**15
"""Places of a file that its fingerprint looks at, and bytes at each."""
_THREAD = threading.local()


def ignore_fraction(fraction: float) -> None:
    """Does nothing."""


@dataclass(frozen=True)
class MegabytesRead:
    """Progress of a step that reads files one after the other, in megabytes as they lie on the disk."""

    step: str
    files: tuple[Path, ...]
    progress: Progress

    def read(self, file: int, fraction: float) -> None:
        """All files before one have been read, and a fraction of this one."""
        done = sum(self._sizes[:file]) + fraction * self._sizes[file]
        self.progress(self.step, int(done) // 2**20, 1 + sum(self._sizes) // 2**20)

    def of(self, file: int) -> OnFraction:
        """The function to call with fractions of one file."""
        return partial(self.read, file)

    def end(self) -> None:
        """All have been read."""
        total = 1 + sum(self._sizes) // 2**20
        self.progress(self.step, total, total)

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        return tuple(file.stat().st_size for file in self.files)


def fraction_read(stream: IO[bytes]) -> float:
    """How much of an open file has been read, packed or not."""
    on_disk = getattr(stream, "fileobj", stream)
    return float(on_disk.tell() / max(1, os.fstat(on_disk.fileno()).st_size))


def file_sha256(path: Path, on_fraction: OnFraction = ignore_fraction) -> str:
    """The SHA-256 of a file of any size."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while data := stream.read(CHUNK):
                digest.update(data)
                on_fraction(fraction_read(stream))
    except OSError as error:
        raise _unreadable(path, error) from error
    return digest.hexdigest()


def fingerprint_of(path: Path) -> list[Any]:
    """What shows later whether a file is still the same, for work that may be resumed: not all of it is read.

    Its path, size, time of change, and a hash of bytes from its start to its end, which holds all of a small file. A
    change of the same size has another time. A copy, or a file that was only touched, counts as changed: that costs
    time, and is never wrong.
    """
    try:
        with path.open("rb") as stream:
            known, digest = os.fstat(stream.fileno()), hashlib.sha256()
            for place in range(_SAMPLES):
                stream.seek(max(0, known.st_size - _SAMPLE_BYTES) * place // (_SAMPLES - 1))
                digest.update(stream.read(_SAMPLE_BYTES))
    except OSError as error:
        raise _unreadable(path, error) from error
    return [str(path.resolve()), known.st_size, known.st_mtime_ns, digest.hexdigest()]


def is_gzipped(path: Path) -> bool:
    """Whether a file is gzipped, by its first bytes and not by its name."""
    try:
        with path.open("rb") as stream:
            return stream.read(2) == _GZIP
    except OSError as error:
        raise _unreadable(path, error) from error


def bytes_of(path: Path) -> bytes:
    """All bytes of a file as they lie on the disk."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(f"Cannot read {path}: {error.strerror or error}.", fix="Check its permissions.")


def damaged(where: object, kind: str, error: Exception) -> DataError:
    """The error for a file, or a place in one, that cannot be decoded; `kind` names what it should be."""
    first = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
    return DataError(
        f"Cannot read {where}: the {kind} is truncated or damaged ({first}).", fix="Download or write it again."
    )


def open_content(path: Path) -> IO[bytes]:
    """The content as a stream."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    if stream.peek(2)[:2] != _GZIP:
        return stream
    stream.close()
    return gzip.open(path, "rb")  # type: ignore[return-value]


def read_some(path: Path, stream: IO[bytes], size: int) -> bytes:
    """The next bytes, or a DataError that names a file that is cut off."""
    try:
        return stream.read(size)
    except (EOFError, gzip.BadGzipFile, zlib.error, OSError) as error:
        raise damaged(path, "file", error) from error


def head_of(path: Path) -> bytes:
    """The first megabyte of the content."""
    with open_content(path) as stream:
        return read_some(path, stream, HEAD)


def content_chunks(path: Path, on_fraction: OnFraction = ignore_fraction) -> Iterator[bytes]:
    """The content, some megabytes at a time."""
    with open_content(path) as stream:
        while data := read_some(path, stream, CHUNK):
            yield data
            on_fraction(fraction_read(stream))


def read_range(path: Path, start: int, stop: int, *, gzipped: bool) -> bytes:
    """Some bytes of the content; ranges of a gzipped file are read fastest in order, since it is unpacked once then."""
    if gzipped:
        return _from_packed(path, start, stop)
    with path.open("rb") as stream:
        stream.seek(start)
        return read_some(path, stream, stop - start)


def _from_packed(path: Path, start: int, stop: int) -> bytes:
    """Each thread keeps its last packed file open, up to its end."""
    known = path.stat()
    key = (path, known.st_mtime_ns, known.st_size)
    stream = getattr(_THREAD, "stream", None)
    if stream is None or _THREAD.key != key or stream.tell() > start:
        if stream is not None:
            stream.close()
        _THREAD.stream, _THREAD.key = open_content(path), key
        stream = _THREAD.stream
    if stream.tell() != start:
        try:
            stream.seek(start)
        except (EOFError, gzip.BadGzipFile, zlib.error, OSError):
            read_some(path, stream, 1)  # names the file
    data = read_some(path, stream, stop - start)
    if fraction_read(stream) >= 1:
        stream.close()
        _THREAD.stream = None
    return data


def compressed(data: bytes) -> bytes:
    """gzip that gives the same bytes at any time of day."""
    return gzip.compress(data, mtime=0)


def unpacked(path: Path) -> Path | io.BytesIO:
    """The path, or the content of a packed file as a stream of its own."""
    if not is_gzipped(path):
        return path
    return io.BytesIO(_content(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=1)
def _content(path: Path, _changed: int) -> bytes:
    return b"".join(content_chunks(path))


def ends_with_line_end(path: Path) -> bool:
    """Whether the last character of the content ends a line."""
    last = b""
    with open_content(path) as stream:
        try:
            stream.seek(-4, os.SEEK_END)
            last = stream.read()
        except (OSError, ValueError):  # a packed file is read to its end
            stream.seek(0)
            while data := stream.read(CHUNK):
                last = (last + data)[-4:]
    return last.rstrip(b"\x00")[-1:] in (b"\n", b"\r")
