"""A method's door for arrays: its fold or row map over columns in memory, one chunk after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Fold, R, RunFold
from dechaff.core.row_map import RowMap
from dechaff.core.source import ArraySource, Source


def fold_over(fold: Fold[Any, R], source: Source) -> R:
    """The result of one pass over a source, in the calling thread."""
    state = fold.init()
    for chunk in source.chunks(fold.columns, fold.keyed_by):
        state = fold.update(state, chunk)
    return fold.finalize(state)


def over_arrays(**arrays: npt.NDArray[Any]) -> RunFold[Any]:
    """A runner of folds over these columns, for methods of several passes."""
    source = ArraySource(arrays)
    return lambda fold: fold_over(fold, source)


def map_arrays(row_map: RowMap, **arrays: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The row map's answers for these columns, in order."""
    source = ArraySource(arrays)
    n_rows, begin = len(arrays[row_map.columns[0]]), 0
    answers: npt.NDArray[Any] | None = None
    for chunk in source.chunks(row_map.columns):
        part = row_map.rows(chunk)
        if answers is None:  # the first chunk tells the shape; joining the parts at the end would hold all rows twice
            answers = np.empty((n_rows, *part.shape[1:]), dtype=part.dtype)
        answers[begin : begin + len(part)] = part
        begin += len(part)
    assert answers is not None  # a source has one chunk at least
    return answers
