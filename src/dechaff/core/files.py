"""Files written whole and then renamed, so that no reader ever sees half of one."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from dechaff.core.threads import for_each
from dechaff.errors import RunError

_WAITING = 8
"""Files synced to the disk at a time: several take hardly longer than one."""
Content = bytes | memoryview | Callable[[BinaryIO], object]
"""All bytes of a file, or a function that writes them into the stream that it is handed."""


def write_whole(path: str | os.PathLike[str], content: Content, *, to_disk: bool = True) -> None:
    """The content at ``path``: all of it, or nothing and a RunError.

    It is written to a temporary file in the same folder and synced before that is renamed; a file that
    was there before stays untouched until then.

    Parameters
    ----------
    path : the file to write; its folder must exist.
    content : all bytes, or a function that writes them into the stream that it is handed.
    to_disk : wait for the disk, so that even a power cut leaves the file whole; a killed process always does.

    Raises
    ------
    RunError
        If the folder is absent or may not be written, or the disk is full. No temporary file is left.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> write_whole(folder / "a.txt", b"whole")
    >>> (folder / "a.txt").read_bytes(), len(list(folder.iterdir()))
    (b'whole', 1)
    """
    write_together({Path(path): content}, to_disk=to_disk)


@contextlib.contextmanager
def folders_of(places: Sequence[Path]) -> Iterator[None]:
    """The folders of these files; those that did not exist are removed again if the block fails."""
    missing = {folder for place in places for folder in place.parents if not folder.exists()}
    made = sorted(missing, key=lambda folder: len(folder.parts))
    try:
        for folder in made:
            folder.mkdir()
        yield
    except BaseException:
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def write_together(files: Mapping[Path, Content], *, to_disk: bool = True) -> None:
    """Several files that belong together: all contents reach the disk before the first file is renamed.

    If the disk fills up, all older files are left as they were.

    Raises
    ------
    RunError
        As `write_whole` does.
    """
    with _temporary() as waiting:
        for target, content in files.items():
            _write_beside(target, content, waiting, to_disk=to_disk)
        for name, target in list(waiting.items()):
            _take_name(name, target)
            del waiting[name]


@contextlib.contextmanager
def write_last(beside: Path, content: Content) -> Iterator[Callable[[Path], None]]:
    """The content is on the disk, in the folder of a file, before the block begins, which renames them by a call.

    If the block fails before, it is deleted: the output of the block exists together with it or not at all.

    Raises
    ------
    RunError
        As `write_whole` does.
    """
    with _temporary() as waiting:
        _write_beside(beside, content, waiting, to_disk=True)
        (name,) = waiting
        yield partial(_take_name, name)


@contextlib.contextmanager
def _temporary() -> Iterator[dict[str, Path]]:
    """Temporary files and their final names; those that were not renamed are deleted at the end."""
    waiting: dict[str, Path] = {}
    try:
        yield waiting
    finally:
        for name in waiting:
            with contextlib.suppress(OSError):
                os.unlink(name)


def move_together(files: Sequence[Path], folder: Path) -> None:
    """Moves files to another folder of the same disk: all of them are on the disk before the first one is moved.

    Raises
    ------
    RunError
        As `write_whole` does. Files that are not moved stay in place.
    """
    for_each(_to_disk, files, threads=_WAITING)
    for path in files:
        _take_name(str(path), folder / path.name)


def begin_to_disk(path: Path) -> None:
    """Start writing a file to the disk in the background, if the system can, so that a later sync is fast.

    On Linux, POSIX_FADV_DONTNEED starts the write at once. A file system without it, or a
    file that has been moved meanwhile, is no error.
    """
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError), path.open("rb") as stream:
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _to_disk(path: Path) -> None:
    try:
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    except OSError as error:
        raise _unwritable(path, None, error) from error


def _write_beside(target: Path, content: Content, waiting: dict[str, Path], *, to_disk: bool) -> None:
    """The content in a temporary file of the same folder, which is noted in ``waiting``."""
    try:
        name = str(temporary_name(target))
        with open(name, "xb") as stream:  # fails if anything is there, a link too
            waiting[name] = target
            if callable(content):
                content(stream)
            else:
                stream.write(content)
            stream.flush()
            if to_disk:
                os.fsync(stream.fileno())
        if target.exists():  # the new file gets the old one's permissions
            os.chmod(name, target.stat().st_mode & 0o777)
    except OSError as error:
        size = None if callable(content) else len(content)
        raise _unwritable(target, size, error) from error


def temporary_name(target: Path) -> Path:
    """A hidden name in the same folder, which cannot be guessed."""
    return target.with_name(f".{target.name[:40]}.{secrets.token_hex(8)}.tmp")


def is_temporary(path: Path) -> bool:
    """Whether a file or folder was begun by a process that was killed, or still writes it.

    Examples
    --------
    >>> is_temporary(Path(".report.html.0123456789abcdef.tmp")), is_temporary(Path(".mine.tmp"))
    (True, False)
    """
    return re.fullmatch(r"\..+\.[0-9a-f]{16}\.tmp", path.name, re.DOTALL) is not None


def remove_temporary(folder: Path) -> None:
    """Deletes what killed processes had begun to write in a folder; no other process may be writing there."""
    for left in filter(is_temporary, folder.iterdir()):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


@contextlib.contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """A folder, made if it is missing, that no other process may lock inside; the lock leaves no file.

    It ends with the process. If the system has no such locks (Windows, some network drives), nothing is locked.
    A folder that was made, and is empty when the block fails, is removed again.

    Raises
    ------
    RunError
        If another process has locked it, or it cannot be made.
    """
    with contextlib.ExitStack() as made:
        try:
            made.enter_context(folders_of([folder / "any"]))
        except OSError as error:
            message = f"Cannot make the folder {folder}: {error.strerror or error}."
            raise RunError(message, fix="Choose another folder with --out.") from error
        made.enter_context(_lock(folder))
        yield


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise RunError(
            f"Cannot write to {folder}: another process or thread is writing there.",
            fix="Wait until it has ended, or choose another folder with --out.",
        ) from error
    except OSError:
        pass  # a network drive without locks
    try:
        yield
    finally:
        os.close(handle)


def _take_name(name: str, target: Path) -> None:
    try:
        os.replace(name, target)
    except OSError as error:
        raise _unwritable(target, None, error) from error


def _unwritable(target: Path, size: int | None, error: OSError) -> RunError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RunError(
            f"No space left{'' if size is None else f' for {size:,} bytes'} while writing {target}: "
            f"the disk is full ({error.strerror}).",
            fix="Free some space, or choose another folder; this file was not written, and the input is untouched.",
        )
    if not target.parent.is_dir():
        return RunError(
            f"Cannot write {target}: there is no folder {target.parent}.",
            fix="Make the folder first, or choose another path.",
        )
    return RunError(
        f"Cannot write {target}: {error.strerror or str(error)}.",
        fix="Check the permissions, or choose another path; nothing was written.",
    )


def sha256_of(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
