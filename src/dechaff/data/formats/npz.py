"""An ``.npz`` of labels and probabilities (and features, ids, class names)."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.files import sha256_of
from dechaff.core.outputs import IMPROVED, write_outputs
from dechaff.data.columns.cells import Cells, cells_from_values, row_bytes, texts
from dechaff.data.columns.names import unknown_class, unknown_column
from dechaff.data.dataset import Assumption
from dechaff.data.formats.npy import CLASS_NAMES, LABEL_NAMES, PROB_NAMES, Arrays, first_named, npz_arrays
from dechaff.data.memory.plain import numeric_features
from dechaff.data.read import Read
from dechaff.data.source import Bound, check_improved
from dechaff.errors import DataError, LabelsError
from dechaff.typing import Mask, Texts

_FEATURES = ("features", "X", "embeddings", "emb")


@dataclass(frozen=True)
class NpzSource(Bound):
    """The arrays of one npz file."""

    path: Path
    sha256: str
    n_rows: int
    arrays: Arrays = field(repr=False)
    labels_member: str
    names_member: str
    original: bytes = field(repr=False)
    format: str = "npz"

    def improved(self, keep: Mask, labels: Mapping[int, str]) -> bytes:
        """Bytes of the new file: the same members and types; those with a row for each example lose the rows."""
        changed = {row: name for row, name in labels.items() if keep[row]}
        if bool(np.all(keep)) and not changed:
            return self.original
        arrays = {name: self._without_rows(name, array, keep) for name, array in self._relabelled(changed).items()}
        with zipfile.ZipFile(io.BytesIO(self.original)) as archive:
            deflated = any(entry.compress_type == zipfile.ZIP_DEFLATED for entry in archive.infolist())
        return _npz_bytes(arrays, deflated=deflated)

    def write(self, path: str | os.PathLike[str], *, keep: Mask, labels: Mapping[int, str]) -> None:
        """The new file at ``path``."""
        target = check_improved(path, self.path, self.format)
        write_outputs({target: self.improved(keep, labels)}, IMPROVED, inputs=(self.path,))

    def _relabelled(self, changed: Mapping[int, str]) -> dict[str, npt.NDArray[Any]]:
        arrays = dict(self.arrays)
        before = arrays[self.labels_member]
        values = self.spelled(changed, lambda row: before[row].item())
        if before.dtype.kind in "US" and values:
            width = max([before.dtype.itemsize // (4 if before.dtype.kind == "U" else 1), *map(len, values.values())])
            before = before.astype(f"{before.dtype.kind}{width}")
        after = before.copy()
        for row, value in values.items():
            after[row] = value
        arrays[self.labels_member] = after
        return arrays

    def spelling(self, name: str, label_at: Callable[[int], Any]) -> Any:
        """The label of a class: its number, if the file names its classes."""
        if name in self.examples or not self.names_member or self.arrays[self.labels_member].dtype.kind not in "iu":
            return super().spelling(name, label_at)
        names = self.arrays[self.names_member].astype(str).tolist()
        if name in names:
            return names.index(name)
        raise unknown_class(name, names)

    def _without_rows(self, name: str, array: npt.NDArray[Any], keep: Mask) -> npt.NDArray[Any]:
        of_rows = array.ndim > 0 and len(array) == self.n_rows and name != self.names_member
        return array[keep] if of_rows else array


def read_npz(path: Path, label: str | None) -> Read:
    """Labels, and probabilities or features or both, of an npz file."""
    arrays, data = npz_arrays(path)
    labels_member = _labels_member(path, arrays, label)
    names_member = first_named(arrays, CLASS_NAMES)
    given = arrays[labels_member]
    if given.ndim != 1 or not len(given):
        raise LabelsError(
            f"the array {labels_member!r} in {path}", "be one-dimensional, one label per row", f"shape {given.shape}",
            "Store class numbers or names.",
        )  # fmt: skip
    n_rows = len(given)
    class_names = tuple(map(str, arrays[names_member].tolist())) if names_member else None
    probs, features = _rows_of(path, arrays, PROB_NAMES, n_rows), _rows_of(path, arrays, _FEATURES, n_rows)
    if probs is None and features is None:
        raise DataError(
            f"the file {path}",
            "contain pred_probs or features beside the labels",
            f"the arrays {', '.join(arrays)}",
            "Store the out-of-sample probabilities as pred_probs (n, k), or numbers for each row as features (n, d).",
        )
    ids = _rows_of(path, arrays, ("ids",), n_rows)
    assumed = () if label else (Assumption("labels", labels_member, "the array is called so", "--label"),)
    return Read(
        (),
        n_rows,
        NpzSource(path, sha256_of(data), n_rows, arrays, labels_member, names_member, data),
        assumptions=assumed,
        ids=None if ids is None else _unique_ids(path, ids),
        ids_name="" if ids is None else "ids",
        labels=_label_cells(path, labels_member, given, class_names),
        content=_content(features, ids, n_rows),
        probs=probs,
        prob_names=class_names if probs is not None else None,
        features=None if features is None else numeric_features(features, f"the features in {path}"),
    )


def _labels_member(path: Path, arrays: Arrays, label: str | None) -> str:
    if label is not None:
        if label not in arrays:
            raise unknown_column(f"the array of labels of {path}", label, list(arrays), "--label")
        return label
    found = first_named(arrays, LABEL_NAMES)
    if not found:
        raise LabelsError(
            f"the file {path}", "contain an array of labels", f"the arrays {', '.join(arrays) or 'none'}",
            "Name the array with --label, or store it as labels.",
        )  # fmt: skip
    return found


def _rows_of(path: Path, arrays: Arrays, names: tuple[str, ...], n_rows: int) -> npt.NDArray[Any] | None:
    name = first_named(arrays, names)
    if not name:
        return None
    array = arrays[name]
    if array.ndim == 0 or len(array) != n_rows:
        raise DataError(
            f"the array {name!r} in {path}",
            f"have {n_rows:,} rows, one for each label",
            f"shape {array.shape}",
            "Check that both come from the same rows, in the same order.",
        )
    return array


def _unique_ids(path: Path, ids: npt.NDArray[Any]) -> Texts:
    named = texts([str(value) for value in ids.tolist()])
    if len(set(named)) < len(named):
        raise DataError(f"the ids in {path}", "be unique", "repeated ones", "Leave them out: rows are then numbered.")
    return named


def _label_cells(path: Path, name: str, given: npt.NDArray[Any], class_names: tuple[str, ...] | None) -> Cells:
    values: list[Any] = given.tolist()
    if given.dtype.kind in "iu":
        values = [None if value < 0 else value for value in values]
    if class_names is None or given.dtype.kind not in "iu":
        return cells_from_values(name, values)
    for row, value in enumerate(values):
        if value is not None and value >= len(class_names):
            raise LabelsError(
                f"the labels in {path}",
                f"be numbers from 0 to {len(class_names) - 1}, because class_names has {len(class_names)} names",
                f"{value} in row {row}",
                "Add the missing name, or store the names themselves as labels.",
            )
    return cells_from_values(name, [None if value is None else class_names[value] for value in values])


def _content(features: npt.NDArray[Any] | None, ids: npt.NDArray[Any] | None, n_rows: int) -> Texts:
    """What a row is known by: its features; without any, its id; without that, its number."""
    if features is not None:
        return row_bytes(features.reshape(n_rows, -1))
    return texts([str(value) for value in (range(n_rows) if ids is None else ids.tolist())])


def _npz_bytes(arrays: Arrays, *, deflated: bool) -> bytes:
    """Members in their order, each dated 1980, so that the bytes do not depend on the clock."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy")
            entry.compress_type = archive.compression
            archive.writestr(entry, member.getvalue())
    return stream.getvalue()
