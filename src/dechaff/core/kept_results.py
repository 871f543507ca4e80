"""Checkpoints: results of long steps, kept on the disk, so that killed work resumes."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from dechaff.core.files import write_whole

Arrays = Mapping[str, npt.NDArray[Any]]
_ABOUT = "about.txt"


@dataclass
class _Keeper:
    """A folder of results by step; repeated steps are numbered."""

    folder: Path
    taken: Counter[str] = field(default_factory=Counter)

    def once(self, step: str, work: Callable[[], Arrays]) -> Arrays:
        self.taken[step] += 1
        # A killed process leaves the file whole without waiting for the disk.
        return kept_arrays(self.folder / f"{step}-{self.taken[step]:03d}.npz", work, to_disk=False)


def kept_arrays(path: Path, work: Callable[[], Arrays], *, to_disk: bool = True) -> Arrays:
    """The arrays of a file; if there is none, those that `work` returns, written to it."""
    with suppress(OSError, ValueError, BadZipFile), np.load(path, allow_pickle=False) as members:
        return dict(members)
    arrays = work()
    write_whole(path, lambda stream: np.savez(stream, **arrays), to_disk=to_disk)  # type: ignore[arg-type]
    return arrays


_keeper: ContextVar[_Keeper | None] = ContextVar("kept results", default=None)


@contextmanager
def results_kept_in(folder: Path | None, about: str) -> Iterator[None]:
    """Inside, `once` keeps results in a folder, and reads those that were kept for the same `about`.

    Parameters
    ----------
    folder : made if it does not exist; None keeps nothing.
    about : what results depend on, such as options and the hash of the data; results for anything else are deleted.
    """
    if folder is None:
        yield
        return
    known = folder / _ABOUT
    if not known.is_file() or known.read_text() != about:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_whole(known, about.encode())
    before = _keeper.set(_Keeper(folder))
    try:
        yield
    finally:
        _keeper.reset(before)


def once(step: str, work: Callable[[], Arrays]) -> Arrays:
    """The arrays that `work` returns, or that it returned before the process was killed.

    Steps must be taken in an order that depends on nothing but the data and options, from one thread.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "kept"
    >>> for number in (1, 2):
    ...     with results_kept_in(folder, "the same data"):
    ...         print(once("step", lambda: {"x": np.array(number)})["x"])
    1
    1
    """
    keeper = _keeper.get()
    return work() if keeper is None else keeper.once(step, work)
