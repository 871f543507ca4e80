"""What a worker of any backend does with the parts that it is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Fold, R, S, folded, state_bytes
from dechaff.core.row_map import MapAndFold
from dechaff.core.sink import Sink
from dechaff.core.source import CHUNK_BYTES, Part
from dechaff.typing import Chunk

_STATES_A_CHUNK = 2
"""A chunk weighs at least so many states, lest folds of large states spend their time adding them."""
_BYTES_A_ROW = 64
"""What a row is taken to weigh, where it is not known."""


def runs_of_parts(parts: Sequence[Part], state: object) -> Iterator[list[Part]]:
    """Neighbouring parts that are folded into one state: several where a state weighs more than a part."""
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


def answers_of_part(both: MapAndFold[S, R], part: Part, sink: Sink | None = None) -> tuple[Chunk, S]:
    """The answers for the rows of a part, none where a sink has taken them, and the state after these rows alone."""
    if sink is not None and both.init() is None and sink.done(part):
        return {}, both.init()
    state, answers, row = both.init(), dict[str, npt.NDArray[Any]](), 0
    for chunk in part.chunks(both.columns, chunk_bytes=_chunk_bytes(both)):
        columns, seen = both.rows_and_state(chunk)
        for name, some in columns.items():
            answers[name] = _filled(answers.get(name), some, row, part.n_rows)
        row += len(next(iter(chunk.values())))
        state = both.merge(state, seen)
    if sink is None:
        return answers, state
    sink.write(part, answers)
    return {}, state


def _filled(room: npt.NDArray[Any] | None, some: npt.NDArray[Any], row: int, n_rows: int) -> npt.NDArray[Any]:
    """The answers for a whole part with some of them put in place: a list of pieces would be in memory twice."""
    if room is None:
        room = np.empty((n_rows, *some.shape[1:]), dtype=some.dtype)
    if room.dtype != some.dtype:  # longer text than before
        room = room.astype(np.result_type(room, some))
    room[row : row + len(some)] = some
    return room


def joined(answers: Sequence[Chunk]) -> Chunk:
    """Answers of neighbouring rows, in one.

    Examples
    --------
    >>> joined([{"score": np.array([1, 2])}, {"score": np.array([3])}])
    {'score': array([1, 2, 3])}
    """
    return {name: np.concatenate([some[name] for some in answers]) for name in answers[0]}


def _chunk_bytes(fold: Fold[Any, Any]) -> int:
    return max(CHUNK_BYTES, _STATES_A_CHUNK * state_bytes(fold.init()))
