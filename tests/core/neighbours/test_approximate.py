from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.neighbours import Nearest, Search, jaccard_rows, mixed_rows, nearest
from dechaff.core.neighbours.approximate import Graph
from dechaff.core.neighbours.comparable import Apart
from tests.core.neighbours.by_loop import nearest_of, without_itself


def table(n: int = 6_000) -> tuple[np.ndarray, np.ndarray]:
    """Numbers with gaps, and categories in which rows of many kinds agree: the lists tell them apart but loosely."""
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 40, n)
    numbers = rng.normal(size=(n, 6)) + rng.normal(size=(40, 6))[kind] * 1.5
    numbers[rng.random(numbers.shape) < 0.05] = np.nan
    codes = np.stack([kind % 7, rng.integers(0, 5, n), (kind // 7 + rng.integers(0, 2, n)) % 9], axis=1)
    return numbers, codes


def by_lists(count: int = 1, *, target_recall: float = 0.99, apart: np.ndarray | None = None, **how: int) -> Nearest:
    search = Search(exact_up_to=0, target_recall=target_recall, **how)
    return nearest(mixed_rows(*table()), count, apart=apart, search=search)


def test_what_lists_put_out_of_reach_is_found_by_asking_neighbours() -> None:
    found, exact = by_lists(), nearest(mixed_rows(*table()), 1)
    true = (found.similarity >= exact.similarity - 1e-12).mean()
    assert true > 0.95  # all lists together: .86
    assert abs(found.recall - true) < 0.03
    assert "of neighbours of neighbours; " in str(found)
    assert " of 77 searched" in str(found)
    assert "77 of 77" not in str(found)


def test_nobody_is_asked_where_lists_find_enough() -> None:
    found = by_lists(10, target_recall=0.5)
    assert "8 of 77 searched for each row; " in str(found)


def test_rounds_do_not_depend_on_threads() -> None:
    one, three = by_lists(threads=1), by_lists(threads=3)
    np.testing.assert_array_equal(one.ids, three.ids)
    np.testing.assert_array_equal(one.similarity, three.similarity)
    assert str(one) == str(three)


def test_neighbours_of_neighbours_of_one_code_are_left_out() -> None:
    codes = np.arange(6_000) // 3
    found = by_lists(4, apart=codes)
    assert "neighbours of neighbours" in str(found)
    assert (found.ids >= 0).all()
    assert not (codes[found.ids] == codes[:, None]).any()


def test_rows_that_cannot_be_compared_are_nobodys_neighbours() -> None:
    numbers, codes = table()
    numbers[::100], codes[::100] = np.nan, -1
    found = nearest(mixed_rows(numbers, codes), 2, search=Search(exact_up_to=0, target_recall=0.999))
    assert (found.ids[::100] == -1).all()
    assert not np.isin(found.ids, np.arange(0, 6_000, 100)).any()


@pytest.mark.parametrize("codes", [None, np.arange(300) // 2])
def test_one_round_finds_the_best_among_neighbours_and_theirs(codes: np.ndarray | None) -> None:
    bits = np.random.default_rng(0).random((300, 40)) < 0.3
    rows = jaccard_rows(bits)
    both, either = (bits[:, None] & bits[None]).sum(axis=2), (bits[:, None] | bits[None]).sum(axis=2)
    slow = without_itself(both / either)
    if codes is not None:
        slow[codes[:, None] == codes] = -np.inf
    known = np.random.default_rng(1).integers(0, 300, (300, 3))
    known = np.where(slow[np.arange(300)[:, None], known] > -np.inf, known, -1)
    reachable = np.full_like(slow, -np.inf)
    for row, mine in enumerate(known):
        ids = [one for near in [mine, *(known[near] for near in mine if near >= 0)] for one in near if one >= 0]
        reachable[row, ids] = slow[row, ids]
    graph = Graph(rows, Apart(codes, codes, rows.usable, rows.usable), 2)
    ids, exact = graph.once_more((known, np.full(known.shape, np.nan)))
    np.testing.assert_array_equal(np.where(exact > -np.inf, ids, -1), ids)
    np.testing.assert_allclose(exact, -np.sort(-reachable, axis=1)[:, :3], atol=1e-12)
    enough = (reachable > -np.inf).sum(axis=1) >= 3
    np.testing.assert_array_equal(ids[enough], nearest_of(reachable, 3)[enough])
