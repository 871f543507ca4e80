"""Parts one after another, as a source, with row numbers if needed; and what a worker of any backend does with them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.backend import RowsDone, not_counted
from dechaff.core.fold import Fold, MapAndFold, MergeTree, R, S, folded, state_bytes
from dechaff.core.memory import keep_freed_memory
from dechaff.core.row_hash import row_hash
from dechaff.core.source import CHUNK_BYTES, ArraySource, Part, PartedSource, RowSpan, Sink
from dechaff.core.threads import threaded_map
from dechaff.typing import Chunk

SHARE_BYTES = 2**28
"""Bytes of columns that are held at a time if rows of one key must come together."""


@dataclass(frozen=True)
class Parts:
    """A parted source of these parts, in their order; one at least.

    Examples
    --------
    >>> import numpy as np
    >>> halves = Parts(tuple(ArraySource({"labels": np.array([0, 1, 1])}, chunk_rows=2).parts()))
    >>> halves.n_rows, [chunk["labels"].tolist() for chunk in halves.chunks(["labels"])]
    (3, [[0, 1], [1]])
    """

    all_parts: tuple[Part, ...]

    @property
    def n_rows(self) -> int:
        """The number of all rows."""
        return sum(part.n_rows for part in self.all_parts)

    def parts(self) -> tuple[Part, ...]:
        """The parts."""
        return self.all_parts

    def chunks(self, columns: Sequence[str], keyed_by: str | None = None) -> Iterator[Chunk]:
        """The named columns; by key a fraction of the keys at a time, and all parts are read again for each."""
        if keyed_by is None:
            for part in self.all_parts:
                yield from part.chunks(columns)
        else:
            wanted = list(dict.fromkeys([*columns, keyed_by]))
            shares = 1 + int(self.n_rows * self._row_bytes(wanted)) // SHARE_BYTES
            for share in range(shares):
                pieces = [_picked(chunk, key_bucket(chunk[keyed_by], shares) == share) for chunk in self.chunks(wanted)]
                yield from ArraySource(joined(pieces)).chunks(columns, keyed_by)

    def _row_bytes(self, columns: Sequence[str]) -> float:
        """Bytes per row of the named columns, from the first rows."""
        part = max(self.all_parts, key=lambda part: part.n_rows > 0)
        first = next(part.chunks(columns))
        return sum(map(_bytes, first.values())) / max(1, len(first[columns[0]]))


def key_bucket(keys: npt.NDArray[np.generic], buckets: int) -> npt.NDArray[np.int64]:
    """The bucket of each key, by its hash: equal keys share one in every part.

    Examples
    --------
    >>> key_bucket(np.array(["d", "c", "d"]), 2).tolist()
    [1, 0, 1]
    """
    return (row_hash(keys) % np.uint64(buckets)).astype(np.int64)


def _picked(chunk: Chunk, rows: npt.NDArray[np.bool_]) -> Chunk:
    return {name: values[rows] for name, values in chunk.items()}


def _bytes(values: npt.NDArray[np.generic]) -> int:
    return values.nbytes + (sum(map(sys.getsizeof, values.flat)) if values.dtype.kind == "O" else 0)


PIECE_BYTES = 2**24
"""Bytes of answers of one part that a sink is handed at a time: a part may be longer than memory."""
_STATES_A_CHUNK = 2
"""Least bytes of a chunk, in states, so that folds with large states do not spend their time adding them."""
_BYTES_A_ROW = 64
"""Assumed bytes per row, if unknown."""


def runs_of_parts(parts: Sequence[Part], state: object) -> Iterator[list[Part]]:
    """Neighbouring parts that are folded into one state: several if a state is larger than a part."""
    run: list[Part] = []
    for part in parts:
        run.append(part)
        if _BYTES_A_ROW * sum(one.n_rows for one in run) >= state_bytes(state):
            yield run
            run = []
    if run:
        yield run


def fold_runs(
    fold: Fold[S, R], runs: Sequence[Sequence[Part]], *, threads: int, rows_done: RowsDone = not_counted
) -> R:
    """The result of a fold over runs of parts, a few at once; the tree of merges depends on the runs alone."""
    tree: MergeTree[S] = MergeTree(fold.merge)
    states = threaded_map(lambda parts: state_of_parts(fold, parts), runs, threads=threads)
    for run, state in zip(runs, states, strict=True):
        tree.add(state)
        rows_done(sum(part.n_rows for part in run))
    return fold.finalize(tree.root(fold.init()))


def state_of_parts(fold: Fold[S, R], parts: Sequence[Part]) -> S:
    """The state after the rows of these parts."""
    size = _chunk_bytes(fold)
    return folded(fold, (chunk for part in parts for chunk in part.chunks(fold.columns, chunk_bytes=size)))


def answers_of_part(
    both: MapAndFold[S, R], part: Part, sink: Sink | None = None, *, piece_bytes: int = PIECE_BYTES
) -> tuple[Chunk, S]:
    """The answers for the rows of a part, none if a sink took them, and the state after these rows alone."""
    keep_freed_memory()
    state, waiting, row, size = both.init(), list[Chunk](), part.first_row, 0
    for chunk in part.chunks(both.columns, chunk_bytes=_chunk_bytes(both)):
        columns, seen = both.rows_and_state(chunk)
        state = both.merge(state, seen)
        waiting.append(columns)
        size += sum(column.nbytes for column in columns.values())
        if sink is not None and size >= piece_bytes:
            row = _written(sink, row, waiting)
            waiting, size = [], 0
    if sink is None:
        return joined(waiting), state
    if waiting:
        _written(sink, row, waiting)
    return {}, state


def answers_of_parts(
    both: MapAndFold[S, R],
    parts: Sequence[Part],
    sink: Sink | None = None,
    *,
    threads: int,
    rows_done: RowsDone = not_counted,
    piece_bytes: int = PIECE_BYTES,
) -> tuple[Chunk, R]:
    """The answers for the rows of all parts, in order, and the result of the fold; a few parts at once."""
    tree: MergeTree[S] = MergeTree(both.merge)
    answers = []
    done = threaded_map(lambda part: answers_of_part(both, part, sink, piece_bytes=piece_bytes), parts, threads=threads)
    for part, (some, state) in zip(parts, done, strict=True):
        tree.add(state)
        rows_done(part.n_rows)
        if sink is None:
            answers.append(some)
    return joined(answers) if answers else {}, both.finalize(tree.root(both.init()))


def _written(sink: Sink, first_row: int, waiting: list[Chunk]) -> int:
    """Writes the waiting answers; the number of the next row."""
    answers = joined(waiting)
    span = RowSpan(first_row, len(next(iter(answers.values()))))
    sink.write(span, answers)
    return span.stop


def joined(answers: Sequence[Chunk]) -> Chunk:
    """Answers of neighbouring rows, in one.

    Examples
    --------
    >>> joined([{"score": np.array([1, 2])}, {"score": np.array([3])}])
    {'score': array([1, 2, 3])}
    """
    if len(answers) == 1:
        return answers[0]
    return {name: np.concatenate([some[name] for some in answers]) for name in answers[0]}


def _chunk_bytes(fold: Fold[Any, Any]) -> int:
    return max(CHUNK_BYTES, _STATES_A_CHUNK * state_bytes(fold.init()))


ROW = "row"
"""The column of row numbers, counted from 0 over the whole source."""


def numbered(source: PartedSource) -> Parts:
    """The source with one more column, ``row``: the number of each row among all rows.

    Examples
    --------
    >>> import numpy as np
    >>> source = numbered(ArraySource({"labels": np.array([0, 1, 1])}, chunk_rows=2))
    >>> [chunk["row"].tolist() for chunk in source.chunks(["row", "labels"])]
    [[0, 1], [2]]
    """
    return Parts(tuple(map(NumberedPart, source.parts())))


@dataclass(frozen=True)
class NumberedPart:
    """A part whose chunks include row numbers."""

    part: Part

    @property
    def first_row(self) -> int:
        """The number of its first row."""
        return self.part.first_row

    @property
    def n_rows(self) -> int:
        """The number of its rows."""
        return self.part.n_rows

    def chunks(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        """The named columns of its rows, in order."""
        others = [name for name in columns if name != ROW]
        first = self.first_row
        if not others:
            numbers = np.arange(first, first + self.n_rows, dtype=np.int64)
            yield from ArraySource({ROW: numbers}).chunks([ROW], chunk_bytes=chunk_bytes)
            return
        for chunk in self.part.chunks(others, chunk_bytes=chunk_bytes):
            n = len(next(iter(chunk.values())))
            yield {**chunk, ROW: np.arange(first, first + n, dtype=np.int64)}
            first += n
