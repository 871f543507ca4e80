"""The rows of a pool that a data engine asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from dechaff.api.engine.waiting import Waiting
from dechaff.core.words import counted, listed
from dechaff.data.dataset import Dataset
from dechaff.errors import DataError
from dechaff.recipe.engine.mining import Mined
from dechaff.recipe.engine.similar import MOST_KNOWN, Similar, similar_rows
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.records.turns import LedgerEntry, MinedSlice
from dechaff.typing import Columns, Probs, Rows

GUESS, PROBABILITY, SLICE = "engine_guess", "engine_probability", "engine_slice"
"""Columns beside those of the pool; `learn` does not read them."""


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


def without_known(
    pool: Dataset, train: Dataset, held: Sequence[Dataset], waiting: Waiting | None, source: Path
) -> Rows:
    """The rows of a pool that have no label, and equal no row of training, of a waiting turn or of a proof."""
    hashes = data_hashes(pool)
    free = pool.codes < 0
    if waiting is not None:
        free &= ~np.isin(hashes, waiting.hashes)
    for known in (train, *held):
        free &= ~np.isin(hashes, data_hashes(known))
    first = np.zeros(len(pool), dtype=bool)
    first[np.unique(hashes, return_index=True)[1]] = True
    rows = np.flatnonzero(free & first)
    if not len(rows):
        found = f"{counted(len(pool), 'row')}, each of them labelled, sealed or learnt already"
        raise DataError(str(source), "hold rows that are not known yet", found, "Pass other rows.")
    return rows


def chosen_rows(
    pool: Dataset, free: Rows, mined: tuple[Dataset, Mined], train: Dataset, n: int, *, seed: int
) -> Similar:
    """The rows, of those that are free, that are most like the failing rows of each slice; no judge is looked at."""
    served, found = mined
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
    rng = np.random.default_rng(seed)
    some = np.sort(rng.permutation(len(train))[:MOST_KNOWN])
    fine = Dataset.joined([train.take(some), served.take(right)])
    near = similar_rows(
        pool.take(free), (served.take(failing), number[failing]), fine, slices, n, seed=seed
    )  # fmt: skip
    return Similar(free[near.rows], near.slices, near.likeness)
