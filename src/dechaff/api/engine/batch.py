"""The rows of a pool that a data engine asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from dechaff.api.engine.rows import FileRows, SmallestRows
from dechaff.api.engine.waiting import Waiting
from dechaff.core.row_hash import Hashes
from dechaff.core.words import counted, listed
from dechaff.data.dataset import Dataset, Schema
from dechaff.errors import DataError
from dechaff.recipe.engine.mining import Mined
from dechaff.recipe.engine.similar import MOST_KNOWN, Likeness, Similar, most_looked_at
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.records.turns import LedgerEntry, MinedSlice
from dechaff.typing import Columns, Labels, Mask, Numbers, Probs, Rows

GUESS, PROBABILITY, SLICE = "engine_guess", "engine_probability", "engine_slice"
"""Columns beside those of the pool; `learn` does not read them."""
_LEAST_LACK = 0.1


@dataclass(frozen=True)
class RowsToLabel:
    """Rows of a pool, the slice that each is like, the model's guess, and the file that was written."""

    rows: tuple[str, ...]
    slices: tuple[str, ...]
    guesses: tuple[str, ...]
    probabilities: tuple[float, ...]
    output: Path

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def of(
        cls, rows: Dataset, chosen: Similar, mined: LedgerEntry, said: tuple[Probs, Sequence[str]], output: Path
    ) -> RowsToLabel:
        """The chosen rows, with what the model, of probabilities and classes, said of them."""
        probs, names = said
        return cls(
            tuple(map(str, rows.ids)),
            tuple(mined.slices[number].id if mined.slices else "" for number in chosen.slices.tolist()),
            tuple(names[code] for code in probs.argmax(axis=1).tolist()),
            tuple(probs.max(axis=1).round(4).tolist()),
            output,
        )

    def table(self) -> pl.DataFrame:
        """One line per row."""
        named = {"row": self.rows, "slice": self.slices, "guess": self.guesses, "probability": self.probabilities}
        return pl.DataFrame({name: list(values) for name, values in named.items()})

    def columns(self, cells: Columns, label: str) -> Columns:
        """What is written: the cells of the rows, an empty column for the label, and ours."""
        ours = {GUESS: self.guesses, PROBABILITY: self.probabilities, SLICE: self.slices}
        return {**cells, label: [""] * len(self), **{name: list(values) for name, values in ours.items()}}


@dataclass(frozen=True)
class KnownRows:
    """Hashes of the rows of training, of a turn that waits, and of proofs."""

    hashes: Hashes

    @classmethod
    def of(cls, train: Dataset, held: Sequence[Dataset], waiting: Waiting | None) -> KnownRows:
        """Those of data sets."""
        more = () if waiting is None else (waiting.hashes,)
        return cls(np.unique(np.concatenate([*(data_hashes(one) for one in (train, *held)), *more])))

    def others(self, rows: Dataset) -> tuple[Rows, Hashes]:
        """The rows that have no label and equal no known row, and their hashes."""
        hashes = data_hashes(rows)
        free = np.flatnonzero((rows.codes < 0) & ~np.isin(hashes, self.hashes))
        return free, hashes[free]


def likeness_of(mined: tuple[Dataset, Mined], learnt: tuple[Dataset, int], *, seed: int) -> Likeness:
    """Classifiers of the rows of each slice against rows that are fine; no judge is looked at.

    Rows that earlier turns have learnt are not fine, or rows like them would be avoided while the slice still fails.
    If the slice is a class, those of the class count as its rows.

    Parameters
    ----------
    mined : served rows, and the slices.
    learnt : training rows, and how many of them, the first ones, are those of turn 0.
    seed : of draws and classifiers.
    """
    (served, found), (train, n_first) = mined, learnt
    slices, inside = found.slices, found.inside
    if not slices:
        slices, inside = (MinedSlice(condition="all rows", rows=1, rate=1.0),), np.ones((1, len(served)), dtype=bool)
    member = inside & found.failing & ~found.judges
    failing, number = np.flatnonzero(member.any(axis=0)), member.argmax(axis=0)
    right = ~found.failing & ~found.judges & ~found.inside.any(axis=0)
    if found.by_errors:
        right &= served.codes >= 0
    if not len(failing):
        words = listed([one.condition for one in slices])
        raise DataError("the slices", "hold failing rows to look for", f"none in {words}", "Mine more served rows.")
    some = np.sort(np.random.default_rng(seed).permutation(n_first)[:MOST_KNOWN])
    fine = Dataset.joined([train.take(some), served.take(right)])
    added = np.arange(n_first, len(train))
    classes = np.array([_class_of(served, one) for one in inside])
    of_class = np.full(len(train.class_names) + 1, -1)  # the last one is for rows without a label
    of_class[classes[::-1]] = np.arange(len(classes))[::-1]
    of_class[-1] = -1
    added = added[of_class[train.codes[added]] >= 0]
    rows = Dataset.joined([served.take(failing), train.take(added)])
    numbers = np.concatenate([number[failing], of_class[train.codes[added]]])
    return Likeness.of((rows, numbers), fine, slices, lacks=_lacking(served, train, classes), seed=seed)


def _lacking(served: Dataset, train: Dataset, classes: Labels) -> Numbers:
    """(slices,) how much of a slice training lacks, from 0 to 1, where it is a class; 1 for other slices.

    A class that is as frequent in training as in deployment is hard, not unknown: its errors do not call for labels
    as those of an unknown class do.
    """
    k = len(train.class_names)
    seen, learnt = (np.bincount(one.codes[one.codes >= 0], minlength=k) for one in (served, train))
    share = (learnt / learnt.sum()) / np.maximum(seen / max(seen.sum(), 1), 1e-9)
    return np.asarray(np.where(classes < 0, 1.0, np.maximum(1 - share[classes], _LEAST_LACK)))


def _class_of(served: Dataset, inside: Mask) -> int:
    """The class whose rows are those of a slice; -1 if there is none."""
    codes = np.unique(served.codes[inside])
    whole = len(codes) == 1 and codes[0] >= 0 and (inside == (served.codes == codes[0])).all()
    return int(codes[0]) if whole else -1


def most_similar(
    pool: Iterable[FileRows], schema: Schema, known: KnownRows, like: Likeness, n: int, source: Path
) -> FileRows:
    """The rows of a pool that are most like each slice, read part by part, in memory that does not grow with it.

    Raises
    ------
    DataError
        If all rows are labelled or known.
    """
    best, n_rows = SmallestRows(most_looked_at(n)), 0
    for part in pool:
        rows = part.like(schema, need_label=False)
        free, hashes = known.others(rows)
        if len(free):
            best.add(part.take(free), -like(rows.take(free)), hashes)
        n_rows += len(rows)
    found = best.joined()
    if found is None:
        known_rows = f"{counted(n_rows, 'row')}, each of them labelled, sealed or learnt already"
        raise DataError(str(source), "hold rows that are not known yet", known_rows, "Pass other rows.")
    return found
