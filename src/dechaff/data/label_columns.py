"""Labels and probabilities as users have them: lists, arrays, series, frames with one column per class, files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dechaff.data.classes import Values, column_values
from dechaff.data.columns.names import unknown_column
from dechaff.data.formats.files import Reading, check_there, files_of, open_files, refuse_other_format
from dechaff.data.formats.npy import CLASS_NAMES, LABEL_NAMES, PROB_NAMES, first_named, no_probs, npy_array, npz_arrays
from dechaff.data.memory.frames import wrapped
from dechaff.data.source import suffix_of
from dechaff.errors import DataError, ProbsError


@dataclass(frozen=True)
class ProbTable:
    """Probabilities with the names of their columns, if they have any, and what stood beside them."""

    probs: Values = field(repr=False)
    names: tuple[Any, ...] | None = None
    native: Any = field(default=None, repr=False)
    """The caller's own data frame."""
    others: dict[str, Values] = field(default_factory=dict, repr=False)
    """Columns or arrays that are no probabilities: labels, ids."""


def is_path(source: object) -> bool:
    """True for the name of a file."""
    return isinstance(source, str | os.PathLike)


def prob_table(
    source: Any, *, beside: Sequence[str] = (), labelled: bool = False, like: ProbTable | None = None
) -> ProbTable:
    """Probabilities from an array, a data frame, or files (npz, npy, CSV, TSV, JSONL, Parquet, Arrow).

    ``beside`` names columns of a frame that are no probabilities; of a file that is ``labelled``, one of `LABEL_NAMES`
    is none either. ``like`` is the first table of an ensemble: columns beside its probabilities may stand here, too.
    """
    if not is_path(source) and wrapped(source) is None:
        return ProbTable(np.asarray(source))
    if is_path(source) and suffix_of(source) == ".npy":
        return ProbTable(npy_array(Path(source)))
    if is_path(source) and suffix_of(source) == ".npz":
        return _in_npz(Path(source))
    table = _rows_of(Path(source), beside) if is_path(source) else source
    names = _column_names(table)
    if like is not None:
        beside = [name for name in like.others if name in names]
    labels = [name for name in LABEL_NAMES if labelled and name in names and name not in beside]
    return _from_frame(table, [*labels[:1], *beside])


def _from_frame(native: Any, beside: Sequence[str]) -> ProbTable:
    names = [name for name in _column_names(native) if name not in beside]
    for wanted in beside:
        if wanted not in _column_names(native):
            raise unknown_column("the column", wanted, [str(name) for name in _column_names(native)], "--label")
    others = {name: column_values(native[name]) for name in beside}
    parts = [_numbers(name, column_values(_column(native, name))) for name in names]
    if len(parts) < 2:
        raise ProbsError(
            "probs", "have one column per class, at least two", f"{len(parts)} columns", "Pass one column per class."
        )
    return ProbTable(np.stack(parts, axis=1), tuple(names), native, others)


def _in_npz(path: Path) -> ProbTable:
    check_there(path)
    arrays, _ = npz_arrays(path, path.read_bytes())
    probs, names = first_named(arrays, PROB_NAMES), first_named(arrays, CLASS_NAMES)
    if not probs:
        raise no_probs(path, arrays)
    return ProbTable(arrays[probs], tuple(arrays[names].tolist()) if names else None, None, arrays)


def _column_names(native: Any) -> list[Any]:
    return list(native.column_names if hasattr(native, "column_names") else native.columns)


def _column(native: Any, name: Any) -> Any:
    return native[name]


def _numbers(name: Any, values: Values) -> Values:
    if values.dtype.kind not in "fiub":
        raise ProbsError(
            f"the column {name!r} of probs",
            "contain the probability of a class",
            f"{values.dtype} such as {values.tolist()[0] if len(values) else None!r}",
            "Name the column of labels (--label, labels=) and that of ids (--id, ids=); leave out what is not a class.",
        )
    return values


def _rows_of(path: Path, beside: Sequence[str]) -> pl.DataFrame:
    table = read_table(path, label=next(iter(beside), None))
    if not len(table):
        raise DataError(f"The file {path} has a header but no rows.", fix="Check that it is the right file.")
    return table


def read_table(source: str | os.PathLike[str], *, label: str | None = None) -> pl.DataFrame:
    """The files that a path, a folder or a pattern names as one frame; `label` is a column that they have.

    Raises
    ------
    DataError
        If a file is none of CSV, TSV, JSON Lines or Parquet, is damaged, or has other columns than the first one.
    """
    path = Path(source)
    if not files_of(source):
        check_there(path)
        raise DataError(f"No CSV, Parquet, JSONL or Arrow files found in {path}.", fix="Name the folder of the files.")
    refuse_other_format(path)
    tables = open_files(source, Reading(label, header=True))
    names = list(dict.fromkeys(name for schema in tables.schemas for name in schema))
    frames = [frame for part in tables.number_parts if part.n_rows for frame in part.frames(names)]
    return pl.concat(frames, how="vertical_relaxed") if frames else pl.DataFrame(schema=tables.schemas[0])
