from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from joblib import Parallel, delayed

from dechaff.backends.joblib_tasks import joblib_on
from dechaff.errors import InputError


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """One thread, as a cluster of one worker."""
    with ThreadPoolExecutor(max_workers=1) as threads:
        yield threads


def thread_of(item: int) -> tuple[int, int]:
    return item, threading.get_ident()


def refused() -> None:
    raise InputError("a", "be b", "c", "D.")


def test_a_cluster_of_one_worker_does_the_work_itself(pool: ThreadPoolExecutor) -> None:
    with joblib_on(pool.submit, Future.result, 1):
        answers = Parallel()(delayed(thread_of)(item) for item in range(5))
    assert [item for item, _ in answers] == [0, 1, 2, 3, 4]
    assert threading.get_ident() not in {thread for _, thread in answers}


def test_who_asks_for_one_job_works_alone(pool: ThreadPoolExecutor) -> None:
    with joblib_on(pool.submit, Future.result, 3):
        answers = Parallel(n_jobs=1)(delayed(thread_of)(item) for item in range(2))
    assert {thread for _, thread in answers} == {threading.get_ident()}


def test_results_come_as_they_are_finished_and_errors_as_they_were_raised(pool: ThreadPoolExecutor) -> None:
    with joblib_on(pool.submit, Future.result, 2):
        stream: Any = Parallel(return_as="generator")(delayed(thread_of)(item) for item in range(3))
        assert [item for item, _ in stream] == [0, 1, 2]
        with pytest.raises(InputError, match="a must be b; found c"):
            Parallel()(delayed(refused)() for _ in range(3))
