"""Files written whole or not at all: to a temporary name in the same folder, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from dechaff.errors import RunError


def write_whole(path: Path, data: bytes) -> None:
    """Write bytes so that ``path`` holds either its old content or all of the new one."""
    write_whole_file(path, lambda temporary: temporary.write_bytes(data))


def write_whole_file(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write(temporary)`` fill a temporary file beside ``path``, then rename it onto ``path``.

    Raises
    ------
    RunError
        Where the disk is full or the folder cannot be written; nothing is left behind.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        os.close(handle)
        temporary = Path(name)
        write(temporary)
        _reach_the_disk(temporary)
        temporary.chmod(0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        raise RunError(
            f"the file {path}",
            "be writable, on a disk with room left",
            error.strerror or str(error),
            "Free some space or choose another place; what was there before is untouched.",
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _reach_the_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
