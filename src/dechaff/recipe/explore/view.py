"""A data set as the detectors look at it: what several of them need is worked out once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes, combine_codes, factorize
from dechaff.core.groups import Pairs, PairScore, connected_groups, merged_groups
from dechaff.core.identifying_columns import Identifier, naming_columns
from dechaff.core.kept_results import Arrays, once
from dechaff.core.table import Column, Table
from dechaff.core.words import listed, mean_words
from dechaff.data.dataset import Dataset
from dechaff.methods.cells.placeholders import Placeholder
from dechaff.methods.duplicates.chance_repeats import ChanceRepeats, chance_repeats
from dechaff.methods.duplicates.near_records import near_records
from dechaff.methods.duplicates.near_rows import near_rows, near_vectors_across
from dechaff.methods.duplicates.near_texts import near_texts_across
from dechaff.models.images import image_fault
from dechaff.recipe.explore.cell_errors import FoundCells, cell_columns, find_cells
from dechaff.recipe.explore.column_counts import ColumnCount, counts_of_all, placeholders_of
from dechaff.recipe.explore.content_hashes import blank_rows, comparable_cells, content_hashes, file_order, first_hashes
from dechaff.recipe.explore.equal import Equal, find_equal, store_of_contents
from dechaff.recipe.explore.families import parents_in
from dechaff.recipe.explore.near import (
    EMBEDDED,
    NUMBERS,
    Near,
    either,
    fields_of,
    find_near,
    nothing_near,
    numbers_of,
    within,
)
from dechaff.recipe.explore.two_samples import TEST_ROWS, Compared, all_comparisons, find_differences
from dechaff.recipe.explore.wrong_cells import wrong_cells
from dechaff.recipe.outcome.row_store import RowColumn
from dechaff.records.drift import Drift
from dechaff.records.wrong_cells import WrongCells
from dechaff.typing import Features, Groups, Mask, Rows, Score, Texts

MOSTLY_REPEATED, FEW_WORDS = 0.5, 3.0
"""A single column of a word or two whose rows are mostly repeats is a list of categories; they are no copies."""
NEAR_WEIGHT = 0.9
"""A row nearly equal to a test row comes after every equal one."""


@dataclass(frozen=True)
class Shared:
    """Training rows (n,) that stand in the test data, too.

    The score is 1 for an equal test row, less for a nearly equal one, 0 for none; ``partner`` is the position of
    that test row, -1 for none. ``lender`` is the training row whose near copy this row is, where only that one was
    found in the test data, else -1. ``coincidences`` counts the training rows equal to a test row that are not taken
    for copies, because rows are equal by chance.
    """

    score: Score
    partner: Rows
    lender: Rows
    coincidences: int = 0

    @classmethod
    def equal(cls, partner: Rows, coincidences: int = 0) -> Shared:
        """Rows with the equal test row of each."""
        return cls((partner >= 0).astype(np.float64), partner, np.full(len(partner), -1, dtype=np.int64), coincidences)


@dataclass(frozen=True)
class View:
    """The training rows, the sealed test rows, and what is derived from them."""

    train: Dataset
    test: Dataset | None = None
    seed: int = 0

    @cached_property
    def identifiers(self) -> dict[str, Identifier]:
        """The columns that name the rows; one that counts does so in the order of the file."""
        return identifiers_of(self.train)

    @cached_property
    def placeholders(self) -> list[tuple[str, Placeholder]]:
        """Values that probably mean 'nothing', by the name of their column."""
        return placeholders_of(self.train.table.columns)

    @cached_property
    def cell_errors(self) -> FoundCells:
        """The cells that contradict what holds in nearly all rows, and these rules."""
        return find_cells(cell_columns(self.train.table.columns))

    @cached_property
    def wrong_cells(self) -> tuple[WrongCells, ...]:
        """The columns with such cells, and where these lie in them."""
        return wrong_cells(self.train.table.columns, self.cell_errors)

    @cached_property
    def counts(self) -> dict[str, ColumnCount]:
        """What is counted in the columns of the training rows, however many values are different."""
        return counts_of_all(self.train.table.columns, self.placeholders)

    @cached_property
    def compared(self) -> tuple[Column, ...]:
        """The columns by which rows are compared: all but those that name the rows."""
        return tuple(column for column in self.train.table.columns if column.name not in self.identifiers)

    @cached_property
    def cells(self) -> list[npt.NDArray[Any]]:
        """The compared columns, in which equal cells are equal values; given features where there are no columns."""
        return _comparable(self.train, self.compared)

    @cached_property
    def blank(self) -> Mask:
        """Rows in which every compared column is empty."""
        return blank_rows(self.train, self.compared)

    @cached_property
    def made(self) -> Mask:
        """Rows that augmentation made from others: these are no copies of one another, or of other training rows."""
        return np.asarray(self.parents >= 0, dtype=np.bool_)

    @cached_property
    def parents(self) -> Rows:
        """(n,) the row that each was made from, -1 for none."""
        return parents_in(self.train)

    @property
    def families(self) -> Groups:
        """(n,) groups of rows and of those made from them, -1 alone."""
        children = np.flatnonzero(self.made)
        return connected_groups(np.stack([self.parents[children], children], axis=1), len(self.train))

    @cached_property
    def coded(self) -> list[Codes]:
        """The same columns as codes."""
        if not self.compared:
            return [factorize(values) for values in self.cells]
        pairs = zip(self.compared, self.cells, strict=True)
        return [column.value_codes if cells is column.values else factorize(cells) for column, cells in pairs]

    @cached_property
    def equal(self) -> Equal:
        """Training rows that are equal to one another or to a test row in all compared columns.

        Rows without any value are equal to none.
        """
        contents = content_hashes(self.cells, len(self.train))
        tested = np.zeros((0, 2), dtype=np.uint64)
        if self.test is not None and len(self.train):
            tested = content_hashes(_comparable(self.test, self.compared), len(self.test))
            tested[blank_rows(self.test, self.compared)] = 0
        contents[self.blank] = 0
        store = store_of_contents(contents, tested, self.made)
        return find_equal(store)[0]

    @cached_property
    def groups(self) -> Groups:
        """The groups of equal training rows, -1 alone."""
        return self.equal.groups[: len(self.train)]

    @cached_property
    def repeats(self) -> ChanceRepeats:
        """How many pairs of equal training rows there are, and how many to expect."""
        counted = ~(self.blank | self.made)
        by_chance = chance_repeats([codes[counted] for codes in self.coded], int(counted.sum()))
        return ChanceRepeats(self.equal.pairs, by_chance.expected, self.equal.distinct)

    @cached_property
    def coincides(self) -> str:
        """Whether equal cells of a single column are to be expected: "yes", "no", or "short" for brief texts."""
        if len(self.compared) != 1 or self.train.features is not None:
            return "no"
        column = self.compared[0]
        if column.kind != "text":
            return "no" if column.kind == "image" else "yes"
        return "short" if mean_words(column.values.tolist()) < FEW_WORDS else "no"

    @cached_property
    def natural(self) -> bool:
        """True where equal rows are no copies, because the columns hold so few different values."""
        return are_natural(self.repeats, self.coincides, self.groups, len(self.train))

    @cached_property
    def near(self) -> Near:
        """Training rows that are nearly the same."""
        text, features = joined_text(self.train.table, self.compared), self.train.features
        if self.natural and text is None:  # if rows are equal by chance, near ones are even more so
            return nothing_near(len(self.train))

        def found() -> Arrays:
            if not self.made.any():
                return find_near(text, features, self.compared, self.coded, self.blank, self.equal).arrays()
            rows = np.flatnonzero(~self.made)
            texts, given = None if text is None else text[rows], None if features is None else features[rows]
            compared, coded = [column.take(rows) for column in self.compared], [codes[rows] for codes in self.coded]
            equal = replace(self.equal, groups=np.asarray(self.groups[rows]))
            near = find_near(texts, given, compared, coded, self.blank[rows], equal)
            return within(near, rows, len(self.train)).arrays()

        return Near.of_arrays(once("near", found))

    @cached_property
    def shared(self) -> Shared:
        """Which training rows stand in the test data; only inputs are compared."""
        n = len(self.train)
        if self.test is None:
            return Shared.equal(np.full(n, -1, dtype=np.int64))
        found = self.equal.partner[:n]
        if self.natural:
            return Shared.equal(np.full_like(found, -1), int((found >= 0).sum()))
        equal = Shared.equal(np.where(found >= 0, found - n, -1))
        if not (n and len(self.test)):
            return equal
        pairs, similarity = near_across(self.train, self.test, self.compared)
        if not len(pairs) and not equal.score.any():
            return equal  # near copies among the training rows, whose search takes long, would change nothing
        return equal if self.near.templates else _with_near(equal, pairs, similarity, self.near)

    @cached_property
    def drift(self) -> tuple[Drift, ...]:
        """How the samples that the data consist of differ."""
        return tuple(find_differences(one, seed=self.seed) for one in self._comparisons)

    @cached_property
    def drift_of_test_rows(self) -> Drift | None:
        """How the test rows differ from the training rows; None if there are none, or if dechaff drew them."""
        compared = next(iter(self._comparisons), None)
        return find_differences(compared, seed=self.seed) if compared and compared.between == TEST_ROWS else None

    @property
    def _comparisons(self) -> Iterator[Compared]:
        names = [column.name for column in self.compared]
        return all_comparisons(self.train, self.test, names, self._units)

    @property
    def _units(self) -> Groups:
        """(n + m,) training and test rows that are no independent draws: those of one group, and copies; -1 = alone."""
        sides = [self.train] if self.test is None else [self.train, self.test]
        above = 1 + int(self.train.groups.max(initial=-1))
        groups = [np.where(side.groups < 0, -1, side.groups + at * above) for at, side in enumerate(sides)]
        if self.natural:
            return np.concatenate(groups)
        contents = [first_hashes(_comparable(side, self.compared), len(side)) for side in sides]
        equal = np.unique(np.concatenate(contents), return_inverse=True)[1].astype(np.int64)
        return merged_groups(equal, np.concatenate(groups))

    @cached_property
    def unreadable(self) -> dict[int, str]:
        """Training rows whose file cannot be read as an image, each with what is wrong with it."""
        images = self.train.table.of_kind("image")
        faults = {row: image_fault(path) for row, path in enumerate(images[0].values.tolist())} if images else {}
        return {row: fault for row, fault in faults.items() if fault}

    @property
    def unread(self) -> Mask:
        """True for rows in which a model sees nothing, because their image cannot be read."""
        mask = np.zeros(len(self.train), dtype=bool)
        mask[list(self.unreadable)] = True
        return mask

    @property
    def content(self) -> str:
        """The compared columns in words, for sentences about all of them."""
        return listed([column.name for column in self.compared]) or "the features"

    def row_name(self, row: int) -> str:
        """The name of a training row: its ID, or its number in the file."""
        return row_name(self.train, row)


def identifiers_of(data: Dataset) -> dict[str, Identifier]:
    """The columns that name the rows; one that counts does so in the order of the file."""
    return naming_columns(data.table.columns, file_order(data))


def row_name(data: Dataset, row: int) -> str:
    """``row 17``, or ``stud_ID f48f73`` if the data set has IDs."""
    return f"{data.id_name or 'row'} {data.ids[row]}"


def label_of(data: Dataset, row: int) -> str:
    """The class name of a row, '' if its label is missing."""
    code = int(data.codes[row])
    return data.class_names[code] if code >= 0 else ""


def joined_text(table: Table, compared: Sequence[Column]) -> Texts | None:
    """The texts of the compared text columns of each row, one after the other."""
    texts = [table[column.name].values for column in compared if column.kind == "text"]
    if len(texts) < 2:
        return texts[0] if texts else None
    return np.array(["\n".join(parts) for parts in zip(*texts, strict=True)], dtype=object)


def are_natural(repeats: ChanceRepeats, coincides: str, groups: RowColumn, n_rows: int) -> bool:
    """Whether equal rows are no copies, by their columns (`View.coincides`) and their groups among `n_rows`."""
    if coincides == "yes":
        return repeats.observed > 0
    if coincides == "short":
        return repeats.observed > 0 and int((np.asarray(groups) >= 0).sum()) > MOSTLY_REPEATED * n_rows
    return repeats.natural


def _comparable(data: Dataset, compared: Sequence[Column]) -> list[npt.NDArray[Any]]:
    """One array a column, in which equal cells are equal values."""
    if not compared:
        return [] if data.features is None else _features(data.features)
    return [comparable_cells(data.table[column.name]) for column in compared]


def _features(features: Features) -> list[npt.NDArray[Any]]:
    """Measurements column by column; an embedding as one column of digests, for it has hundreds of columns."""
    if features.shape[1] < EMBEDDED:
        return list(features.T)
    exact = np.ascontiguousarray(features + 0.0)  # -0.0 is equal to 0.0, and has other bytes
    return [np.array([hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in exact], dtype=object)]


def near_across(train: Dataset, test: Dataset, compared: Sequence[Column]) -> tuple[Pairs, PairScore]:
    """Pairs of (training row, test row) that are nearly the same, as `find_near` compares rows, and how similar."""
    texts, test_texts = joined_text(train.table, compared), joined_text(test.table, compared)
    if texts is not None and test_texts is not None:
        found = near_texts_across(texts, test_texts)
        return either((found.pairs, found.similarity), _across(train, near_records(_fields(train, test, compared))))
    if train.features is not None and test.features is not None and train.features.shape[1] >= EMBEDDED:
        return near_vectors_across(train.features, test.features)
    sides = (train, test)
    numbers = np.concatenate([_numbers(side, compared) for side in sides])
    cells = [[comparable_cells(side.table[one.name]) for side in sides] for one in compared if one.kind not in NUMBERS]
    coded = [factorize(np.concatenate(both).astype(object)) for both in cells] if train.features is None else []
    fields = _fields(train, test, compared) if train.features is None else list(numbers.T)
    near = near_rows(numbers, combine_codes(coded, len(numbers)))
    return _across(train, either(near, near_records(fields)))


def _fields(train: Dataset, test: Dataset, compared: Sequence[Column]) -> list[npt.NDArray[Any]]:
    """The cells of both that are compared one by one."""
    if not fields_of(compared):  # there are none in some tables
        return []
    both = [(train.table[column.name].values, test.table[column.name].values) for column in compared]
    return [np.concatenate([own, other.astype(own.dtype)]) for own, other in both]


def _across(train: Dataset, found: tuple[Pairs, PairScore]) -> tuple[Pairs, PairScore]:
    """Of pairs of the rows of both, those of a training row and a test row."""
    pairs, similarity = found
    across = (pairs[:, 0] < len(train)) & (pairs[:, 1] >= len(train))
    return pairs[across] - np.array([0, len(train)]), similarity[across]


def _numbers(data: Dataset, compared: Sequence[Column]) -> Features:
    """The numbers of each row: given features, or the columns that are numbers."""
    named = [data.table[column.name] for column in compared]
    return numbers_of(named, len(data)) if data.features is None else data.features


def _with_near(shared: Shared, pairs: Pairs, similarities: PairScore, near: Near) -> Shared:
    """The same, and rows that are nearly the same as a test row; a group of near copies leaks as a whole."""
    score, partner, lender = shared.score.copy(), shared.partner.copy(), shared.lender.copy()
    for (row, other), similarity in zip(pairs.tolist(), similarities.tolist(), strict=True):
        if NEAR_WEIGHT * similarity > score[row]:
            score[row], partner[row] = NEAR_WEIGHT * similarity, other
    rows, lenders = _copies_of_found(near, score)
    score[rows] = NEAR_WEIGHT * near.similarity[rows].clip(0.5, 1)
    partner[rows], lender[rows] = partner[lenders], lenders
    return Shared(score, partner, lender)


def _copies_of_found(near: Near, score: Score) -> tuple[Rows, Rows]:
    """Rows not found yet whose near group holds a row that was; and the best such row for each."""
    groups = near.whole
    found = np.flatnonzero((groups >= 0) & (score > 0))
    best = found[np.lexsort((-score[found], groups[found]))]
    numbers, first = np.unique(groups[best], return_index=True)
    rows = np.flatnonzero(np.isin(groups, numbers) & (score == 0))
    return rows, best[first[np.searchsorted(numbers, groups[rows])]]
