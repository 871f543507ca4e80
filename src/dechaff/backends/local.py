"""Threads over parts, on this machine.

numpy and the file readers release the interpreter lock in their loops, so threads share the work, and each reads its
own part. The parts and the order of merges depend on the source alone, not on the threads: the same bits
with one thread or many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dechaff.core.backend import RowsDone, not_counted
from dechaff.core.fold import Fold, MergeTree, R, S, folded
from dechaff.core.parts import answers_of_part, joined, runs_of_parts, state_of_parts
from dechaff.core.row_map import MapAndFold
from dechaff.core.source import PartedSource, Sink
from dechaff.core.threads import threaded_map, usual_threads
from dechaff.errors import InputError
from dechaff.typing import Chunk


def fold(fold: Fold[S, R], source: PartedSource, *, rows_done: RowsDone = not_counted, threads: int | None = None) -> R:
    """The result of one pass over all rows.

    Parameters
    ----------
    fold : what to compute; one that is keyed runs over chunks of whole keys, in the calling thread.
    source : where the rows are.
    rows_done : called with the number of rows that are finished.
    threads : number of threads, default one per core; the result does not depend on it.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.core.class_rows import ClassCounts
    >>> from dechaff.core.source import ArraySource
    >>> local_fold = fold
    >>> local_fold(ClassCounts(3), ArraySource({"labels": np.array([0, 2, 2])}, chunk_rows=1), threads=2)
    array([1, 0, 2])
    """
    if fold.keyed_by is not None:
        return fold.finalize(folded(fold, _with_progress(source.chunks(fold.columns, fold.keyed_by), rows_done)))
    tree: MergeTree[S] = MergeTree(fold.merge)
    runs = list(runs_of_parts(source.parts(), fold.init()))
    states = threaded_map(lambda parts: state_of_parts(fold, parts), runs, threads=_checked(threads))
    for run, state in zip(runs, states, strict=True):
        tree.add(state)
        rows_done(sum(part.n_rows for part in run))
    return fold.finalize(tree.root(fold.init()))


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
    row_map : what to compute.
    source : where the rows are.
    sink : takes the answers part by part, and none are returned.
    rows_done : called with the number of rows that are finished.
    threads : number of threads, default one per core; the result does not depend on it. With a sink, more
        than one get an extra one, which works while another waits for its answers to be written.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.core.row_map import NamedRows
    >>> from dechaff.core.source import ArraySource
    >>> from dechaff.methods.label_errors.label_scores import SelfDoubt
    >>> source = ArraySource({"labels": np.array([0, 1]), "probs": np.array([[0.75, 0.25], [0.5, 0.5]])})
    >>> local_row_map = row_map
    >>> local_row_map(NamedRows({"score": SelfDoubt()}), source)
    ({'score': array([0.25, 0.5 ])}, None)
    """
    tree: MergeTree[Any] = MergeTree(row_map.merge)
    answers, n_threads, parts = [], _checked(threads), source.parts()
    if sink is not None and n_threads > 1:
        n_threads += 1
    done = threaded_map(lambda part: answers_of_part(row_map, part, sink), parts, threads=n_threads)
    for part, (some, state) in zip(parts, done, strict=True):
        tree.add(state)
        rows_done(part.n_rows)
        if sink is None:
            answers.append(some)
    return joined(answers) if answers else {}, row_map.finalize(tree.root(row_map.init()))


def _with_progress(chunks: Iterable[Chunk], rows_done: RowsDone) -> Iterator[Chunk]:
    for chunk in chunks:
        yield chunk
        rows_done(len(next(iter(chunk.values()))))


def _checked(threads: int | None) -> int:
    wanted = usual_threads(threads)
    if wanted < 1:
        raise InputError("threads", "be at least 1", str(wanted), "Leave it out for one thread per core.")
    return wanted
