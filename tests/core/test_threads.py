from __future__ import annotations

import time

import pytest

from dechaff.core.threads import MOST, threaded_map, usual_threads


def test_results_come_in_order_however_long_the_items_take() -> None:
    def slow_first(item: int) -> int:
        time.sleep(0.02 if item == 0 else 0.0)
        return 10 * item

    assert list(threaded_map(slow_first, range(4), threads=3)) == [0, 10, 20, 30]


def test_an_error_in_a_thread_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        list(threaded_map(lambda item: 1 // item, [1, 0], threads=2))


def test_the_usual_number_of_threads_is_one_a_core_up_to_a_bound() -> None:
    assert 1 <= usual_threads() <= MOST
    assert usual_threads(7) == 7
