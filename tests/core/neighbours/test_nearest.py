"""The nearest rows, whatever their kind, their number and the machine."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from dechaff.core.neighbours import (
    Search,
    cosine_rows,
    euclidean_rows,
    hamming_rows,
    jaccard_rows,
    mixed_rows,
    nearest,
    sparse_cosine_rows,
    sparse_euclidean_rows,
    whole_rows,
)
from dechaff.errors import InputError
from tests.core.neighbours.by_loop import cosines, distances, nearest_of, without_itself

LISTS = Search(exact_up_to=0)


def normal(n: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@pytest.mark.parametrize(("n", "d"), [(300, 5), (257, 40), (40, 200)])
def test_cosine_neighbours_are_those_of_a_plain_loop(n: int, d: int) -> None:
    rows = normal(n, d)
    found = nearest(cosine_rows(rows), 7)
    slow = without_itself(cosines(rows, rows))
    np.testing.assert_array_equal(found.ids, nearest_of(slow, 7))
    np.testing.assert_allclose(found.similarity, -np.sort(-slow, axis=1)[:, :7], atol=1e-12)


@pytest.mark.parametrize(("n", "d"), [(300, 5), (257, 40), (500, 1), (400, 2)])
def test_euclidean_neighbours_are_those_of_a_plain_loop(n: int, d: int) -> None:
    rows = normal(n, d) + 100
    found = nearest(euclidean_rows(rows), 7)
    slow = without_itself(-distances(rows, rows))
    np.testing.assert_array_equal(found.ids, nearest_of(slow, 7))
    np.testing.assert_allclose(found.similarity, -np.sort(-slow, axis=1)[:, :7], rtol=1e-12)


@pytest.mark.parametrize("make", [cosine_rows, euclidean_rows])
def test_rows_that_double_precision_alone_tells_apart_are_in_order(make) -> None:
    rng = np.random.default_rng(0)
    rows = np.repeat(rng.normal(size=(20, 6)), 30, axis=0) * (1 + 1e-9 * rng.normal(size=(600, 6)))
    slow = cosines(rows, rows) if make is cosine_rows else -distances(rows, rows)
    found = nearest(make(rows), 5)
    agree = np.take_along_axis(without_itself(slow), found.ids, axis=1)
    np.testing.assert_allclose(agree, -np.sort(-without_itself(slow), axis=1)[:, :5], rtol=1e-6, atol=3e-16)


@pytest.mark.parametrize("make", [cosine_rows, euclidean_rows])
def test_of_many_copies_the_first_are_named(make) -> None:
    rows = normal(50, 8)
    rows[10:40] = rows[3]
    found = nearest(make(rows), 4)
    assert found.ids[3].tolist() == [10, 11, 12, 13]
    assert found.ids[39].tolist() == [3, 10, 11, 12]


@pytest.mark.parametrize("make", [cosine_rows, euclidean_rows])
@pytest.mark.parametrize("kind", [np.float32, np.float64, np.float16, np.int64, np.bool_])
def test_any_kind_of_number_will_do(make, kind: type) -> None:
    rows = (normal(60, 9) * 3).astype(kind)
    found = nearest(make(rows), 3)
    slow = cosines(rows, rows) if make is cosine_rows else -distances(rows, rows)
    agree = np.take_along_axis(slow, found.ids, axis=1)
    np.testing.assert_allclose(agree, -np.sort(-without_itself(slow), axis=1)[:, :3], atol=1e-9)


@pytest.mark.parametrize("size", [1e-30, 1e-300, 1e30, 1e150])
def test_the_unit_of_the_numbers_does_not_matter(size: float) -> None:
    rows = normal(80, 4).astype(np.float64)
    np.testing.assert_array_equal(nearest(cosine_rows(rows * size), 5).ids, nearest(cosine_rows(rows), 5).ids)
    np.testing.assert_array_equal(nearest(euclidean_rows(rows * size), 5).ids, nearest(euclidean_rows(rows), 5).ids)


def test_a_row_of_noughts_is_at_a_right_angle_to_all() -> None:
    rows = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [-1.0, 0.1]])
    found = nearest(cosine_rows(rows), 3)
    assert found.ids[0].tolist() == [1, 2, 3]
    assert found.similarity[0].tolist() == [0, 0, 0]
    assert found.ids[2].tolist() == [0, 1, 3]


@pytest.mark.parametrize("search", [Search(), LISTS])
@pytest.mark.parametrize("make", [cosine_rows, euclidean_rows])
def test_a_row_with_nan_has_no_neighbours_and_is_nobodys(make, search: Search) -> None:
    rows = normal(30, 4)
    rows[[4, 20], [1, 3]] = np.nan, np.inf
    found = nearest(make(rows), 40, search=search)
    assert (found.ids[[4, 20]] == -1).all()
    assert np.isnan(found.similarity[4]).all()
    others = found.ids[np.setdiff1d(np.arange(30), [4, 20])]
    assert not np.isin(others, [4, 20]).any()
    assert ((others >= 0).sum(axis=1) == 27).all()


@pytest.mark.parametrize("search", [Search(), LISTS])
@pytest.mark.parametrize("n", [0, 1, 2, 5])
@pytest.mark.parametrize("make", [cosine_rows, euclidean_rows, lambda rows: hamming_rows(rows > 0)])
def test_few_rows_leave_places_empty(make, n: int, search: Search) -> None:
    found = nearest(make(normal(n, 3)), 6, search=search)
    assert found.ids.shape == found.similarity.shape == (n, 6)
    assert ((found.ids >= 0).sum(axis=1) == max(n - 1, 0)).all()
    assert (np.isnan(found.similarity) == (found.ids < 0)).all()


@pytest.mark.parametrize("make", [cosine_rows, euclidean_rows])
@pytest.mark.parametrize("search", [Search(), LISTS])
def test_nothing_but_nan_has_no_neighbours(make, search: Search) -> None:
    assert (nearest(make(np.full((5, 2), np.nan)), 2, search=search).ids == -1).all()
    assert nearest(make(np.empty((4, 0))), 2, search=search).ids.shape == (4, 2)


@pytest.mark.parametrize("make", [cosine_rows, euclidean_rows])
def test_the_answer_depends_neither_on_blocks_nor_on_threads(make) -> None:
    rows = np.round(normal(700, 6), 1)
    rows[100:140] = rows[5]
    whole = nearest(make(rows), 9, search=Search(threads=1))
    for block_rows, threads in ((64, 1), (13, 3), (2048, 2)):
        other = nearest(replace(make(rows), block_rows=block_rows), 9, search=Search(threads=threads))
        np.testing.assert_array_equal(other.ids, whole.ids)
        np.testing.assert_array_equal(other.similarity, whole.similarity)


@pytest.mark.parametrize("make", [cosine_rows, euclidean_rows])
def test_lists_give_the_same_answer_with_any_number_of_threads(make) -> None:
    rows = normal(3000, 12)
    one = nearest(make(rows), 5, search=Search(exact_up_to=0, threads=1))
    two = nearest(make(rows), 5, search=Search(exact_up_to=0, threads=3))
    np.testing.assert_array_equal(one.ids, two.ids)
    np.testing.assert_array_equal(one.similarity, two.similarity)
    assert one.recall == two.recall


_PRINT = """
import hashlib, sys, numpy as np
from dechaff.core.neighbours import Search, cosine_rows, euclidean_rows, nearest
rows = np.random.default_rng(0).normal(size=(1500, 24)).astype(np.float32)
rows[100:140] = rows[5]
told = hashlib.sha256()
for make in (cosine_rows, euclidean_rows):
    for search in (Search(), Search(exact_up_to=0)):
        found = nearest(make(rows), 6, search=search)
        told.update(found.ids.tobytes() + found.similarity.tobytes())
