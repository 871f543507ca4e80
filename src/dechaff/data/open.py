"""Open a labelled data set, wherever it is: sealed test rows first, then everything that must be sniffed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from dechaff.data.arrays import WithLabels, numeric_features, read_memory
from dechaff.data.assemble import LabelReader, assemble, labelled_parts
from dechaff.data.cells import cells_from_values
from dechaff.data.dataset import Dataset, Opened
from dechaff.data.frames import is_frame, read_frame
from dechaff.data.paths import read_path
from dechaff.data.prob_columns import with_classes
from dechaff.data.read import Read
from dechaff.data.roles import Wishes
from dechaff.data.schema import Schema
from dechaff.data.seal import seal
from dechaff.errors import DataError, InputError


def open_data(  # noqa: PLR0913  (one keyword for each thing that can be sniffed wrongly)
    source: Any,
    *,
    label: Any = None,
    id: str | None = None,
    group: str | None = None,
    test: Any = None,
    test_size: float | None = None,
    split: str | None = None,
    text: Sequence[str] = (),
    categorical: Sequence[str] = (),
    numeric: Sequence[str] = (),
    date: Sequence[str] = (),
    drop: Sequence[str] = (),
    delimiter: str | None = None,
    encoding: str | None = None,
    probs: npt.ArrayLike | None = None,
    features: npt.ArrayLike | None = None,
    reader: LabelReader | None = None,
    seed: int = 0,
) -> Opened:
    """A labelled data set, with its test rows sealed and everything that was assumed about it.

    Parameters
    ----------
    source : path, data frame, Arrow table, Hugging Face dataset, array, list or dict of columns
        CSV, TSV, Parquet and JSONL files may be gzipped; an ``.npz`` holds ``labels`` and ``pred_probs``;
        a folder holds one folder of images a class. Labels in memory: also the pair (data, labels).
    label : column name, or array-like of (n,) labels
        Sniffed only where a column is plainly called label, target, class or y.
    id, group, split : column names
        Unique names of the rows; rows that belong together; words train and test.
    test : like `source`
        Test rows; read by the schema of the training rows.
    test_size : share in (0, 1) or number of rows
        Seals so many rows of the source, of every class, equal rows together.
    text, categorical, numeric, date, drop : column names
        The kind of columns where it must not be sniffed; ``drop`` keeps columns out of the features.
    delimiter, encoding : of a text file.
    probs : (n, k) float
        Out-of-sample probabilities, columns in the sorted order of the classes.
    features : (n, d) float
        Numbers that stand for each row, such as an embedding.
    reader : reads the labels of `source` in another sense than as classes, such as `PositiveReader`.
    seed : decides the draw of `test_size`.

    Returns
    -------
    Opened
        ``train`` and, where rows are sealed, ``test``; both with the same classes and schema.

    Raises
    ------
    DataError, LabelsError, ProbsError
        Where the data cannot be used; the message says what to do.

    Examples
    --------
    >>> opened = open_data({"text": ["a b", "c d", "e f"], "label": ["x", "y", "x"]}, label="label")
    >>> opened.train.class_names, opened.train.codes.tolist()
    (('x', 'y'), [0, 1, 0])
    """
    wishes = Wishes(
        label=str(label) if _is_name(label) else None,
        id=_name(id),
        group=_name(group),
        split=_name(split),
        text=_names(text),
        categorical=_names(categorical),
        numeric=_names(numeric),
        date=_names(date),
        drop=_names(drop),
    )
    check_one_way_to_seal(test, test_size, split)
    if label is None and _is_pair(source):
        source, label = source
    read = _read(source, label, delimiter, encoding)
    read = _with_arrays(read, probs, features)
    parts = labelled_parts(read, wishes, reader=reader)
    sealed = seal(parts, test_size=test_size, seed=seed)
    train, rest = assemble(parts, sealed)
    return Opened(train, rest) if test is None else _with_test(train, test, delimiter, encoding)


def _with_test(train: Dataset, test: Any, delimiter: str | None, encoding: str | None) -> Opened:
    """Both data sets, with the classes that only the test rows have after the others."""
    tested = _open_like(test, train.schema, delimiter, encoding, need_label=True)
    classes = tested.class_names
    schema = replace(train.schema, class_names=classes)
    probs = None if train.probs is None else with_classes(train.probs, train.class_names, classes)
    return Opened(replace(train, class_names=classes, schema=schema, probs=probs), tested)


def open_like(source: Any, known: Dataset | Schema, *, need_label: bool = True) -> Dataset:
    """A second source, read by the first one's schema and classes; new classes come after the known ones.

    Parameters
    ----------
    source : like `source` of `open_data`
        Such as the improved file, or rows to be predicted. Labels in memory: the pair (data, labels).
    known : a data set whose columns, kinds and classes hold, or its schema.
    need_label : False where the label column may be absent; all labels are then missing.

    Raises
    ------
    DataError
        Where a feature column is absent.
    """
    schema = known.schema if isinstance(known, Dataset) else known
    return _open_like(source, schema, None, None, need_label=need_label)


def _open_like(
    source: Any, schema: Schema, delimiter: str | None, encoding: str | None, *, need_label: bool
) -> Dataset:
    if not schema.label_name and _is_pair(source):
        data, labels = source
        read = _read(data, labels, delimiter, encoding)
    elif need_label and not schema.label_name and isinstance(source, np.ndarray):
        raise InputError(
            "the second array",
            "come with its labels, as the first did",
            "rows alone",
            "Hand in the pair (data, labels).",
        )
    else:
        read = _read(source, schema.label_name or None, delimiter, encoding)
    wishes = Wishes(label=schema.label_name or None, id=schema.id_name or None, group=schema.group_name or None)
    try:
        parts = labelled_parts(read, wishes, known=schema, need_label=need_label)
        return assemble(parts, None)[0]
    except DataError as error:
        raise _in_file(error, source) from error


def _in_file(error: DataError, source: Any) -> DataError:
    """The same error, which names the file: where two are read, people must know which one is meant."""
    if not isinstance(source, str | os.PathLike) or str(source) in str(error):
        return error
    return error.about(str(source))


def _is_pair(source: Any) -> bool:
    """True for (data, labels); two texts or two records are rows."""
    return (
        isinstance(source, tuple)
        and len(source) == 2
        and hasattr(source[1], "__len__")
        and not isinstance(source[1], str | dict)
    )


def _is_name(label: Any) -> bool:
    return isinstance(label, str | int | np.integer) and not isinstance(label, bool)


def _name(column: str | int | None) -> str | None:
    return None if column is None else str(column)


def _names(columns: str | Sequence[str]) -> tuple[str, ...]:
    return (columns,) if isinstance(columns, str) else tuple(map(str, columns))


def check_one_way_to_seal(test: Any, test_size: float | None, split: str | None) -> None:
    """An InputError where test rows are named in several ways."""
    given = [name for name, value in (("test", test), ("test_size", test_size), ("split", split)) if value is not None]
    if len(given) > 1:
        raise InputError(
            "the test rows",
            "be named in one way",
            " and ".join(given),
            "Use one of --test FILE, --test-size and --split COLUMN.",
        )


def _read(source: Any, label: Any, delimiter: str | None, encoding: str | None) -> Read:
    if isinstance(source, str | os.PathLike):
        read = read_path(source, label=str(label) if _is_name(label) else None, delimiter=delimiter, encoding=encoding)
    elif is_frame(source):
        read = read_frame(source)
    elif isinstance(source, np.ndarray | list | tuple | dict):
        read = read_memory(source)
    else:
        raise DataError(
            "the data",
            "be a path, data frame, Arrow table, array, list or dict of columns",
            f"an object of type {type(source).__name__}",
            "Hand in one of these.",
        )
    return read if label is None or _is_name(label) else _with_labels(read, label)


def _with_labels(read: Read, labels: Any) -> Read:
    plain = labels.tolist() if hasattr(labels, "tolist") else list(labels)
    if len(plain) != read.n_rows or any(isinstance(value, list) for value in plain[:1]):
        raise InputError(
            "the labels",
            f"be one-dimensional with {read.n_rows:,} values, one for each row of the data",
            f"{len(plain):,} of type {type(labels).__name__}",
            "Check that both come from the same rows, in the same order.",
        )
    category = type(getattr(labels, "dtype", None)).__name__ == "CategoricalDtype"
    cells = cells_from_values("", plain, category=category)
    return replace(read, labels=cells, source=WithLabels(read.source, labels))


def _with_arrays(read: Read, probs: npt.ArrayLike | None, features: npt.ArrayLike | None) -> Read:
    for name, given in (("probs", probs), ("features", features)):
        if given is None:
            continue
        array = np.asarray(given)
        if array.ndim != 2 or len(array) != read.n_rows:
            raise InputError(
                name,
                f"be a two-dimensional array with {read.n_rows:,} rows, one for each row of the data",
                f"shape {array.shape}",
                "Check that it comes from the same rows, in the same order.",
            )
        if name == "probs":
            read = replace(read, probs=cast("npt.NDArray[np.float64]", array), prob_names=None)
        else:
            read = replace(read, features=numeric_features(array, "features"))
    return read
