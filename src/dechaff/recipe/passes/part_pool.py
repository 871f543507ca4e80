"""Passes over the parts of files on several processes, with results in the order of the parts."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from dechaff.core.files import write_whole
from dechaff.core.threads import use_threads
from dechaff.data.formats.part import FilePart

R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")
_WORTH_IT = 4
"""Parts per process from which on it pays to start them: each imports the package anew."""


class PartWork(Protocol[R_co]):
    """What is computed from one part; travels to other processes with all that it holds."""

    def __call__(self, part: FilePart) -> R_co:
        """The result of a part."""


def over_parts(
    work: PartWork[R], parts: Sequence[FilePart], folder: Path, *, processes: int
) -> Iterator[tuple[FilePart, R]]:
    """Each part with its result, in the order of the parts, whatever the number of processes.

    Reading cells is Python code, which threads of one process would take turns at.

    Parameters
    ----------
    work : what to compute; written once to `folder`, where each process reads it.
    parts : the parts.
    folder : for what the processes share.
    processes : how many work at once; with few parts for each, this one alone.
    """
    shared = folder / "work.pickle"
    if processes == 1 or len(parts) < _WORTH_IT * processes or not _written(work, shared):
        yield from ((part, work(part)) for part in parts)
        return
    from joblib import Parallel, delayed

    stamp = shared.stat().st_mtime_ns
    pool = Parallel(n_jobs=processes, backend="loky", return_as="generator", pre_dispatch=2 * processes, batch_size=1)
    results = pool(delayed(_result)(str(shared), stamp, part) for part in parts)
    try:
        yield from zip(parts, results, strict=True)
    finally:
        results.close()
        shared.unlink(missing_ok=True)


def _result(path: str, stamp: int, part: FilePart) -> Any:
    with use_threads(1):  # the other cores have processes of their own
        return _shared(path, stamp)(part)


@lru_cache(maxsize=1)
def _shared(path: str, stamp: int) -> Callable[[FilePart], Any]:
    with open(path, "rb") as file:
        work: Callable[[FilePart], Any] = pickle.load(file)
    return work


def _written(work: PartWork[Any], path: Path) -> bool:
    """Whether the work can travel: a model of the user's may be one that cannot."""
    try:
        content = pickle.dumps(work)
    except Exception:  # each package has errors of its own for what cannot be pickled
        return False
    write_whole(path, content, to_disk=False)
    return True
