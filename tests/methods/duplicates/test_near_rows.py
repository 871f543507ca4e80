from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.neighbours import Search
from dechaff.methods.duplicates.near_rows import near_rows, near_vectors, near_vectors_across


def test_a_rounded_copy_is_found() -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(300, 8))
    table[250] = table[10]
    table[250, [1, 6]] = np.round(table[10, [1, 6]], 4)
    pairs, similarity = near_rows(table, np.zeros(300, dtype=np.int64))
    assert pairs.tolist() == [[10, 250]]
    assert 0.5 < similarity[0] <= 1


def test_rows_that_differ_in_another_kind_of_column_are_not_near() -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(50, 8))
    table[1] = table[0]
    table[1, 0] += 1e-6
    assert len(near_rows(table, np.arange(50))[0]) == 0


def test_a_table_in_which_near_misses_are_the_rule_has_no_near_rows() -> None:
    rng = np.random.default_rng(1)
    table = rng.integers(0, 3, size=(400, 6)).astype(float)
    table[:, 0] += rng.integers(0, 2, 400) * 1e-9
    assert len(near_rows(table, np.zeros(400, dtype=np.int64))[0]) == 0


def test_missing_cells_are_equal_and_never_nearly_equal() -> None:
    table = np.random.default_rng(2).normal(size=(30, 5))
    table[:2, 4] = np.nan
    table[1] = table[0]
    table[1, 0] += 1e-9
    assert near_rows(table, np.zeros(30, dtype=np.int64))[0].tolist() == [[0, 1]]
    table[1, 4] = 0.0
    assert len(near_rows(table, np.zeros(30, dtype=np.int64))[0]) == 0


def test_small_and_constant_tables_have_no_near_rows() -> None:
    for table in (np.empty((0, 5)), np.ones((1, 5)), np.ones((5, 2)), np.ones((5, 5)), np.full((5, 5), np.nan)):
        assert len(near_rows(table, np.zeros(len(table), dtype=np.int64))[0]) == 0


def test_vectors_of_one_direction_are_near_whatever_their_length() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(500, 200))
    features[400] = features[3] * 1.001 + rng.normal(size=200) * 0.05
    found = near_vectors(features)
    pairs, cosine = found.pairs, found.cosine
    assert pairs.tolist() == [[3, 400]]
    assert 0.95 <= cosine[0] <= 1


def test_a_common_direction_does_not_make_vectors_near() -> None:
    features = np.random.default_rng(0).normal(size=(100, 50)) + 40
    assert len(near_vectors(features).pairs) == 0


def test_pairs_agree_with_a_plain_loop_over_all_of_them() -> None:
    features = np.random.default_rng(3).normal(size=(60, 3))
    centred = features - features.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    slow = [[i, j] for i in range(60) for j in range(i + 1, 60) if unit[i] @ unit[j] >= 0.95]
    assert near_vectors(features).pairs.tolist() == slow


def test_no_vectors_and_equal_vectors_do_no_harm() -> None:
    assert len(near_vectors(np.empty((0, 4))).pairs) == 0
    assert len(near_vectors(np.ones((3, 4))).pairs) == 0


def test_wide_vectors_that_are_near_are_found_in_a_projection() -> None:
    rng = np.random.default_rng(5)
    features = rng.normal(size=(400, 300))
    features[200:] = features[:200] + rng.normal(size=(200, 300)) * 0.15
    found = near_vectors(features)
    pairs, cosine = found.pairs, found.cosine
    assert pairs.tolist() == [[row, row + 200] for row in range(200)]
    assert (cosine > 0.97).all()


def test_near_vectors_among_very_many_are_found_by_lists() -> None:
    rng = np.random.default_rng(6)
    features = rng.normal(size=(4000, 20))
    features[2000:2050] = features[:50] + rng.normal(size=(50, 20)) * 0.02
    exact = near_vectors(features)
    lists = near_vectors(features, search=Search(exact_up_to=1000))
    assert (exact.recall, exact.how) == (1.0, "exact search")
    assert lists.pairs.tolist() == exact.pairs.tolist()
    assert lists.recall > 0.96
    assert "inverted lists" in lists.how


def test_threads_change_nothing() -> None:
    features = np.random.default_rng(7).normal(size=(3000, 4))
    one = near_vectors(features, search=Search(threads=1))
    two = near_vectors(features, search=Search(threads=2))
    np.testing.assert_array_equal(one.pairs, two.pairs)
    np.testing.assert_array_equal(one.cosine, two.cosine)


@pytest.mark.parametrize("d", [2, 3, 4, 12, 31])
def test_copies_that_differ_by_rounding_in_every_column_are_found_in_tables_of_any_width(d: int) -> None:
    rng = np.random.default_rng(d)
    table = rng.normal(size=(200, d))
    nothing = np.zeros(200, dtype=np.int64)
    assert len(near_rows(table, nothing)[0]) == 0
    table[1] = table[0] + 1e-9 * rng.normal(size=d)
    assert near_rows(table, nothing)[0].tolist() == [[0, 1]]


def test_all_copies_of_a_row_are_paired_with_what_is_near_to_it() -> None:
    table = np.random.default_rng(0).normal(size=(40, 6))
    table[[5, 9]] = table[2]
    table[20] = table[2] + 1e-7
    assert near_rows(table, np.zeros(40, dtype=np.int64))[0].tolist() == [[2, 20], [5, 20], [9, 20]]


@pytest.mark.parametrize("made", ["correlated", "rounded", "skewed", "mostly zero", "resting"])
def test_unrelated_rows_of_narrow_tables_are_not_near(made: str) -> None:
    rng = np.random.default_rng(4)
    table = rng.normal(size=(1000, 2)) @ rng.normal(size=(2, 3))
    table = {
        "correlated": table,
        "rounded": table.round(2),
        "skewed": np.exp(2 * table),
        "mostly zero": table * (rng.random(table.shape) < 0.3),
        "resting": np.where(rng.random((1000, 1)) < 0.4, 1e-4 * table, table),
    }[made]
    assert len(near_rows(table, np.zeros(1000, dtype=np.int64))[0]) == 0


def test_vectors_of_a_second_set_are_compared_with_the_first() -> None:
    rng = np.random.default_rng(8)
    train = rng.normal(size=(300, 40)) + 9
    test = rng.normal(size=(50, 40)) + 9
    test[7] = train[30] + 0.1 * rng.normal(size=40)
    pairs, cosine = near_vectors_across(train, test)
    assert pairs.tolist() == [[30, 7]]
    assert 0.95 < cosine[0] < 1
    assert len(near_vectors_across(train[:0], test)[0]) == 0
