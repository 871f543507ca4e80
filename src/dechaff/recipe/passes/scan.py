"""The first pass: where the rows stand, how labels are written, which rows are sealed, and which are drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.progress import Progress
from dechaff.data import splits
from dechaff.data.columns.cells import Cells, texts
from dechaff.data.columns.labels import find_label, sniff_label
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.dataset import Assumption
from dechaff.data.formats.content import MegabytesRead
from dechaff.data.formats.files import TableFiles
from dechaff.data.read import Read
from dechaff.data.splits import HeldOut
from dechaff.errors import DataError
from dechaff.recipe.outcome.row_store import spans_of
from dechaff.recipe.passes.sample import Draw
from dechaff.recipe.passes.tally import LabelTally
from dechaff.typing import Mask

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
    held_out: HeldOut
    assumptions: tuple[Assumption, ...]


def scan(
    source: TableFiles,
    roles: ColumnRoles,
    *,
    test_size: float | None,
    most: int,
    seed: int,
    progress: Progress,
    unlabelled_is_a_class: bool = False,
) -> Scanned:
    """One pass over the files.

    Parameters
    ----------
    source : the files.
    roles : what the user said about columns.
    test_size : fraction or number of the rows to hold out; None where none is, or a split column says it.
    most : rows of the sample.
    seed : of the draws.
    progress : is called with the bytes that are read, in files.
    unlabelled_is_a_class : rows without a label may be held out as those of a class are.

    Raises
    ------
    DataError, LabelsError
        Where a file cannot be read, or a column is not there.
    """
    names: dict[str, None] = {}
    words: Counter[str] = Counter()
    sample, told = Draw(most, seed), MegabytesRead(READING, source.files, progress)
    tally: LabelTally | None = None
    drawn: splits.Draw | None = None
    masks, spelled = list[Mask](), list[npt.NDArray[np.int32]]()
    for block, read in source.scan():
        if not read.n_rows:
            continue
        if tally is None:
            tally, assumed = _label(read, roles)
            if test_size is not None:
                drawn = splits.Draw.of(read, label=tally.name, group=roles.group, named=roles.id)
        names.update(dict.fromkeys(read.names))
        said = [] if roles.split is None else splits.split_words(read, roles.split)
        words.update(said)
        masks.append(splits.rows_by_split(said) if said else np.zeros(read.n_rows, dtype=bool))
        label = read.column(tally.name) or _none(tally.name, read.n_rows)
        tally.add(label, masks[-1], block.first_row)
        if drawn is None:
            sample.add(block.rows, label.raw, masks[-1])
        else:
            drawn.add(read)
            spelled.append(tally.numbers(label))
        told.read(block.file, block.fraction)
    if tally is None:
        raise DataError(f"the source {source.path}", "contain rows", "none", "Check that the right file was named.")
    roles.check(list(names))
    find_label_column(list(names), tally.name)
    about, test = () if roles.split is None else splits.about_split(roles.split, words), np.concatenate(masks)
    if drawn is not None and test_size is not None:
        numbers = np.concatenate(spelled)
        test = drawn.rows(tally.class_codes(unlabelled_is_a_class)[numbers], test_size, seed)
        about = splits.about_draw(test, seed)
        _hold_out(test, numbers, tally, sample)
    told.end()
    drawn_rows, stated = tuple(sample.rows().tolist()), (*source.assumptions, *assumed, *about)
    return Scanned(len(test), int(test.sum()), tuple(names), tally, drawn_rows, HeldOut.at(test), stated)


def _hold_out(test: Mask, numbers: npt.NDArray[np.int32], tally: LabelTally, sample: Draw) -> None:
    """Test rows count no more as training rows, and the sample is drawn from the others."""
    tally.hold_out(numbers[test])
    raws = texts([*tally.spellings, ""])
    for span in spans_of(len(test)):
        sample.add(np.arange(span.start, span.stop), raws[numbers[span]], test[span])


def find_label_column(names: list[str], label: str) -> None:
    """An error with the closest names, where no block has the label column."""
    find_label([_none(name, 0) for name in names], label)


def _label(read: Read, roles: ColumnRoles) -> tuple[LabelTally, tuple[Assumption, ...]]:
    if roles.label is not None:
        return LabelTally(roles.label), ()
    name = sniff_label(read.cells)
    return LabelTally(name), (Assumption("label column", name, "it is called so", "--label"),)


def _none(name: str, n_rows: int) -> Cells:
    return Cells(name, np.full(n_rows, "", dtype=object), np.ones(n_rows, dtype=bool), "text")
