"""A method's door for arrays: its folds and row maps over columns in memory, in cache-sized chunks, on threads.

The answers do not depend on the threads: a fold gives the same bits in any split, and a row map writes each row's
answer to its own place.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Fold, R, RunFold, folded, state_bytes
from dechaff.core.freed_memory import keep_freed_memory
from dechaff.core.row_map import MapAndFold, RowMap
from dechaff.core.source import CHUNK_BYTES, ArraySource, Source
from dechaff.core.threads import threaded_map, usual_threads
from dechaff.typing import Chunk

BYTES_WORTH_A_THREAD = 2**25
"""Bytes a thread has to read before it is worth its start."""
_STATES_A_CHUNK = 2
"""A chunk weighs at least so many states, lest folds of large states spend their time adding them."""


def fold_over(fold: Fold[Any, R], source: Source) -> R:
    """The result of one pass over a source, in the calling thread."""
    return fold.finalize(folded(fold, source.chunks(fold.columns, fold.keyed_by)))


def over_arrays(**arrays: npt.NDArray[Any]) -> RunFold[Any]:
    """A runner of folds over these columns, for methods of several passes."""
    source = ArraySource(arrays)

    def run(fold: Fold[Any, R]) -> R:
        if fold.keyed_by is not None:
            return fold_over(fold, source)
        shares = _shares(_chunks(fold, source), _threads(source, fold.columns))

        def state_of(share: Sequence[slice]) -> Any:
            return folded(fold, (source.rows(fold.columns, place) for place in share))

        return fold.finalize(reduce(fold.merge, threaded_map(state_of, shares, threads=len(shares))))

    return run


def map_arrays(row_map: RowMap, **arrays: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The row map's answers for these columns, in order."""
    return map_together([row_map], **arrays)[0]


def map_together(row_maps: Sequence[RowMap], **arrays: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], ...]:
    """The answers of several row maps in one pass: each chunk comes from memory once, and from the cache after that."""
    keep_freed_memory()
    source = ArraySource(arrays)
    columns = sorted({name for row_map in row_maps for name in row_map.columns})
    answers = tuple(_room(row_map, source) for row_map in row_maps)

    def fill(share: Sequence[slice]) -> None:
        for place in share:
            chunk = source.rows(columns, place)
            for row_map, answer in zip(row_maps, answers, strict=True):
                answer[place] = row_map.rows(chunk)

    shares = _shares(source.slices(columns), _threads(source, columns))
    for _ in threaded_map(fill, shares, threads=len(shares)):
        pass
    return answers


def map_and_fold(both: MapAndFold[Any, R], **arrays: npt.NDArray[Any]) -> tuple[Chunk, R]:
    """The answers for these columns, in order, and the result of the fold, in one pass."""
    keep_freed_memory()
    source = ArraySource(arrays)
    nothing, _ = both.rows_and_state(source.rows(both.columns, slice(0, 0)))
    answers = {name: np.empty((source.n_rows, *some.shape[1:]), dtype=some.dtype) for name, some in nothing.items()}

    def state_of(share: Sequence[slice]) -> Any:
        state = both.init()
        for place in share:
            answered, seen = both.rows_and_state(source.rows(both.columns, place))
            for name, some in answered.items():
                answers[name][place] = some
            state = both.merge(state, seen)
        return state

    shares = _shares(_chunks(both, source), _threads(source, both.columns))
    return answers, both.finalize(reduce(both.merge, threaded_map(state_of, shares, threads=len(shares))))


def _chunks(fold: Fold[Any, Any], source: ArraySource) -> list[slice]:
    chunk_bytes = max(CHUNK_BYTES, _STATES_A_CHUNK * state_bytes(fold.init()))
    return source.slices(fold.columns, chunk_bytes=chunk_bytes)


def _room(row_map: RowMap, source: ArraySource) -> npt.NDArray[Any]:
    """Space for the answers; the answer to no rows tells their shape and type."""
    nothing = row_map.rows(source.rows(row_map.columns, slice(0, 0)))
    return np.empty((source.n_rows, *nothing.shape[1:]), dtype=nothing.dtype)


def _threads(source: ArraySource, columns: Sequence[str]) -> int:
    size = sum(source.arrays[name].nbytes for name in columns)
    return max(1, min(usual_threads(), size // BYTES_WORTH_A_THREAD))


def _shares(slices: list[slice], threads: int) -> list[list[slice]]:
    """Runs of neighbouring chunks, one a thread."""
    edges = np.linspace(0, len(slices), min(threads, len(slices)) + 1).astype(int).tolist()
    return [slices[start:stop] for start, stop in pairwise(edges)]
