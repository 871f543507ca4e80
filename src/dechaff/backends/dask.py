"""Folds and row maps on a Dask cluster: one task a chunk, then a tree of merges where the states are."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Fold, R, S
from dechaff.core.row_map import RowMap
from dechaff.core.source import Source
from dechaff.errors import MissingExtraError
from dechaff.typing import Chunk

_FAN_IN = 8


def fold(fold: Fold[S, R], source: Source) -> R:
    """The result of one pass over all rows, on the scheduler that Dask has been told to use.

    Parameters
    ----------
    fold : what to compute.
    source : where the rows are; its chunks travel to the workers.

    Raises
    ------
    MissingExtraError
        Where Dask is not installed.
    """
    delayed = _dask().delayed
    states = [delayed(_partial)(fold, chunk) for chunk in source.chunks(fold.columns, fold.keyed_by)]
    while len(states) > 1:
        states = [delayed(_merged)(fold, states[at : at + _FAN_IN]) for at in range(0, len(states), _FAN_IN)]
    return fold.finalize(states[0].compute() if states else fold.init())


def row_map(row_map: RowMap, source: Source) -> npt.NDArray[Any]:
    """One answer a row, in the order of the source.

    Parameters
    ----------
    row_map : what to compute.
    source : where the rows are; its chunks travel to the workers.

    Raises
    ------
    MissingExtraError
        Where Dask is not installed.
    """
    dask = _dask()
    parts = [dask.delayed(row_map.rows)(chunk) for chunk in source.chunks(row_map.columns)]
    return np.concatenate(dask.compute(*parts))


def _partial(fold: Fold[S, R], chunk: Chunk) -> S:
    return fold.update(fold.init(), chunk)


def _merged(fold: Fold[S, R], states: list[S]) -> S:
    merged = states[0]
    for state in states[1:]:
        merged = fold.merge(merged, state)
    return merged


def _dask() -> Any:
    try:
        return import_module("dask")
    except ImportError as error:
        raise MissingExtraError.of("dask", "dask", "to run folds on a cluster") from error
