"""Labels and probabilities as users have them: lists, arrays, series, frames with one column per class, files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dechaff.data.classes import Values, column_names, column_values, is_path
from dechaff.data.columns.names import unknown_column
from dechaff.data.columns.probs import check_class_columns
from dechaff.data.formats.files import Reading, TableFiles, open_files
from dechaff.data.formats.npy import LABEL_NAMES, named_probs, npy_array, npz_arrays
from dechaff.data.formats.source import no_rows
from dechaff.data.memory.frames import wrapped
from dechaff.data.source import suffix_of
from dechaff.records.options import FileOptions


@dataclass(frozen=True)
class ProbTable:
    """Probabilities with the names of their columns, if they have any, and what stood beside them."""

    probs: Values = field(repr=False)
    names: tuple[Any, ...] | None = None
    native: Any = field(default=None, repr=False)
    """The caller's own data frame."""
    others: dict[str, Values] = field(default_factory=dict, repr=False)
    """Columns or arrays that are no probabilities: labels, ids."""
    where_of: Callable[[int], str] | None = field(default=None, repr=False)
    """The place of a row in a text file or the like."""


def prob_table(
    source: Any,
    *,
    beside: Sequence[str] = (),
    labelled: bool = False,
    like: ProbTable | None = None,
    files: FileOptions = FileOptions(),
) -> ProbTable:
    """Probabilities from an array, a data frame, or files (npz, npy, CSV, TSV, JSONL, Parquet, Arrow).

    ``beside`` names columns of a frame that are no probabilities; of a file that is ``labelled``, one of `LABEL_NAMES`
    is none either. ``like`` is the first table of an ensemble: columns beside its probabilities may stand here, too.
    ``files`` says how text files are read.
    """
    if not is_path(source) and wrapped(source) is None:
        return ProbTable(np.asarray(source))
    if is_path(source) and suffix_of(source) == ".npy":
        return ProbTable(npy_array(Path(source)))
    if is_path(source) and suffix_of(source) == ".npz":
        return _in_npz(Path(source))
    tables = open_files(source, Reading.of(files, next(iter(beside), None), header=True)) if is_path(source) else None
    table = source if tables is None else frame_of(tables)
    if tables is not None and not len(table):
        raise no_rows(tables)
    names = list(column_names(table))
    if like is not None:
        beside = [name for name in like.others if name in names]
    labels = [name for name in LABEL_NAMES if labelled and name in names and name not in beside]
    return _from_frame(table, [*labels[:1], *beside], None if tables is None else tables.where_of)


def _from_frame(native: Any, beside: Sequence[str], where_of: Callable[[int], str] | None) -> ProbTable:
    names = list(column_names(native))
    for wanted in beside:
        if wanted not in names:
            raise unknown_column("the column", wanted, [str(name) for name in names], "--label or --id")
    others = {name: column_values(native[name]) for name in beside}
    probs = {name: column_values(native[name]) for name in names if name not in beside}
    numeric = {name: values.ndim == 1 and values.dtype.kind in "fiub" for name, values in probs.items()}
    check_class_columns(numeric, lambda name: probs[name].tolist(), where_of)
    return ProbTable(np.stack(list(probs.values()), axis=1), tuple(probs), native, others, where_of)


def _in_npz(path: Path) -> ProbTable:
    arrays, _ = npz_arrays(path)
    probs, names = named_probs(path, arrays)
    return ProbTable(arrays[probs], tuple(arrays[names].tolist()) if names else None, None, arrays)


def read_table(source: str | os.PathLike[str], files: FileOptions = FileOptions()) -> pl.DataFrame:
    """The files that a path, a folder or a pattern names as one frame.

    Raises
    ------
    DataError
        If a file is none of CSV, TSV, JSON Lines or Parquet, is damaged, or has other columns than the first one.
    """
    return frame_of(open_files(source, Reading.of(files, header=True)))


def frame_of(tables: TableFiles) -> pl.DataFrame:
    """All rows of some files."""
    names = list(dict.fromkeys(name for schema in tables.schemas for name in schema))
    frames = [frame for part in tables.number_parts if part.n_rows for frame in part.frames(names)]
    return pl.concat(frames, how="vertical_relaxed") if frames else pl.DataFrame(schema=tables.schemas[0])
