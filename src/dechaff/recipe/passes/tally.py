"""The labels of all rows, counted by how they are written: what the classes are is decided once, over all files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dechaff.data.columns.cells import Cells, Stored, texts
from dechaff.data.columns.labels import LabelNames, label_names
from dechaff.errors import LabelsError
from dechaff.typing import Labels, Mask

MOST_SPELLINGS = 100_000
"""Different labels from which on a column holds no classes."""


@dataclass
class Spelling:
    """One way in which labels are written: rows that train, rows in all, and the first row of all."""

    train: int = 0
    rows: int = 0
    number: float = float("nan")
    row: int = -1
    place: int = 0
    """Its number among all spellings."""


@dataclass
class LabelTally:
    """Counts spellings; ``missing`` are rows without a label, of those that train and of all."""

    name: str
    spellings: dict[str, Spelling] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)
    missing_train: int = 0

    def add(self, cells: Cells, sealed: Mask, first_row: int) -> None:
        """The labels of a part that starts at `first_row`."""
        present = ~cells.missing
        if present.any():
            self.stored.add(cells.stored)
        self.missing_train += int((cells.missing & ~sealed).sum())
        counts = Counter(cells.raw[present].tolist())
        train = Counter(cells.raw[present & ~sealed].tolist())
        first = _first_rows(cells, present) if counts.keys() - self.spellings.keys() else {}
        for raw, count in counts.items():
            if raw not in self.spellings:
                row = first[raw]
                number = float("nan") if cells.numbers is None else float(cells.numbers[row])
                self.spellings[raw] = Spelling(number=number, row=first_row + row, place=len(self.spellings))
            self.spellings[raw].rows += count
            self.spellings[raw].train += train.get(raw, 0)
        self._check_repeats()

    def merge(self, other: LabelTally) -> npt.NDArray[np.int32]:
        """Adds the labels of rows that follow; the number here of each of their spellings, and -1."""
        self.stored |= other.stored
        self.missing_train += other.missing_train
        places = np.full(len(other.spellings) + 1, -1, dtype=np.int32)
        for number, (raw, one) in enumerate(other.spellings.items()):
            blank = Spelling(number=one.number, row=one.row, place=len(self.spellings))
            mine = self.spellings.setdefault(raw, blank)
            mine.rows += one.rows
            mine.train += one.train
            places[number] = mine.place
        self._check_repeats()
        return places

    def _check_repeats(self) -> None:
        if len(self.spellings) > MOST_SPELLINGS:
            raise LabelsError(
                f"the label column {self.name!r}",
                "contain classes that repeat",
                f"more than {MOST_SPELLINGS:,} different values (such as {next(iter(self.spellings))[:40]!r})",
                "Name the column of classes with --label.",
            )

    def numbers(self, cells: Cells) -> npt.NDArray[np.int32]:
        """The number of the spelling of each cell that was added; -1 if it is missing."""
        number = {raw: one.place for raw, one in self.spellings.items()}
        found = np.fromiter((number.get(raw, -1) for raw in cells.raw.tolist()), np.int32, len(cells))
        return np.where(cells.missing, np.int32(-1), found)

    def usual_rows(self) -> dict[str, int]:
        """Class -> the first row that spells it as most of its rows do, the first of equally many."""
        usual: dict[str, Spelling] = {}
        for name, one in zip(self.read().names, self.spellings.values(), strict=True):
            if name and (name not in usual or one.rows > usual[name].rows):
                usual[name] = one
        return {name: one.row for name, one in usual.items()}

    def class_codes(self, unlabelled_is_a_class: bool) -> Labels:
        """A number for the class of each spelling, and one more for missing cells; -1 for rows without a label."""
        names = [*self.read().names.tolist(), ""]
        number = {name: place for place, name in enumerate(sorted(set(names)), -1)}  # no class sorts first
        if unlabelled_is_a_class:
            number[""] = len(number)
        return np.array([number[name] for name in names], dtype=np.int64)

    def hold_out(self, numbers: npt.NDArray[np.int32]) -> None:
        """Counts rows with these spellings as test rows, which were added as training rows."""
        counts = np.bincount(numbers + 1, minlength=len(self.spellings) + 1).tolist()
        self.missing_train -= counts[0]
        for spelling, count in zip(self.spellings.values(), counts[1:], strict=True):
            spelling.train -= count

    def cells(self) -> Cells:
        """One cell for each spelling."""
        raws = list(self.spellings)
        kind = _stored(self.stored)
        numbers = None
        if kind in ("number", "integer", "category", "boolean"):
            numbers = np.array([self.spellings[raw].number for raw in raws], dtype=np.float64)
            numbers = None if np.isnan(numbers).all() else numbers  # categories of words
        return Cells(self.name, texts(raws), np.zeros(len(raws), dtype=bool), kind, numbers)

    def read(self) -> LabelNames:
        """The class name of each spelling, '' if the word means no label."""
        return label_names(self.cells())


def _first_rows(cells: Cells, present: Mask) -> dict[str, int]:
    """Spelling -> the first row that has it. numpy would compare texts without the NULs at their end."""
    rows = np.flatnonzero(present)[::-1]
    return dict(zip(cells.raw[rows].tolist(), rows.tolist(), strict=True))


def _stored(found: set[str]) -> Stored:
    if found == {"integer", "number"}:
        return "number"
    return found.pop() if len(found) == 1 else "text"  # type: ignore[return-value]


def repeated(labels: LabelNames, counts: Labels, n_missing: int) -> LabelNames:
    """The labels of all rows, in no order, from those of the spellings: for checks that count rows."""
    names = np.concatenate([np.repeat(labels.names, counts), np.full(n_missing, "", dtype=object)])
    missing = np.concatenate([np.repeat(labels.missing, counts), np.ones(n_missing, dtype=bool)])
    return LabelNames(names, missing, {})
