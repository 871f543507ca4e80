"""Folds and row maps as tasks of any cluster: states are computed where rows are read, and merged in a tree."""

from __future__ import annotations

import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from itertools import islice, pairwise
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import numpy as np

from dechaff.core.backend import P, RowsDone, not_counted
from dechaff.core.fold import Fold, MapAndFold, MergeTree, R, S, folded
from dechaff.core.parts import answers_of_part, joined, key_bucket, runs_of_parts, state_of_parts
from dechaff.core.source import ArraySource, Part, PartedSource, Sink
from dechaff.core.threads import use_threads
from dechaff.errors import InputError, RunError
from dechaff.typing import Chunk

W = TypeVar("W")
Future = Any
"""The cluster's handle of the result of a task."""

_FAN_IN = 8
_TASKS_A_WORKER = 8
"""Most tasks per worker in one pass: few enough for a low overhead, enough to balance the load and to lose little."""
_PARTS_IN_FLIGHT = 3
"""Parts per worker that are worked on, or whose results wait."""
_BUCKETS_A_WORKER = 2
"""Every block of rows is split into every bucket, so there are fewer of both."""
_PARTS_A_BUCKET = 8
"""Most parts per block, and rows per bucket, that fit into the memory of any worker."""


class Cluster(Protocol):
    """Workers that take tasks. A task whose worker died, or whose result was lost with it, is repeated."""

    @property
    def n_workers(self) -> int:
        """How many tasks run at once."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """One task; the futures among its arguments are awaited, and fetched, by the worker."""

    def submit_many(self, function: Callable[..., Any], *arguments: Any, outputs: int) -> list[Future]:
        """One task that returns a tuple: a future for each of its entries."""

    def finished(self, futures: Sequence[Future]) -> Iterator[int]:
        """Positions of the futures, in the order in which they end, with a result or an error."""

    def results(self, futures: Sequence[Future]) -> list[Any]:
        """The results of the tasks; raises the first error."""

    def cancel(self, futures: Sequence[Future]) -> None:
        """Cancel outstanding futures."""


@dataclass(frozen=True)
class ClusterBackend:
    """The functions of a `Backend` on one kind of cluster.

    Each takes one more argument, ``cluster``, from `connected`; it is opened for one pass alone if that is left out.
    Parts travel to the workers with their tasks, and so does a sink.

    Raises
    ------
    MissingExtraError
        If the package of the cluster is not installed.
    RunError
        If workers die repeatedly.
    """

    connected: Callable[[], AbstractContextManager[Cluster]]
    """Opens a cluster for one pass."""

    def fold(
        self, fold: Fold[S, R], source: PartedSource, *, rows_done: RowsDone = not_counted, cluster: Any = None
    ) -> R:
        """The result of one pass over all rows; keyed folds get their groups whole."""
        with self._kept(cluster) as on:
            if fold.keyed_by is not None:
                return _keyed_fold_on(on, fold, fold.keyed_by, source, rows_done)
            blocks = _blocks(list(runs_of_parts(source.parts(), fold.init())), _TASKS_A_WORKER * on.n_workers)
            states = [on.submit(_state_of_block, fold, block) for block in blocks]
            sizes = [sum(_n_rows(run) for run in block) for block in blocks]
            return _finish(on, fold, states, sizes, rows_done)[1]

    def row_map(
        self,
        row_map: MapAndFold[S, R],
        source: PartedSource,
        *,
        sink: Sink | None = None,
        rows_done: RowsDone = not_counted,
        cluster: Any = None,
    ) -> tuple[Chunk, R]:
        """The answers for all rows in order, none if a sink took them on the workers, and the result of the fold."""
        with self._kept(cluster) as on:
            blocks = _blocks(source.parts(), _TASKS_A_WORKER * on.n_workers)
            pairs = [on.submit_many(_answers_of_block, row_map, block, sink, outputs=2) for block in blocks]
            wanted = [answers for answers, _ in pairs] if sink is None else []
            sizes = [_n_rows(block) for block in blocks]
            answers, result = _finish(on, row_map, [state for _, state in pairs], sizes, rows_done, wanted)
            return joined(answers) if answers else {}, result

    def map_parts(
        self, work: Callable[[P], R], parts: Iterable[P], *, most: int | None = None, cluster: Any = None
    ) -> Iterator[R]:
        """What `work` computes from each part, in order: a task per part, a few per worker at a time.

        `most` is not used, because workers have memory of their own.
        """
        with self._kept(cluster) as on:
            waiting, held = iter(parts), on.submit(_itself, work)

            def started(n: int) -> list[Future]:
                return [on.submit(_result_of_part, held, part) for part in islice(waiting, n)]

            running = deque(started(_PARTS_IN_FLIGHT * on.n_workers))
            try:
                while running:
                    [result] = on.results([running[0]])
                    running.popleft()
                    running.extend(started(1))
                    yield result
            finally:
                on.cancel([*running, held])

    def _kept(self, cluster: Cluster | None) -> AbstractContextManager[Cluster]:
        return self.connected() if cluster is None else nullcontext(cluster)


def _keyed_fold_on(cluster: Cluster, fold: Fold[S, R], key: str, source: PartedSource, rows_done: RowsDone) -> R:
    """Rows are partitioned into buckets by their key, on the workers, and each bucket is folded on its own."""
    parts = source.parts()
    blocks = _blocks(parts, max(_BUCKETS_A_WORKER * cluster.n_workers, -(-len(parts) // _PARTS_A_BUCKET)))
    columns = tuple(dict.fromkeys((*fold.columns, key)))
    dealt = [
        cluster.submit_many(partitioned_by_key, block, columns, key, len(blocks), outputs=len(blocks))
        for block in blocks
    ]
    states = [cluster.submit(bucket_state, fold, *pieces) for pieces in zip(*dealt, strict=True)]
    return _finish(cluster, fold, states, [0] * len(states), rows_done, n_rows=source.n_rows)[1]


def _finish(
    cluster: Cluster,
    fold: Fold[S, R],
    states: list[Future],
    sizes: list[int],
    rows_done: RowsDone,
    wanted: Sequence[Future] = (),
    n_rows: int | None = None,
) -> tuple[list[Any], R]:
    """The results of the answers, and of the fold, once all states are merged; reports progress meanwhile."""
    roots = list(states)
    while len(roots) > 1:
        roots = [cluster.submit(_merged, fold, *roots[at : at + _FAN_IN]) for at in range(0, len(roots), _FAN_IN)]
    try:
        left = _report_rows(cluster, [*states, *roots], sizes, rows_done, sum(sizes) if n_rows is None else n_rows)
        *answers, root = cluster.results([*wanted, *roots]) if roots else [fold.init()]
    except BaseException:
        cluster.cancel([*wanted, *states, *roots])
        raise
    if left:
        rows_done(left)
    return answers, fold.finalize(root)


def _report_rows(cluster: Cluster, futures: list[Future], sizes: list[int], rows_done: RowsDone, left: int) -> int:
    """Reports rows as tasks end; the number of rows not reported when the last future, the root, has ended."""
    for place in cluster.finished(futures):
        if place == len(futures) - 1:
            break
        if sizes[place]:
            rows_done(sizes[place])
            left -= sizes[place]
    return left


def _blocks(items: Sequence[W], most: int) -> list[list[W]]:
    """Neighbouring items in at most `most` blocks of one size, a power of two.

    The tree of merges over such blocks is the tree over their items, so its shape, and with it every bit of the
    result, depends on the source alone, not on the number of workers.
    """
    size = 1
    while len(items) > most * size:
        size *= 2
    return [list(items[at : at + size]) for at in range(0, len(items), size)]


def _n_rows(parts: Sequence[Part]) -> int:
    return sum(part.n_rows for part in parts)


def _state_of_block(fold: Fold[S, R], runs: Sequence[Sequence[Part]]) -> S:
    with use_threads(1):
        return _merged(fold, *(state_of_parts(fold, run) for run in runs))


def _answers_of_block(both: MapAndFold[S, R], parts: Sequence[Part], sink: Sink | None) -> tuple[Chunk, S]:
    with use_threads(1):
        pairs = [answers_of_part(both, part, sink) for part in parts]
    answers = joined([some for some, _ in pairs]) if sink is None else {}
    return answers, _merged(both, *(state for _, state in pairs))


def _itself(work: W) -> W:
    """Kept by a worker, from which the others fetch it: not a part of every task."""
    return work


def _result_of_part(work: Callable[[P], R], part: P) -> R:
    with use_threads(1):
        return work(part)


def _merged(fold: Fold[S, R], *states: S) -> S:
    tree: MergeTree[S] = MergeTree(fold.merge)
    for state in states:
        tree.add(state)
    return tree.root(fold.init())


def partitioned_by_key(parts: Sequence[Part], columns: Sequence[str], key: str, buckets: int) -> tuple[Chunk, ...]:
    """The rows of these parts, partitioned by the hash of their key: equal keys to the same bucket on every worker.

    Examples
    --------
    >>> source = ArraySource({"task": np.array(["d", "c", "d"]), "answer": np.array([0, 1, 2])})
    >>> [piece["answer"].tolist() for piece in partitioned_by_key(source.parts(), ["task", "answer"], "task", 2)]
    [[1], [0, 2]]
    """
    chunks = [_by_bucket(chunk, key, buckets) for part in parts for chunk in part.chunks(columns)]
    return tuple(joined(pieces) for pieces in zip(*chunks, strict=True))


def bucket_state(fold: Fold[S, R], *pieces: Chunk) -> S:
    """The state after all rows of a bucket, in chunks of whole keys."""
    return folded(fold, ArraySource(joined(pieces)).chunks(fold.columns, fold.keyed_by))


def _by_bucket(chunk: Chunk, key: str, buckets: int) -> list[Chunk]:
    bucket = key_bucket(chunk[key], buckets)
    order = np.argsort(bucket, kind="stable")
    edges = np.searchsorted(bucket[order], np.arange(buckets + 1)).tolist()
    return [{name: values[order[start:stop]] for name, values in chunk.items()} for start, stop in pairwise(edges)]


_PATIENCE = 10.0
"""Seconds to wait for an answer."""
_BY_SOCKET = ("", "tcp", "tls", "ray")
_WORDS = ("auto", "local")


def check_listened_to(address: str, engine: str, usual_port: int) -> None:
    """An InputError if no server accepts a connection there; the engines would try for minutes, and one never ends."""
    scheme = address.partition("://")[0] if "://" in address else ""
    if address in _WORDS or scheme not in _BY_SOCKET:
        return
    with errors_about(address, engine):
        there = urlsplit(address if scheme else f"//{address}")
        socket.create_connection((there.hostname or "", there.port or usual_port), timeout=_PATIENCE).close()


@contextmanager
def errors_about(address: str, engine: str) -> Iterator[None]:
    """Turns what fails inside into an InputError about this address."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"No {engine} cluster answers at {address}: {reason_of(error)}.", fix=_HELP[engine]) from error


