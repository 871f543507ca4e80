"""What a worker of any backend does with its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dechaff.core.fold import Fold, R, S, folded, state_bytes
from dechaff.core.freed_memory import keep_freed_memory
from dechaff.core.row_map import MapAndFold
from dechaff.core.sink import Sink
from dechaff.core.source import CHUNK_BYTES, Part, RowSpan
from dechaff.typing import Chunk

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
