"""The first pass: where the rows stand, how labels are written, which rows are sealed, and which are drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial

import numpy as np

from dechaff.core.progress import Progress
from dechaff.data.columns.cells import Cells
from dechaff.data.columns.identifiers import sniff_id
from dechaff.data.columns.labels import find_label, sniff_label
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.dataset import Assumption
from dechaff.data.formats.content import MegabytesRead
from dechaff.data.formats.files import TableFiles
from dechaff.data.read import Read
from dechaff.errors import DataError
from dechaff.recipe.passes.sample import Draw
from dechaff.recipe.passes.sealing import Sealing
from dechaff.recipe.passes.tally import LabelTally

READING = "reading"


@dataclass(frozen=True)
class Scanned:
    """What the first pass found."""

    n_rows: int
    n_test: int
    names: tuple[str, ...]
    tally: LabelTally
    drawn: tuple[int, ...]
    """Numbers of the rows of the sample, in order."""
    sealing: Sealing
    assumptions: tuple[Assumption, ...]


def scan(
    source: TableFiles, roles: ColumnRoles, *, share: float | None, most: int, seed: int, progress: Progress
) -> Scanned:
    """One pass over the files.

    Parameters
    ----------
    source : the files.
    roles : of columns, as the user gave them.
    share : of rows to seal; None where none is, or a split column says it.
    most : rows of the sample.
    seed : of the draws.
    progress : is called with the bytes that are read, in files.

    Raises
    ------
    DataError, LabelsError
        Where a file cannot be read, or a column is not there.
    """
    names: dict[str, None] = {}
    words: Counter[str] = Counter()
    draw, n_test, told = Draw(most, seed), 0, MegabytesRead(READING, source.files, progress)
    tally: LabelTally | None = None
    sealing = Sealing()
    for block, read in source.scan():
        if not read.n_rows:
            continue
        if tally is None:
            tally, assumed = _label(read, roles)
            sealing = _sealing(read, roles, tally.name, share, seed)
        names.update(dict.fromkeys(read.names))
        sealed = sealing.sealed(read)
        words.update(sealing.words(read))
        n_test += int(sealed.sum())
        label = read.column(tally.name) or _none(tally.name, read.n_rows)
        tally.add(label, sealed, partial(read.source.value, tally.name))
        draw.add(block.rows, label.raw, sealed)
        told.read(block.file, block.fraction)
    if tally is None:
        raise DataError(f"the source {source.path}", "hold rows", "none", "Check that the right file was named.")
    roles.check(list(names))
    find_label_column(list(names), tally.name)
    n_rows = sum(block.n_rows for block in source.parts)
    told.end()
    stated = (*source.assumptions, *assumed, *sealing.assumption(words, n_test, n_rows))
    return Scanned(n_rows, n_test, tuple(names), tally, tuple(draw.rows().tolist()), sealing, stated)


def find_label_column(names: list[str], label: str) -> None:
    """An error with the closest names, where no block has the label column."""
    find_label([_none(name, 0) for name in names], label)


def _label(read: Read, roles: ColumnRoles) -> tuple[LabelTally, tuple[Assumption, ...]]:
    if roles.label is not None:
        return LabelTally(roles.label), ()
    name = sniff_label(read.cells)
    return LabelTally(name), (Assumption("label column", name, "it is called so", "--label"),)


def _sealing(read: Read, roles: ColumnRoles, label: str, share: float | None, seed: int) -> Sealing:
    if share is None:
        return Sealing(split=roles.split)
    features = [cells for cells in read.cells if cells.name not in (label, roles.group)]
    named = roles.id or (sniff_id(features) or ("",))[0]
    return Sealing(None, share, roles.group, (label, named), seed)


def _none(name: str, n_rows: int) -> Cells:
    return Cells(name, np.full(n_rows, "", dtype=object), np.ones(n_rows, dtype=bool), "text")
