"""Data sets for the benchmark, read from files and folders that the user has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.data.dataset import Dataset
from dechaff.data.formats.files import files_of
from dechaff.data.formats.npy import LABEL_NAMES, first_named, npz_arrays
from dechaff.data.open import open_data
from dechaff.errors import DataError
from dechaff.models.columns import LinearEncoder
from dechaff.recipe.noise_benchmark.cifar10_files import has_cifar10, read_cifar10
from dechaff.recipe.noise_benchmark.problem import MOST_FEATURES, BenchmarkData
from dechaff.typing import Features

_FEATURES = ("features", "X", "embeddings", "emb", "images")
_CLEAN, _NOISY = "clean", ("aggre", "worse")
FEWEST_PER_CLASS = 20


def benchmark_data(source: str | Path, *, label: str | None = None) -> list[BenchmarkData]:
    """The data sets of a source; a folder of tables holds one in each file.

    Parameters
    ----------
    source : "digits" (of scikit-learn), a file or a folder
        A table as ``dechaff audit`` reads it; an npz with ``labels`` and ``features`` or ``images``; a folder with
        ``train.csv`` and the embedding of its rows as ``*train*.npy``; a folder with ``*train*.npz``; CIFAR-10N:
        ``labels.npz`` with ``clean``, ``aggre`` and ``worse``, and an npz with ``emb`` and ``index``; the binary
        version of CIFAR-10; an image folder.
    label : column or array of the labels, by default label, labels, target, class or y.

    Raises
    ------
    DataError, LabelsError
        If the source cannot be read, or has less than two classes of 20 rows. Smaller classes are left out.

    Examples
    --------
    >>> [(one.name, one.features.shape, one.n_classes) for one in benchmark_data("digits")]
    [('digits', (1797, 64), 10)]
    """
    if str(source) == "digits":
        from sklearn.datasets import load_digits

        found = load_digits()
        return [BenchmarkData("digits", found.data, found.target)]
    path = Path(source)
    return [_usable(one, path) for one in _read(path, label)]


def _read(path: Path, label: str | None) -> list[BenchmarkData]:
    if path.suffix == ".npz":
        return [_of_npz(path, label)]
    if not path.is_dir():
        return [_of_table(path, label)]
    folder, name = sorted(path.iterdir()), path.resolve().name
    if has_cifar10(path):
        return [read_cifar10(path)]
    if (path / "labels.npz").is_file():
        return [_of_cifar10n(path, name)]
    embeddings = [one for one in folder if one.suffix == ".npy" and "train" in one.name]
    if len(embeddings) == 1 and (path / "train.csv").is_file():
        return [_of_embedding(path / "train.csv", embeddings[0], name, label)]
    arrays = [one for one in folder if one.suffix == ".npz" and "train" in one.name]
    if len(arrays) == 1:
        return [_of_npz(arrays[0], label)]
    tables = files_of(path)
    return [_of_table(one, label) for one in tables or (path,)]


def _of_npz(path: Path, label: str | None) -> BenchmarkData:
    arrays, _ = npz_arrays(path)
    labels, features = label or first_named(arrays, LABEL_NAMES), first_named(arrays, _FEATURES)
    if labels not in arrays or not features:
        raise DataError(
            f"the file {path}",
            "contain labels, and features or images",
            f"the arrays {', '.join(arrays) or 'none'}",
            "Store numbers for each row as features (n, d) beside labels (n,).",
        )
    return _of_rows(path.stem, arrays[features], arrays[labels], path)


def _of_rows(name: str, rows: npt.NDArray[Any], labels: npt.NDArray[Any], path: Path) -> BenchmarkData:
    if rows.ndim < 2 or labels.shape != rows.shape[:1]:
        raise DataError(
            f"the features and labels of {path}",
            "be (n, d) and (n,), one row for each label",
            f"shapes {rows.shape} and {labels.shape}",
            "Check that both come from the same rows, in the same order.",
        )
    features = np.asarray(rows.reshape(len(rows), -1), dtype=np.float64)
    finite = np.isfinite(features).all(axis=1)
    if not finite.all():
        first = f"row {np.flatnonzero(~finite)[0]}"
        raise DataError(f"the features of {path}", "be finite", f"NaN or infinity in {first}", "Fill these cells.")
    return BenchmarkData(name, features, np.unique(labels, return_inverse=True)[1].astype(np.int64))


def _of_cifar10n(path: Path, name: str) -> BenchmarkData:
    """Human labels, and an embedding of some of the images, whose numbers are in ``index``."""
    labels, _ = npz_arrays(path / "labels.npz")
    for other in sorted(path.glob("*.npz")):
        arrays, _ = npz_arrays(other)
        if {"emb", "index"} <= set(arrays) and _CLEAN in labels:
            index = arrays["index"]
            given = {one: labels[one][index].astype(np.int64) for one in (_CLEAN, *_NOISY) if one in labels}
            true = given.pop(_CLEAN)
            noisy = {f"human, {name}": one for name, one in given.items()}
            return BenchmarkData(name, arrays["emb"].astype(np.float64), true, noisy)
    raise DataError(
        f"the folder {path}",
        "hold labels.npz with the array clean, and an npz with emb and index",
        f"no such file beside labels.npz with the arrays {', '.join(labels)}",
        "Store an embedding (m, d) as emb, and as index (m,) the place of each of its rows among the labels.",
    )


def _of_embedding(table: Path, embedding: Path, name: str, label: str | None) -> BenchmarkData:
    train = open_data(table, label=label).train
    return _labelled(_of_rows(name, np.load(embedding, allow_pickle=False), train.codes, embedding))


def _of_table(path: Path, label: str | None) -> BenchmarkData:
    train = open_data(path, label=label).train
    name = path.name.removesuffix(".gz").rsplit(".", 1)[0] or path.name
    return _labelled(BenchmarkData(name, _numbers(train), train.codes))


def _numbers(data: Dataset) -> Features:
    """The columns as numbers; many, as of texts, as their leading components. No label is read."""
    if data.features is not None:
        return data.features
    encoder: Any = LinearEncoder()
    if data.table.of_kind("image"):
        from dechaff.models.images import ImageEncoder

        encoder = ImageEncoder()
    _, matrix = encoder.fit(data.table, None, len(data.class_names), seed=0)
    if isinstance(matrix, np.ndarray):
        return matrix.astype(np.float64)
    if matrix.shape[1] <= MOST_FEATURES:
        return np.asarray(matrix.toarray(), dtype=np.float64)
    from sklearn.utils.extmath import randomized_svd

    left, size, _ = randomized_svd(matrix, min(MOST_FEATURES, min(matrix.shape) - 1), random_state=0)
    return np.asarray(left * size, dtype=np.float64)


def _labelled(data: BenchmarkData) -> BenchmarkData:
    return _some(data, np.flatnonzero(data.labels >= 0))


def _some(data: BenchmarkData, rows: npt.NDArray[np.int64]) -> BenchmarkData:
    noisy = {name: labels[rows] for name, labels in data.noisy.items()}
    return replace(data, features=data.features[rows], labels=data.labels[rows], noisy=noisy)


def _usable(data: BenchmarkData, path: Path) -> BenchmarkData:
    """Without classes that are too small for noise, folds and a test; the others are numbered from 0."""
    counts = np.bincount(data.labels, minlength=1)
    large = np.flatnonzero(counts >= FEWEST_PER_CLASS)
    if len(large) < 2:
        raise DataError(
            f"the labels of {path}",
            f"have two classes or more with {FEWEST_PER_CLASS} rows or more",
            f"{len(large)} (of {len(counts)} classes)",
            "Name the column of the labels with --label, or pass more rows.",
        )
    number = np.full(len(counts), -1)
    number[large] = np.arange(len(large))
    inside = [np.isin(labels, large) for labels in (data.labels, *data.noisy.values())]
    some = _some(data, np.flatnonzero(np.logical_and.reduce(inside)))
    return replace(some, labels=number[some.labels], noisy={name: number[one] for name, one in some.noisy.items()})
