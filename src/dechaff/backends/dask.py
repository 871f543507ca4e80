"""Folds and row maps on a Dask cluster: one task a part, then a tree of merges where the states are."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from dechaff.core.backend import RowsDone, nobody_told
from dechaff.core.fold import Fold, R, S, folded
from dechaff.core.part_work import answers_of_part, joined, runs_of_parts, state_of_parts
from dechaff.core.row_map import MapAndFold
from dechaff.core.sink import Sink
from dechaff.core.source import Part, PartedSource
from dechaff.errors import MissingExtraError
from dechaff.typing import Chunk

_FAN_IN = 8


def fold(fold: Fold[S, R], source: PartedSource, *, rows_done: RowsDone = nobody_told) -> R:
    """The result of one pass over all rows, on the scheduler that Dask has been told to use.

    Parameters
    ----------
    fold : what to compute.
    source : where the rows are; its parts travel to the workers.
    rows_done : told of the rows that are finished.

    Raises
    ------
    MissingExtraError
        Where Dask is not installed.
    """
    dask = _dask()
    if fold.keyed_by is not None:
        return fold.finalize(folded(fold, source.chunks(fold.columns, fold.keyed_by)))
    runs = runs_of_parts(source.parts(), fold.init())
    result = fold.finalize(_root(fold, [dask.delayed(state_of_parts)(fold, run) for run in runs]).compute())
    rows_done(source.n_rows)
    return result


def row_map(
    row_map: MapAndFold[Any, R],
    source: PartedSource,
    *,
    sink: Sink | None = None,
    rows_done: RowsDone = nobody_told,
) -> tuple[Chunk, R]:
    """The answers for all rows, in the order of the source, and the result of the fold, in one pass.

    Parameters
    ----------
    row_map : what to compute.
    source : where the rows are; its parts travel to the workers.
    sink : takes the answers part by part on the workers, and none are returned.
    rows_done : told of the rows that are finished.

    Raises
    ------
    MissingExtraError
        Where Dask is not installed.
    """
    dask = _dask()
    pairs = [dask.delayed(_answered, nout=2)(row_map, part, sink) for part in source.parts()]
    root = _root(row_map, [state for _, state in pairs])
    *answers, state = dask.compute(*([some for some, _ in pairs] if sink is None else []), root)
    rows_done(source.n_rows)
    return joined(answers) if answers else {}, row_map.finalize(state)


def _answered(row_map: MapAndFold[S, R], part: Part, sink: Sink | None) -> tuple[Chunk, S]:
    return answers_of_part(row_map, part, sink)


def _root(fold: Fold[S, R], states: list[Any]) -> Any:
    merged = _dask().delayed(_merged)
    while len(states) > 1:
        states = [merged(fold, states[at : at + _FAN_IN]) for at in range(0, len(states), _FAN_IN)]
    return states[0]


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
