from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from dechaff.methods.duplicates import near_records as module
from dechaff.methods.duplicates import record_fields
from dechaff.methods.duplicates.near_records import near_records
from tests.shared_data import shared

Table = list[np.ndarray]


def people(rng: np.random.Generator, n: int) -> Table:
    """Names, streets, numbers and dates of n persons."""
    parts = ["an", "ber", "co", "dra", "el", "fin", "go", "hu", "ir", "jo", "kar", "li", "mo", "ni", "or", "pa", "ra"]

    def words(size: int) -> np.ndarray:
        return np.array(["".join(some) for some in rng.choice(parts, (n, size)).tolist()], dtype=object)

    town = rng.choice(words(3)[:50], n)
    return [words(2), words(3), words(4), town, rng.integers(1, 200, n).astype(float), rng.normal(50, 9, n).round(1)]


def with_copies(table: Table, rows: np.ndarray, rng: np.random.Generator) -> Table:
    """The table and copies of some rows, each with one cell as in another row."""
    n, which = len(table[0]), rng.integers(len(table), size=len(rows))
    donors = [column[rng.integers(n, size=len(rows))] for column in table]
    made = [np.where(which == at, donors[at], column[rows]) for at, column in enumerate(table)]
    return [np.concatenate(both).astype(both[0].dtype) for both in zip(table, made, strict=True)]


def rates(table: Table, true: set[tuple[Any, ...]]) -> tuple[float, float]:
    found = {tuple(pair) for pair in near_records(table)[0].tolist()}
    return len(found & true) / len(true), len(found & true) / max(1, len(found))


def changed_pairs(table: Table, rows: np.ndarray) -> set[tuple[Any, ...]]:
    """Rows and their copies behind them, but for those in which nothing has changed."""
    n = len(table[0]) - len(rows)
    places = zip(rows.tolist(), range(n, n + len(rows)), strict=True)
    return {pair for pair in places if any(column[pair[0]] != column[pair[1]] for column in table)}


def test_copies_with_one_cell_changed_are_found_in_numbers_and_in_records() -> None:
    rng = np.random.default_rng(3)
    rows = rng.choice(500, 20, replace=False)
    for table in (people(rng, 500), list(rng.normal(size=(8, 500)).round(2))):
        both = with_copies(table, rows, rng)
        recall, precision = rates(both, changed_pairs(both, rows))
        assert recall >= 0.9
        assert precision >= 0.95
        assert len(near_records(table)[0]) == 0


def test_a_misspelt_record_is_found_and_a_missing_cell_is_no_difference() -> None:
    table = people(np.random.default_rng(4), 300)
    for column in table:
        column[7] = column[100]
    table[2][7] = table[2][100][:-1] + "x"
    table[3][7] = ""
    pairs, similarity = near_records(table)
    assert pairs.tolist() == [[7, 100]]
    assert similarity.tolist() == [pytest.approx(0.9)]


@pytest.mark.parametrize("made", ["few values", "dependent", "one column", "constant", "missing", "no rows"])
def test_where_rows_are_alike_by_nature_there_are_no_copies(made: str) -> None:
    rng = np.random.default_rng(5)
    table = {
        "few values": list(rng.integers(0, 3, (9, 600)).astype(float)),
        "dependent": list(np.repeat(rng.normal(size=(2, 600)), 4, axis=0) + rng.normal(size=(8, 600)) * 0.01),
        "one column": [rng.normal(size=600)],
        "constant": [np.ones(600)] * 5,
        "missing": [np.full(600, np.nan)] * 4 + [np.full(600, "", dtype=object)],
        "no rows": [np.empty(0)] * 5,
    }[made]
    assert len(near_records(table)[0]) == 0


def test_infinite_and_huge_numbers_and_odd_texts_are_compared_like_any_other() -> None:
    table = people(np.random.default_rng(6), 100)
    table[4][:3] = np.inf, -np.inf, 1e300
    table[2][:2] = "\ud800", "x" * 10_000
    for column in table:
        column[50] = column[1]
    table[5][50] = 0.0
    assert near_records(table)[0].tolist() == [[1, 50]]


def test_pairs_in_a_crowd_of_similar_rows_are_no_copies_and_rows_apart_are() -> None:
    apart = np.arange(60).reshape(30, 2)
    crowd = np.array(list(combinations(range(60, 75), 2)))
    unequal = np.concatenate([np.ones(30, dtype=np.int64), np.repeat([1, 2, 3], [5, 20, 80])])
    chance = module._Chance(np.arange(10), np.ones((8, 3)) / 3, np.zeros(9), [])
    kept = module._few_unequal(np.concatenate([apart, crowd]), unequal, chance, 75)
    assert kept.tolist() == [True] * 30 + [False] * 105


@pytest.fixture(scope="module")
def copied() -> Table:
    rng = np.random.default_rng(8)
    return with_copies(people(rng, 400), rng.choice(400, 15, replace=False), rng)


def test_the_order_of_rows_changes_nothing(copied: Table) -> None:
    order = np.random.default_rng(9).permutation(len(copied[0]))
    pairs, similarity = near_records([column[order] for column in copied])
    again = sorted(zip(np.sort(order[pairs], axis=1).tolist(), similarity, strict=True))
    assert again == sorted(zip(near_records(copied)[0].tolist(), near_records(copied)[1], strict=True))
    assert len(again) >= 13


def test_pairs_are_the_same_if_few_rows_are_compared_at_a_time(copied: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = near_records(copied)
    monkeypatch.setattr(record_fields, "ROWS_AT_ONCE", 150)
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 10_000)
    monkeypatch.setattr(module, "_MOST_HELD", 0)
    for found, known in zip(near_records(copied), whole, strict=True):
        np.testing.assert_array_equal(found, known)


def test_of_very_many_pairs_the_evidence_is_learned_from_a_fraction(
    copied: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {tuple(pair) for pair in near_records(copied)[0].tolist()}
    monkeypatch.setattr(module, "MOST_LEARNED", 1000)
    some = {tuple(pair) for pair in near_records(copied)[0].tolist()}
    assert len(some & whole) >= 0.9 * max(len(some), len(whole))


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["dataset1", pytest.param("dataset3", marks=pytest.mark.slow)])
def test_the_records_of_febrl_are_linked(name: str) -> None:
    import polars as pl

    frame = pl.read_csv(shared("dedup_febrl") / f"{name}.csv.gz", infer_schema_length=0).fill_null("")
    rows = np.arange(len(frame))
    groups = [rows[frame["cluster"].to_numpy() == one].tolist() for one in frame["cluster"].unique().to_list()]
    columns = [one.str.strip_chars().to_numpy().astype(object) for one in frame.drop("rec_id", "cluster")]
    recall, precision = rates(columns, {pair for group in groups for pair in combinations(group, 2)})
    assert recall >= 0.98
    assert precision >= 0.99
