"""Threads over parts, on this machine; processes for work in Python.

numpy and the file readers release the interpreter lock in their loops, so threads share folds and row maps, and each
reads its own part. Cells of files are read by Python code, for which there are processes. The parts and the order of
merges depend on the source alone, not on the threads: the same bits with one worker or many.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from functools import lru_cache, partial
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any

import numpy as np

from dechaff.backends.shared_arrays import sent
from dechaff.core.backend import P, RowsDone, not_counted
from dechaff.core.files import write_whole
from dechaff.core.fold import Fold, MapAndFold, R, S, folded
from dechaff.core.parts import answers_of_parts, fold_runs, runs_of_parts
from dechaff.core.source import PartedSource, Sink
from dechaff.core.threads import AHEAD, in_order, use_threads, usual_threads
from dechaff.errors import InputError, RunError
from dechaff.typing import Chunk

_WORTH_IT = 2
"""Parts per process from which on it pays to start them: each imports the package anew."""
_IDLE = 60
"""Seconds after which processes end that are not used."""


def fold(fold: Fold[S, R], source: PartedSource, *, rows_done: RowsDone = not_counted, threads: int | None = None) -> R:
    """The result of one pass over all rows, on threads; one that is keyed runs in the calling thread.

    Parameters
    ----------
    fold, source, rows_done : as in `dechaff.core.backend.Backend`
    threads : number of threads, default one per core; the result does not depend on it.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.core.codes import ClassCounts
    >>> from dechaff.core.source import ArraySource
    >>> local_fold = fold
    >>> local_fold(ClassCounts(3), ArraySource({"labels": np.array([0, 2, 2])}, chunk_rows=1), threads=2)
    array([1, 0, 2])
    """
    if fold.keyed_by is not None:
        return fold.finalize(folded(fold, _with_progress(source.chunks(fold.columns, fold.keyed_by), rows_done)))
    runs = list(runs_of_parts(source.parts(), fold.init()))
    return fold_runs(fold, runs, threads=_checked(threads), rows_done=rows_done)


def row_map(
    row_map: MapAndFold[Any, R],
    source: PartedSource,
    *,
    sink: Sink | None = None,
    rows_done: RowsDone = not_counted,
    threads: int | None = None,
) -> tuple[Chunk, R]:
    """The answers for all rows, in the order of the source, and the result of the fold, in one pass.

    Parameters
    ----------
    row_map, source, sink, rows_done : as in `dechaff.core.backend.Backend`
    threads : number of threads, default one per core; the result does not depend on it. With a sink, more
        than one get an extra one, which works while another waits for its answers to be written.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.core.fold import NamedRows
    >>> from dechaff.core.source import ArraySource
    >>> from dechaff.methods.label_errors.label_scores import SelfDoubt
    >>> source = ArraySource({"labels": np.array([0, 1]), "probs": np.array([[0.75, 0.25], [0.5, 0.5]])})
    >>> local_row_map = row_map
    >>> local_row_map(NamedRows({"score": SelfDoubt()}), source)
    ({'score': array([0.25, 0.5 ])}, None)
    """
    n_threads = _checked(threads)
    if sink is not None and n_threads > 1:
        n_threads += 1
    return answers_of_parts(row_map, source.parts(), sink, threads=n_threads, rows_done=rows_done)


def map_parts(
    work: Callable[[P], R], parts: Iterable[P], *, most: int | None = None, threads: int | None = None
) -> Iterator[R]:
    """What `work` computes from each part, in the order of the parts, on several processes if there are many parts.

    Parameters
    ----------
    work, parts, most : as in `dechaff.core.backend.Backend`; work that cannot be pickled is done by this process alone.
    threads : number of processes, default one per core; the results do not depend on it.

    Examples
    --------
    >>> list(map_parts(abs, [-1, 2]))
    [1, 2]
    """
    processes, waiting = min(_checked(threads), most or _checked(threads)), iter(parts)
    first = list(islice(waiting, _WORTH_IT * processes))
    parts = chain(first, waiting)
    if processes == 1 or len(first) < _WORTH_IT * processes:
        yield from map(work, parts)
        return
    with TemporaryDirectory(prefix="dechaff-") as folder:
        shared = Path(folder) / "work.pickle"
        if _written(work, shared):
            with _pool(processes) as pool:
                yield from in_order(
                    lambda part: pool.submit(_result_of_part, str(shared), part), parts, at_once=AHEAD * processes
                )
        else:
            yield from map(work, parts)


@contextmanager
def training_on_processes(n: int) -> Iterator[None]:
    """Inside, joblib, and with it all training, works on `n` processes: much of it is Python code."""
    if n == 1:
        yield
        return
    with _pool(n) as pool:
        on_pool = import_module("dechaff.backends.joblib_tasks").joblib_on
        with on_pool(partial(pool.submit, _alone), Future.result, n):
            yield


@contextmanager
def _pool(processes: int) -> Iterator[Any]:
    try:
        yield _started(processes)
    except BrokenExecutor as error:
        _started.cache_clear()
        raise RunError(
            "A worker process died, most likely out of memory.",
            fix="Choose fewer threads (--threads 1), or a smaller memory limit (--memory).",
        ) from error
    finally:
        _end_when_idle()


def _end_when_idle() -> None:
    """Without its entry in the cache, a pool ends as soon as no one works with it.

    Workers that end by themselves may do so just as a job arrives. loky then warns, in the thread that hands out jobs:
    where warnings are errors that thread dies, and the job is never done.
    """
    later = Timer(_IDLE, _started.cache_clear)
    later.daemon = True
    later.start()
    _timer[0].cancel()
    _timer[0] = later


_timer = [Timer(0, lambda: None)]


@lru_cache(maxsize=1)
def _started(processes: int) -> Any:
    # Python's own pool imports the main module anew, and so runs a script whose work is not guarded. The reusable pool
    # of loky is joblib's, which then fails to reuse one that was started by others.
    from joblib.externals.loky import ProcessPoolExecutor

    return ProcessPoolExecutor(max_workers=processes, job_reducers={np.ndarray: sent})


def _alone(work: Callable[[], Any]) -> Any:
    with use_threads(1):  # the other cores have processes of their own
        return work()


def _result_of_part(shared: str, part: Any) -> Any:
    return _alone(lambda: _unpickled(shared)(part))


@lru_cache(maxsize=1)
def _unpickled(shared: str) -> Callable[[Any], Any]:
    """The work in a file whose name is used once."""
    work: Callable[[Any], Any] = pickle.loads(Path(shared).read_bytes())
    return work


def _written(work: Callable[[Any], Any], path: Path) -> bool:
    """Whether the work can travel: a model of the user's may be one that cannot."""
    try:
        content = pickle.dumps(work)
    except Exception:  # each package has errors of its own for what cannot be pickled
        return False
    write_whole(path, content, to_disk=False)
    return True


def _with_progress(chunks: Iterable[Chunk], rows_done: RowsDone) -> Iterator[Chunk]:
    for chunk in chunks:
        yield chunk
        rows_done(len(next(iter(chunk.values()))))


def _checked(threads: int | None) -> int:
    wanted = usual_threads(threads)
    if wanted < 1:
        raise InputError("threads", "be at least 1", str(wanted), "Leave it out for one thread per core.")
    return wanted
