"""Folds and row maps over columns in memory, in cache-sized chunks, on threads.

The results do not depend on the threads: a fold gives the same bits in any split, and a row map writes each row's
result to its own place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Fold, MapAndFold, NamedRows, R, RowMap, RunFold, S, folded, state_bytes
from dechaff.core.parts import answers_of_parts, fold_runs
from dechaff.core.source import CHUNK_BYTES, ArraySource, RowSpan, Source
from dechaff.core.threads import threaded_map, usual_threads
from dechaff.typing import Chunk

BYTES_WORTH_A_THREAD = 2**25
"""Fewest bytes for which starting a thread pays off."""


def fold_over(fold: Fold[Any, R], source: Source) -> R:
    """The result of one pass over a source, in the calling thread."""
    return fold.finalize(folded(fold, source.chunks(fold.columns, fold.keyed_by)))


def over_arrays(**arrays: npt.NDArray[Any]) -> RunFold[Any]:
    """A runner of folds over these columns, for methods of several passes."""
    source = ArraySource(arrays)

    def run(fold: Fold[Any, R]) -> R:
        if fold.keyed_by is not None:
            return _keyed(fold, source, fold.keyed_by)
        parts = _parts(source, fold.columns)
        return fold_runs(fold, [[part] for part in parts], threads=len(parts))

    return run


def _keyed(fold: Fold[S, R], source: ArraySource, key: str) -> R:
    """The result of a fold whose keys come whole, on threads if the rows are in the order of the keys."""
    columns = list(dict.fromkeys([*fold.columns, key]))
    size = max(CHUNK_BYTES, 2 * state_bytes(fold.init()))
    parts = source.keyed_parts(key, n=len(_parts(source, columns)))

    def state_of(part: ArraySource) -> S:
        return folded(fold, part.chunks(fold.columns, key, chunk_bytes=size))

    states = list(threaded_map(state_of, parts, threads=len(parts)))
    return fold.finalize(reduce(fold.merge, states))


def map_arrays(row_map: RowMap, **arrays: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The row map's answers for these columns, in order."""
    return map_and_fold(NamedRows({"answer": row_map}), **arrays)[0]["answer"]


def map_and_fold(both: MapAndFold[Any, R], **arrays: npt.NDArray[Any]) -> tuple[Chunk, R]:
    """The answers for these columns, in order, and the result of the fold, in one pass."""
    source = ArraySource(arrays)
    parts = _parts(source, both.columns)
    nothing, _ = both.rows_and_state(source.rows(both.columns, slice(0, 0)))
    kept = _Kept({name: np.empty((source.n_rows, *some.shape[1:]), some.dtype) for name, some in nothing.items()})
    return kept.answers, answers_of_parts(both, parts, kept, threads=len(parts), piece_bytes=0)[1]


@dataclass(frozen=True)
class _Kept:
    """The sink that writes results into preallocated arrays, so that none is copied twice."""

    answers: dict[str, npt.NDArray[Any]]

    def write(self, rows: RowSpan, columns: Chunk) -> None:
        for name, some in columns.items():
            self.answers[name][rows.first_row : rows.stop] = some


def _parts(source: ArraySource, columns: Sequence[str]) -> list[ArraySource]:
    """Spans of about the same length, one per thread that pays off."""
    size = sum(source.arrays[name].nbytes for name in columns)
    threads = max(1, min(usual_threads(), size // BYTES_WORTH_A_THREAD, source.n_rows))
    edges = np.linspace(0, source.n_rows, threads + 1).astype(int).tolist()
    return [source.part(slice(start, stop)) for start, stop in pairwise(edges)]
