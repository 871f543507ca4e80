"""Open a labelled data set, wherever it is: sealed test rows first, then everything that must be sniffed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from dechaff.data.assemble import LabelReader, assemble, labelled_parts, seal
from dechaff.data.columns.cells import cells_from_values
from dechaff.data.columns.labels import check_one_coding
from dechaff.data.columns.probs import with_classes
from dechaff.data.columns.roles import ColumnRoles, is_name
from dechaff.data.dataset import Dataset, Opened, Schema
from dechaff.data.formats.files import Reading, has_table_files
from dechaff.data.formats.images import is_image, read_images
from dechaff.data.formats.npz import read_npz
from dechaff.data.formats.source import read_files
from dechaff.data.memory.frames import wrapped
from dechaff.data.memory.plain import numeric_features
from dechaff.data.memory.source import WithLabels, read_memory
from dechaff.data.read import Read
from dechaff.data.source import suffix_of
from dechaff.errors import DataError, InputError
from dechaff.records.keywords import takes
from dechaff.records.options import DataOptions, FileOptions, ReadOptions, SplitOptions


@takes(DataOptions)
def open_data(source: Any, options: DataOptions) -> Opened:
    """A labelled data set, with its test rows sealed and everything that was assumed about it.

    Parameters
    ----------
    source : path, data frame, Arrow table, Hugging Face dataset, array, list or dict of columns
        CSV, TSV, Parquet and JSONL files may be gzipped; an ``.npz`` holds ``labels`` and ``pred_probs``;
        a folder holds one folder of images per class. Labels in memory: also the pair (data, labels).
        The label is inferred only if a column is called label, target, class or y.
    **options

    Returns
    -------
    Opened
        ``train`` and, if rows are sealed, ``test``; both with the same classes and schema.

    Raises
    ------
    DataError, LabelsError, ProbsError
        If the data cannot be used; the message says what to do.

    Examples
    --------
    >>> opened = open_data({"text": ["a b", "c d", "e f"], "label": ["x", "y", "x"]}, label="label")
    >>> opened.train.class_names, opened.train.codes.tolist()
    (('x', 'y'), [0, 1, 0])
    """
    return open_with(source, options, probs=options.probs, seed=options.seed)


def open_with(
    source: Any,
    options: ReadOptions,
    *,
    probs: npt.ArrayLike | None = None,
    seed: int = 0,
    reader: LabelReader | None = None,
) -> Opened:
    """The same from a record of options; `reader` reads the labels in another sense than as classes."""
    check_one_way_to_seal(options)
    label = options.label
    if label is None and _is_pair(source):
        source, label = source
    read = _with_arrays(_read(source, label, options), probs, options.features)
    parts = labelled_parts(read, ColumnRoles.of(options), reader=reader)
    sealed = seal(parts, test_size=options.test_size, seed=seed)
    train, rest = assemble(parts, sealed)
    opened = Opened(train, rest) if options.test is None else _with_test(train, options.test, options)
    if opened.test is not None and reader is None:
        check_one_coding(
            *(
                {data.class_names[code] for code in set(data.codes.tolist()) - {-1}}
                for data in (opened.train, opened.test)
            )
        )
    return opened


def _with_test(train: Dataset, test: Any, files: FileOptions) -> Opened:
    """Both data sets, with the classes that only the test rows have after the others."""
    tested = open_like(test, train.schema, files=files)
    classes = tested.class_names
    schema = replace(train.schema, class_names=classes)
    probs = None if train.probs is None else with_classes(train.probs, train.class_names, classes)
    return Opened(replace(train, class_names=classes, schema=schema, probs=probs), tested)


def open_like(
    source: Any, known: Dataset | Schema, *, need_label: bool = True, files: FileOptions = FileOptions()
) -> Dataset:
    """A second source, read by the first one's schema and classes; new classes come after the known ones.

    Parameters
    ----------
    source : like `source` of `open_data`
        Such as the improved file, or rows to be predicted. Labels in memory: the pair (data, labels).
    known : a data set whose columns, kinds and classes hold, or its schema.
    need_label : False if the label column may be absent; all labels are then missing.
    files : how text files are read.

    Raises
    ------
    DataError
        If a feature column is absent.
    """
    schema = known.schema if isinstance(known, Dataset) else known
    if not schema.label_name and _is_pair(source):
        data, labels = source
        read = _read(data, labels, files)
    elif need_label and not schema.label_name and isinstance(source, np.ndarray):
        raise InputError(
            "the second array",
            "come with its labels, as the first did",
            "rows alone",
            "Pass the pair (data, labels).",
        )
    elif not need_label and _are_images(source):
        read = read_images(Path(source), labelled=False)
    else:
        read = _read(source, schema.label_name or None, files)
    roles = ColumnRoles(label=schema.label_name or None, id=schema.id_name or None, group=schema.group_name or None)
    try:
        parts = labelled_parts(read, roles, known=schema, need_label=need_label)
        return assemble(parts, None)[0]
    except DataError as error:
        raise _in_file(error, source) from error


def _are_images(source: Any) -> bool:
    """Whether a source is an image, or a folder of images and no tables."""
    if not isinstance(source, str | os.PathLike) or has_table_files(source):
        return False
    path = Path(source)
    return is_image(path) or (path.is_dir() and not (path / "dataset_dict.json").is_file())


def _in_file(error: DataError, source: Any) -> DataError:
    """The same error, which names the file: where two are read, the message must name the one that is meant."""
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


def check_one_way_to_seal(options: SplitOptions) -> None:
    """An InputError if test rows are named in several ways."""
    given = [name for name in ("test", "test_size", "split") if getattr(options, name) is not None]
    if len(given) > 1:
        raise InputError(
            "the test rows",
            "be chosen in one way",
            " and ".join(given),
            "Use one of --test FILE, --test-size and --split COLUMN.",
        )


def _read(source: Any, label: Any, files: FileOptions) -> Read:
    if isinstance(source, Read):
        read = source
    elif isinstance(source, str | os.PathLike):
        read = read_path(source, Reading.of(files, label))
    elif isinstance(source, np.ndarray | list | tuple | dict) or wrapped(source) is not None:
        read = read_memory(source)
    else:
        raise DataError(
            "the data",
            "be a path, data frame, Arrow table, array, list or dict of columns",
            f"an object of type {type(source).__name__}",
            "Pass one of these.",
        )
    return read if label is None or is_name(label) else _with_labels(read, label)


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


def read_path(source: str | os.PathLike[str], reading: Reading) -> Read:
    """Every row of the file, the folder or the files of a pattern at a path."""
    path = Path(source)
    if not os.fspath(source):
        raise DataError("The path of the data is an empty string.", fix="Pass the path of a file or folder.")
    if has_table_files(source):
        return read_files(source, reading)
    if (path / "dataset_dict.json").is_file():
        parts = sorted(one.name for one in path.iterdir() if one.is_dir())
        raise DataError(
            f"the folder {path}",
            "be one data set",
            f"the data sets {', '.join(parts)}",
            f"Name one of them, such as {path / (parts or ['train'])[0]}, and another with --test.",
        )
    if path.is_dir():
        return read_images(path)
    if suffix_of(path) == ".npz":
        return read_npz(path, reading.label)
    return read_files(path, reading)