print(told.hexdigest())
"""


@pytest.mark.slow
def test_the_answer_is_the_same_on_processors_that_round_products_differently() -> None:
    import os

    said = set()
    for core, kernel in (("", ""), ("Prescott", ""), ("Haswell", "numpy")):
        settings = {"OPENBLAS_CORETYPE": core, "DECHAFF_KERNEL": kernel}
        environment = os.environ | {name: value for name, value in settings.items() if value}
        done = subprocess.run(
            [sys.executable, "-c", _PRINT], env=environment, capture_output=True, text=True, check=True
        )
        said.add(done.stdout)
    assert len(said) == 1


@pytest.mark.parametrize("make", [cosine_rows, euclidean_rows])
def test_queries_are_answered_from_other_rows(make) -> None:
    rows, queries = normal(200, 5), normal(30, 5, seed=1)
    slow = cosines(queries, rows) if make is cosine_rows else -distances(queries, rows)
    found = nearest(make(rows), 4, queries=queries)
    np.testing.assert_array_equal(found.ids, nearest_of(slow, 4))
    with_itself = nearest(make(rows), 4, queries=rows[7:8])
    assert with_itself.ids[0, 0] == 7


def test_some_rows_are_asked_without_themselves() -> None:
    rows = normal(100, 4)
    chosen = np.array([3, 50, 99])
    found = nearest(cosine_rows(rows), 5, queries=rows[chosen], queries_apart=chosen)
    np.testing.assert_array_equal(found.ids, nearest(cosine_rows(rows), 5).ids[chosen])


@pytest.mark.parametrize("search", [Search(), LISTS])
def test_rows_of_one_code_are_no_neighbours(search: Search) -> None:
    rows, codes = normal(120, 4), np.arange(120) // 40
    found = nearest(cosine_rows(rows), 90, apart=codes, search=search)
    assert ((found.ids >= 0).sum(axis=1) == 80).all()
    known = found.ids >= 0
    assert not (codes[found.ids] == codes[:, None])[known].any()
    queries = nearest(cosine_rows(rows), 3, queries=rows, apart=codes, queries_apart=codes, search=search)
    np.testing.assert_array_equal(queries.ids, found.ids[:, :3])


@pytest.mark.parametrize("make", [cosine_rows, euclidean_rows])
def test_lists_find_most_neighbours_and_say_how_many(make) -> None:
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(5000, 10)) @ rng.normal(size=(10, 40))).astype(np.float32)
    exact = nearest(make(rows), 10)
    found = nearest(make(rows), 10, search=Search(exact_up_to=1000, target_recall=0.95))
    true = np.mean([len(np.intersect1d(*pair)) / 10 for pair in zip(exact.ids, found.ids, strict=True)])
    assert true >= 0.95
    assert abs(found.recall - true) < 0.02
    assert found.measured_on == 500
    assert not found.exact
    assert "of 70 searched" in str(found)
    assert "of the true ones found" in str(found)


def test_all_lists_find_all_neighbours() -> None:
    rows = normal(2000, 16)
    found = nearest(cosine_rows(rows), 5, search=Search(exact_up_to=0, target_recall=1.0))
    assert found.recall == 1.0
    assert (found.ids == nearest(cosine_rows(rows), 5).ids).mean() > 0.999


def test_queries_are_answered_by_lists() -> None:
    rows, queries = normal(3000, 6), normal(700, 6, seed=1)
    exact = nearest(euclidean_rows(rows), 5, queries=queries)
    found = nearest(euclidean_rows(rows), 5, queries=queries, search=LISTS)
    assert (found.ids == exact.ids).mean() > 0.9
    assert found.recall > 0.95


def test_rows_are_read_and_never_written() -> None:
    rows = normal(400, 5)
    rows[3] = np.nan
    before = rows.copy()
    rows.flags.writeable = False
    for search in (Search(), LISTS):
        nearest(cosine_rows(rows), 3, search=search)
        nearest(euclidean_rows(rows), 3, search=search)
    np.testing.assert_array_equal(rows, before)


def test_texts_as_sparse_rows_have_the_neighbours_of_dense_ones() -> None:
    rng = np.random.default_rng(0)
    dense = rng.random((300, 50)) * (rng.random((300, 50)) < 0.1)
    dense[7] = dense[3]
    dense[9] = 0
    rows = sparse.csr_matrix(dense.astype(np.float32))
    found = nearest(replace(sparse_cosine_rows(rows), block_rows=37), 6)
    slow = without_itself(cosines(dense.astype(np.float32), dense.astype(np.float32)))
    agree = np.take_along_axis(slow, found.ids, axis=1)
    np.testing.assert_allclose(agree, -np.sort(-slow, axis=1)[:, :6], atol=1e-7)
    assert found.ids[9].tolist() == [0, 1, 2, 3, 4, 5]
    np.testing.assert_array_equal(nearest(sparse_cosine_rows(rows), 6).ids, found.ids)
    asked = nearest(sparse_cosine_rows(rows), 6, queries=rows[:4], queries_apart=np.arange(4))
    np.testing.assert_array_equal(asked.ids, found.ids[:4])
    assert found.exact


def test_sparse_rows_have_the_distances_of_dense_ones() -> None:
    rng = np.random.default_rng(0)
    dense = rng.random((200, 40)) * (rng.random((200, 40)) < 0.1)
    dense[9] = 0
    found = nearest(replace(sparse_euclidean_rows(sparse.csr_matrix(dense)), block_rows=37), 6)
    other = nearest(euclidean_rows(dense), 6)
    np.testing.assert_allclose(found.similarity, other.similarity, atol=1e-7)
    assert (found.ids == other.ids).mean() > 0.99
    asked = nearest(sparse_euclidean_rows(sparse.csr_matrix(dense)), 1, queries=sparse.csr_matrix(dense[:5]))
    assert asked.ids[:, 0].tolist() == [0, 1, 2, 3, 4]


def test_sparse_rows_may_come_unsorted_and_with_gaps() -> None:
    rows = sparse.csr_matrix((np.array([1.0, 2.0, np.nan]), np.array([2, 0, 1]), np.array([0, 2, 2, 3])), shape=(3, 3))
    assert nearest(sparse_cosine_rows(rows), 2).ids.tolist() == [[1, -1], [0, -1], [-1, -1]]


@pytest.mark.parametrize("search", [Search(), LISTS])
def test_bits_are_compared_by_those_that_agree(search: Search) -> None:
    bits = np.random.default_rng(0).random((400, 77)) < 0.3
    search = replace(search, target_recall=1.0)
    found = nearest(hamming_rows(bits), 5, search=search)
    agree = 1 - (bits[:, None] != bits[None]).mean(axis=2)
    assert np.isclose(found.similarity, -np.sort(-without_itself(agree), axis=1)[:, :5]).mean() > 0.99
    packed = nearest(hamming_rows(np.packbits(bits, axis=1), n_bits=77), 5, search=search)
    np.testing.assert_array_equal(packed.ids, found.ids)
    if found.exact:
        np.testing.assert_array_equal(found.ids, nearest_of(without_itself(np.round(agree, 9)), 5))


def test_bits_are_compared_by_those_that_are_shared() -> None:
    bits = np.random.default_rng(0).random((300, 60)) < 0.2
    bits[:2] = False
    both = (bits[:, None] & bits[None]).sum(axis=2)
    either = (bits[:, None] | bits[None]).sum(axis=2)
    slow = without_itself(np.where(either > 0, both / np.maximum(either, 1), 1.0))
    found = nearest(jaccard_rows(bits), 5)
    np.testing.assert_array_equal(found.ids, nearest_of(slow, 5))
    assert found.similarity[0, 0] == 1.0
    most = nearest(jaccard_rows(bits), 5, search=replace(LISTS, target_recall=1.0))
    assert most.recall > 0.8


def test_tables_are_compared_column_by_column() -> None:
    numbers = np.array([[0.0, 1.0], [10.0, np.nan], [5.0, 3.0], [np.nan, np.nan]])
    codes = np.array([[0], [0], [1], [-1]])
    found = nearest(mixed_rows(numbers, codes), 3)
    # rows 0 and 1 share one number at opposite ends and the category: (0 + 1) / 2; rows 0 and 2: (.5 + 0 + 0) / 3
    assert found.ids.tolist() == [[1, 2, -1], [0, 2, -1], [1, 0, -1], [-1, -1, -1]]
    np.testing.assert_allclose(found.similarity[0, :2], [1 / 2, 1 / 6])
    np.testing.assert_allclose(found.similarity[2, :2], [1 / 4, 1 / 6])
    asked = nearest(mixed_rows(numbers, codes), 1, queries=(numbers[:1], codes[:1]))
    assert asked.ids.tolist() == [[0]]


def test_lists_find_most_rows_of_a_table() -> None:
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 6, 2000)
    numbers = rng.normal(size=(2000, 3)) + kind[:, None]
    rows = mixed_rows(numbers, np.stack([kind, rng.integers(0, 3, 2000)], axis=1))
    found = nearest(rows, 5, search=replace(LISTS, target_recall=0.9))
    assert found.recall > 0.8
    assert nearest(rows, 5).similarity.sum() >= found.similarity.sum()


def test_whole_numbers_are_compared_by_their_product() -> None:
    rows = np.random.default_rng(0).integers(-50, 50, (200, 8)).astype(np.float32)
    found = nearest(whole_rows(rows), 4)
    np.testing.assert_array_equal(found.ids, nearest_of(without_itself(rows @ rows.T), 4))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: nearest(cosine_rows(normal(3, 2)), 0), "count must be at least 1"),
        (lambda: cosine_rows(np.array(["a"])), "rows must be a numeric"),
        (lambda: nearest(cosine_rows(normal(3, 2)), 1, queries=normal(3, 4)), "queries must have 2 columns"),
        (lambda: nearest(cosine_rows(normal(3, 2)), 1, apart=[1, 2]), "apart must be one whole number"),
        (lambda: sparse_cosine_rows(normal(3, 2)), "must be a scipy.sparse matrix"),
        (lambda: hamming_rows(np.zeros((3, 2), dtype=np.uint8)), "bits must be a bool"),
        (lambda: mixed_rows(normal(3, 2), np.zeros((2, 1), dtype=int)), "as many rows of codes"),
        (lambda: mixed_rows(normal(3, 2), normal(3, 1)), "integer"),
        (lambda: whole_rows(normal(3, 2)), "rows must be whole numbers"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(wrong, said: str) -> None:
    with pytest.raises(InputError, match=said):
        wrong()