def reason_of(error: Exception) -> str:
    """The first line of what an error says, without its full stop."""
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


_HELP = {
    "Dask": "It looks like tcp://host:8786, as `dask scheduler` prints it. Without one, workers are started here.",
    "Ray": "It looks like host:6379, as `ray start --head` prints it. Without one, workers are started here.",
}


def workers_lost(engine: str, times: int) -> RunError:
    """A task was tried `times` times, and its worker died each time."""
    return RunError(
        f"{engine} workers died {times} times on one task, most likely out of memory.",
        fix="Give each worker more memory, or write the data with smaller row groups.",
    )


@contextmanager
def ctrl_c_later() -> Iterator[None]:
    """Ctrl-C inside takes effect at the end of the block; threads and processes that are started inside ignore it.

    A terminal signals all processes of a command. Workers that are killed by it print tracebacks, and a cluster that
    is left half started or half ended leaves processes behind.
    """
    with _held_back(), _not_handed_on():
        yield


@contextmanager
def _held_back() -> Iterator[None]:
    """Another thread may receive the signal, so blocking it in this one does not help."""
    usual: Any = signal.getsignal(signal.SIGINT)
    if not callable(usual) or threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[Any] = []
    signal.signal(signal.SIGINT, lambda *signal_and_frame: held.append(signal_and_frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if held:
        usual(*held[0])


@contextmanager
def _not_handed_on() -> Iterator[None]:
    """Threads and processes inherit the signals that their parent blocks."""
    mask = getattr(signal, "pthread_sigmask", None)
    if mask is None:  # Windows
        yield
        return
    # The thread that starts the first child of multiprocessing, its tracker, unblocks all signals.
    import_module("multiprocessing.resource_tracker").ensure_running()
    usual = mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        mask(signal.SIG_SETMASK, usual)
