"""Near copies among any number of rows: D002, and the part of D004 that is not equal; by texts and by records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from dechaff.core.fold import Fold, R, S, folded
from dechaff.core.groups import Pairs, PairScore, connected_groups, group_pairs
from dechaff.core.row_hash import Hashes
from dechaff.core.table import Column
from dechaff.data.dataset import Dataset
from dechaff.methods.duplicates.near_texts import near_texts_of
from dechaff.methods.duplicates.text_keys import KEY_TYPES, TextKeys
from dechaff.recipe.explore import leaks
from dechaff.recipe.explore.compared_rows import ComparedRows
from dechaff.recipe.explore.content_hashes import comparable_cells, first_hashes, rows_in_content_order
from dechaff.recipe.explore.copies import CopyWork, numbers_of_tests
from dechaff.recipe.explore.duplicates import near_duplicates
from dechaff.recipe.explore.explore import small_groups
from dechaff.recipe.explore.near import (
    MIN_DIFFERENT,
    MOSTLY_NEAR,
    Near,
    either,
    near_groups,
    where_others_agree,
)
from dechaff.recipe.explore.stored_records import near_stored_records
from dechaff.recipe.explore.view import NEAR_WEIGHT, Shared, joined_text
from dechaff.records.findings import Detection
from dechaff.typing import Chunk, Rows, Texts

_MOST_BYTES = 2**27
"""Of keys, and again of texts, that are compared at a time."""
_ROWS_AT_ONCE = 10_000
"""So many rows are read again at a time, for their findings."""


def find_near_rows(work: CopyWork) -> Hashes:
    """D002 of all rows: pairs of units that near copies connect."""
    context = work.context
    pairs, similarity = _near_pairs(work, ComparedRows(context))
    rows, near = near_groups(pairs, similarity, work.equal, partial(rows_in_content_order, context.store))
    work.results.begin("D002", proposes=True)
    # All rows of near groups at once: they are few, or no row is called a copy.
    some = np.flatnonzero(near.groups >= 0)
    few = Near(near.groups[some], near.whole[some], near.similarity[some], near.templates)
    work.add(near_duplicates(work.view(rows[some], near=few)), rows[some])
    # Near copies share a fold, unless a chain of them would be too much of the data.
    whole = group_pairs(small_groups(near.whole, context.read_plan.n_rows))
    return np.asarray(context.store.open("unit")[rows[whole]])


def find_near_leaks(work: CopyWork) -> None:
    """D004 of training rows that nearly equal a test row, or are near copies of a row that is in the test data.

    Rows that equal a test row have been found before.
    """
    compared = ComparedRows(work.context, tested=True)
    pairs, similarity = _near_pairs(work, compared)
    rows, places = np.unique(pairs, return_inverse=True)
    is_test, partner = compared.is_test(rows), np.full(len(rows), -1, dtype=np.int64)
    fraction = int((~is_test).sum()) / max(work.equal.distinct, 1)
    if not len(rows) or (fraction > MOSTLY_NEAR and work.equal.distinct >= MIN_DIFFERENT):
        return
    partner[~is_test] = work.equal.partner[rows[~is_test]]
    shared = _shared(places.reshape(-1, 2), similarity, np.where(is_test, rows, -1), partner)
    leaking = np.flatnonzero(~is_test & (shared.score > 0) & (shared.score < 1))
    for start in range(0, len(leaking), _ROWS_AT_ONCE):
        _add_leaks(work, compared, rows, shared, leaking[start : start + _ROWS_AT_ONCE])


def _shared(places: Pairs, similarity: PairScore, test_row: Rows, partner: Rows) -> Shared:
    """Which of the rows in near pairs stand in the test data.

    Parameters
    ----------
    places, similarity : (m, 2) and (m,) pairs of rows
    test_row : (n,) the number of each test row; -1 of a training row
    partner : (n,) the test row that each training row equals, -1 for none
    """
    is_test, closest = test_row >= 0, np.zeros(len(test_row))
    score, partner = np.where(partner >= 0, 1.0, 0.0), partner.copy()
    lender = np.full(len(test_row), -1, dtype=np.int64)
    for side in (0, 1):
        np.maximum.at(closest, places[:, side], similarity)
        across = ~is_test[places[:, side]] & is_test[places[:, 1 - side]]
        order = np.flatnonzero(across)[np.argsort(similarity[across], kind="stable")]
        row, other, near = places[order, side], places[order, 1 - side], NEAR_WEIGHT * similarity[order]
        closer = near > score[row]
        # The last of several, which is the closest one, stays.
        score[row[closer]], partner[row[closer]] = near[closer], test_row[other[closer]]
    groups = connected_groups(places[~is_test[places].any(axis=1)], len(test_row))
    found = np.flatnonzero((groups >= 0) & (score > 0))
    best = found[np.lexsort((-score[found], groups[found]))]
    numbers, first = np.unique(groups[best], return_index=True)
    lent = np.flatnonzero((groups >= 0) & np.isin(groups, numbers) & (score == 0))
    lender[lent] = best[first[np.searchsorted(numbers, groups[lent])]]
    score[lent], partner[lent] = NEAR_WEIGHT * closest[lent].clip(0.5, 1), partner[lender[lent]]
    return Shared(score, partner, lender)


def _add_leaks(work: CopyWork, compared: ComparedRows, rows: Rows, shared: Shared, some: Rows) -> None:
    """The findings of some rows, by their places among `rows`; their cells, and those of test rows, are read again."""
    lenders = np.setdiff1d(shared.lender[some], [-1, *some])
    shown = np.concatenate([some, lenders])
    order = np.argsort(rows[shown], kind="stable")
    train = Dataset.joined(compared.of(_itself, rows[shown][order])).take(np.argsort(order, kind="stable"))
    tested, partner = np.unique(shared.partner[some], return_inverse=True)
    place_of = {-1: -1} | {row: place for place, row in enumerate(shown.tolist())}
    lender = np.array([place_of[row] for row in shared.lender[some].tolist()], dtype=np.int64)
    gone = np.full(len(lenders), -1, dtype=np.int64)
    view = replace(
        work.view(rows[:0]),
        train=train,
        test=Dataset.joined(compared.of(_itself, tested)),
        compared=tuple(train.table[column.name] for column in work.context.read_plan.compared),
        groups=np.full(len(shown), -1, dtype=np.int64),
        shared=Shared(
            np.r_[shared.score[some], np.zeros(len(lenders))], np.r_[partner.reshape(-1), gone], np.r_[lender, gone]
        ),
    )
    found, named = leaks.rows_in_both(view), numbers_of_tests(work.context, tested)
    findings = tuple(
        replace(one, group=f"leak-{named[int(one.group.removeprefix('leak-'))]}") for one in found.findings
    )
    alone = Detection("D004", findings, view.shared.score[: len(some)], np.ones(len(some), dtype=np.bool_))
    work.results.add(alone, rows[some], work.context.ids.name)


def _near_pairs(work: CopyWork, compared: ComparedRows) -> tuple[Pairs, PairScore]:
    """Pairs of rows that hold some value and are nearly the same."""
    has_text = any(column.kind == "text" for column in work.context.read_plan.compared)
    if work.natural and not has_text:  # if rows are equal by chance, near ones are even more so
        return np.empty((0, 2), dtype=np.int64), np.empty(0)
    pairs, similarity = either(*([_near_texts(compared)] if has_text else []), near_stored_records(compared))
    kept = ~compared.blank(pairs).any(axis=1)
    return pairs[kept], similarity[kept]


def _near_texts(compared: ComparedRows) -> tuple[Pairs, PairScore]:
    """Pairs whose texts are nearly the same; of training rows, those in which most of the other cells agree, too."""
    store, plan = compared.context.store, compared.context.read_plan
    columns = {name: store.make(f"key-{name}", kind, n_rows=compared.n_rows) for name, kind in KEY_TYPES.items()}
    for rows, keys in compared.over_parts(partial(_keys_of, plan.compared), "keys of texts"):
        for name, column in columns.items():
            column[rows] = keys[name]

    def run_texts(fold: Fold[S, R]) -> R:
        found = compared.over_parts(partial(_texts_of, plan.compared), "near copies of texts")
        return fold.finalize(folded(fold, ({"row": rows, "texts": texts} for rows, texts in found)))

    def run_keys(fold: Fold[S, R]) -> R:
        kept = {name: f"key-{name}" for name in fold.columns if name != "row"}
        return store.fold(fold, kept, compared.mask)

    found = near_texts_of(run_texts, run_keys, compared.n_rows, most_bytes=_MOST_BYTES)
    pairs, similarity = found.pairs, found.similarity
    others = [column.name for column in plan.compared if column.kind != "text"]
    within = ~compared.is_test(pairs).any(axis=1)
    if others and within.any():
        # The cells of these rows are read again.
        again = partial(compared.of, partial(_cells_of, others))
        agreeing = where_others_agree(pairs[within], similarity[within], lambda rows: np.concatenate(again(rows)))
        return either((pairs[~within], similarity[~within]), agreeing)
    return pairs, similarity


def _texts_of(columns: Sequence[Column], rows: Dataset) -> Texts:
    """The texts of some rows."""
    found = joined_text(rows.table, columns)
    assert found is not None  # asked only where there is a text column
    return found


def _keys_of(columns: Sequence[Column], rows: Dataset) -> Chunk:
    """The keys of their texts by name."""
    return TextKeys().rows_and_state({"texts": _texts_of(columns, rows)})[0]


def _cells_of(names: Sequence[str], rows: Dataset) -> Hashes:
    """(m, d) hashes of the cells of some columns."""
    return np.stack([first_hashes([comparable_cells(rows.table[name])], len(rows)) for name in names], axis=1)


def _itself(rows: Dataset) -> Dataset:
    return rows
