from __future__ import annotations

import time

import pytest

from dechaff.core.threads import (
    MOST_TRAININGS,
    threaded_map,
    training_threads,
    use_threads,
    usual_threads,
)


def test_results_come_in_order_however_long_the_items_take() -> None:
    def slow_first(item: int) -> int:
        time.sleep(0.02 if item == 0 else 0.0)
        return 10 * item

    assert list(threaded_map(slow_first, range(4), threads=3)) == [0, 10, 20, 30]


def test_an_error_in_a_thread_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        list(threaded_map(lambda item: 1 // item, [1, 0], threads=2))


def test_the_usual_number_of_threads_is_one_per_core_and_bounded_for_trainings(monkeypatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(32)), raising=False)
    assert (usual_threads(), training_threads()) == (32, MOST_TRAININGS)
    assert (usual_threads(7), training_threads(7)) == (7, 7)


@pytest.mark.parametrize("n", [1, 32])
def test_the_chosen_number_holds_inside_the_block_alone(n: int) -> None:
    outside = usual_threads()
    with use_threads(n):
        with use_threads(None):
            assert (usual_threads(), training_threads()) == (n, n)
        with use_threads(3):
            assert usual_threads() == 3
        assert usual_threads() == n
    assert usual_threads() == outside


@pytest.mark.parametrize(("threads", "left"), [(1, 1), (2, 1), (5, 1), (32, 6)])
def test_what_runs_in_threads_shares_out_their_number(threads: int, left: int) -> None:
    with use_threads(4):
        assert list(threaded_map(lambda _: usual_threads(), range(5), threads=threads)) == [left] * 5
