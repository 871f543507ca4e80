"""Labelled rows that a data engine learns from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dechaff.api.engine.batch import GUESS, PROBABILITY, SLICE
from dechaff.api.engine.folder import rows_of
from dechaff.api.engine.rows import FileRows
from dechaff.api.engine.waiting import Waiting
from dechaff.core.row_hash import Hashes
from dechaff.core.words import counted, listed
from dechaff.data.dataset import Dataset, Schema
from dechaff.data.formats.files import Reading
from dechaff.errors import DataError, LabelsError
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.records.options import FileOptions
from dechaff.typing import Columns, Mask


@dataclass(frozen=True)
class Labelled:
    """The cells of new labelled rows, their labels, and what was left out."""

    cells: Columns
    labels: tuple[str, ...]
    hashes: Hashes
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def below(self, columns: Columns, label: str) -> Columns:
        """The training rows, and these below them."""
        named = {**self.cells, label: list(self.labels)}
        return {name: [*cells, *named.get(name, [""] * len(self))] for name, cells in columns.items()}

    def with_waiting(self, waiting: Waiting, label: str) -> Labelled:
        """These rows, and in front of them those that wait; of rows that are equal the new ones."""
        places = np.flatnonzero(~np.isin(waiting.hashes, self.hashes)).tolist()
        if not places:
            return self
        cells = rows_of(waiting.cells, places)
        both = {name: [*own, *self.cells.get(name, [""] * len(self))] for name, own in cells.items()}
        hashes = np.concatenate([waiting.hashes[places], self.hashes])
        note = f"{counted(len(places), 'row')} of turn {waiting.turn}, which was not kept, learnt again"
        return Labelled(both, (*cells[label], *self.labels), hashes, (*self.notes, note))


def read_labelled(
    source: str | os.PathLike[str],
    schema: Schema,
    files: FileOptions,
    known: tuple[Dataset, Sequence[Dataset]],
    columns: Sequence[str],
) -> Labelled:
    """New labelled rows, checked.

    Parameters
    ----------
    source : table.
    schema : of the training rows, with all classes.
    files : how text files are read.
    known : the training rows, and those that are kept for proofs.
    columns : of the training data.

    Raises
    ------
    DataError
        If columns differ, or a row is kept for proofs or known already.
    LabelsError
        If a label is no class, or no row has one.
    """
    path, (train, held) = Path(source), known
    read = FileRows.of(path, Reading.of(files))
    cells = read.cells
    other = [name for name in cells if name not in (*columns, GUESS, PROBABILITY, SLICE)]
    if other:
        raise DataError(
            str(path), "have the columns of the training data", f"{listed(other)} in addition", "Drop them."
        )
    rows = read.like(schema)
    labelled = _checked_labels(rows, schema, path)
    hashes = data_hashes(rows)
    _refuse_held(hashes, labelled, held, (rows, path))
    new = labelled & ~np.isin(hashes, data_hashes(train))
    if not new.any():
        found = f"{counted(int(labelled.sum()), 'labelled row')}, all of them learnt already"
        raise DataError(str(path), "hold new rows", found, "Pass other rows.")
    places = np.flatnonzero(new).tolist()
    notes = []
    if n_known := int((labelled & ~new).sum()):
        notes.append(f"{counted(n_known, 'row')} left out, because training rows equal them")
    if n_empty := int((~labelled).sum()):
        notes.append(f"{counted(n_empty, 'row')} left out, because they have no label")
    names = tuple(rows.class_names[code] for code in rows.codes[places].tolist())
    return Labelled(rows_of(cells, places), names, hashes[places], tuple(notes))


def _checked_labels(rows: Dataset, schema: Schema, path: Path) -> Mask:
    """(n,) which rows have a label; a LabelsError if one is no class, or there is none."""
    foreign = np.flatnonzero(rows.codes >= len(schema.class_names))
    if len(foreign):
        name = rows.class_names[rows.codes[foreign[0]]]
        raise LabelsError(
            f"the labels of {path}", f"be classes ({listed(schema.class_names)})",
            f"{name!r} in row {rows.ids[foreign[0]]}",
            "Correct it; a new class has to occur among the sealed rows or the outcomes of served rows.",
        )  # fmt: skip
    labelled = rows.codes >= 0
    if not labelled.any():
        raise LabelsError(f"the labels of {path}", "be filled in", "no label", f"Fill in {schema.label_name!r}.")
    return labelled


def _refuse_held(hashes: Hashes, labelled: Mask, held: Sequence[Dataset], of: tuple[Dataset, Path]) -> None:
    """A DataError if a labelled row equals one that is kept for proofs."""
    rows, path = of
    for kept in held:
        shared = np.flatnonzero(np.isin(hashes, data_hashes(kept)) & labelled)
        if len(shared):
            found = f"{counted(len(shared), 'such row')}, the first of them {rows.ids[shared[0]]}"
            raise DataError(str(path), "hold no row that is sealed or kept for proofs", found, "Take them out.")
