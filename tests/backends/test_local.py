from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from joblib import Parallel, delayed

from dechaff.backends import local
from dechaff.core.codes import ClassCounts
from dechaff.core.fold import NamedRows, RunFold
from dechaff.core.over_arrays import over_arrays
from dechaff.core.source import CHUNK_BYTES, ArraySource, Part
from dechaff.errors import InputError, RunError
from dechaff.methods.label_errors.confident_joint import ConfidentJoint
from dechaff.methods.label_errors.confident_thresholds import ConfidentThresholds
from dechaff.methods.label_errors.label_scores import SelfDoubt
from dechaff.methods.label_errors.noise_posterior import RowErrorOdds
from dechaff.typing import Chunk
from tests.laws.cases import columns

DOUBT = NamedRows({"score": SelfDoubt()})


@dataclass(frozen=True)
class Concatenation:
    """A fold whose merge does not commute: it shows the order of merges."""

    columns: ClassVar[tuple[str, ...]] = ("labels",)
    keyed_by: ClassVar[str | None] = None

    def init(self) -> tuple[int, ...]:
        return ()

    def update(self, state: tuple[int, ...], chunk: Chunk) -> tuple[int, ...]:
        return state + tuple(chunk["labels"].tolist())

    def merge(self, left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
        return left + right

    def finalize(self, state: tuple[int, ...]) -> tuple[int, ...]:
        return state


@dataclass(frozen=True)
class ByLabel(ClassCounts):
    """Counts that get each class whole."""

    keyed_by: ClassVar[str | None] = "labels"


@dataclass(frozen=True)
class WatchedPart:
    """A part that notes when it is read."""

    first_row: int
    read: list[int]
    n_rows: ClassVar[int] = 1

    def chunks(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        self.read.append(self.first_row)
        yield {"labels": np.zeros(1, dtype=int)}


@dataclass(frozen=True)
class Watched(ArraySource):
    """A source that remembers which parts were read."""

    read: list[int] = field(default_factory=list)

    def parts(self) -> list[WatchedPart]:
        return [WatchedPart(row, self.read) for row in range(100)]


@dataclass
class Kept:
    """A sink in memory."""

    columns: dict[int, Chunk] = field(default_factory=dict)

    def write(self, part: Part, columns: Chunk) -> None:
        self.columns[part.first_row] = columns


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_states_are_merged_in_the_order_of_the_source(threads: int) -> None:
    source = ArraySource({"labels": np.arange(100)}, chunk_rows=3)
    assert local.fold(Concatenation(), source, threads=threads) == tuple(range(100))


def test_answers_come_in_the_order_of_the_source() -> None:
    data = columns(0)
    source = ArraySource(data.arrays, chunk_rows=7)
    expected = 1 - data.arrays["probs"][np.arange(400), data.arrays["labels"]]
    answers, nothing = local.row_map(DOUBT, source, threads=3)
    np.testing.assert_array_equal(answers["score"], expected)
    assert nothing is None


def test_a_sink_takes_the_answers_part_by_part() -> None:
    data, sink = columns(0), Kept()
    source = ArraySource(data.arrays, chunk_rows=150)
    assert local.row_map(DOUBT, source, sink=sink, threads=2) == ({}, None)
    assert {first: len(some["score"]) for first, some in sink.columns.items()} == {0: 150, 150: 150, 300: 100}


def test_a_map_that_folds_gives_the_state_of_the_fold() -> None:
    data = columns(0)
    source = ArraySource(data.arrays, chunk_rows=150)
    verdicts = RowErrorOdds(1.3, data.transition)
    _, joint = local.row_map(verdicts, source, sink=Kept())
    np.testing.assert_array_equal(joint, local.fold(verdicts, source))


@pytest.mark.parametrize("threads", [1, 2])
def test_the_rows_that_are_finished_are_told(threads: int) -> None:
    source, told = ArraySource({"labels": np.zeros(100, dtype=int)}, chunk_rows=30), []
    local.fold(ClassCounts(1), source, rows_done=told.append, threads=threads)
    assert told == [30, 30, 30, 10]


def test_the_rows_of_keyed_folds_are_told() -> None:
    told: list[int] = []
    local.fold(ByLabel(3), ArraySource({"labels": np.arange(90) % 3}, chunk_rows=40), rows_done=told.append)
    assert told == [60, 30]


def test_a_chain_of_folds_runs_on_threads_as_it_does_on_arrays() -> None:
    data = columns(0)
    source = ArraySource(data.arrays, chunk_rows=50)

    def joint(run: RunFold) -> np.ndarray:
        return run(ConfidentJoint(run(ConfidentThresholds(data.k))))

    on_threads = joint(lambda fold: local.fold(fold, source, threads=2))
    np.testing.assert_array_equal(on_threads, joint(over_arrays(**data.arrays)))


def test_parts_are_not_read_ahead_of_the_threads() -> None:
    source, seen = Watched({}), []

    @dataclass(frozen=True)
    class Noting(ClassCounts):
        def update(self, state: np.ndarray, chunk: Chunk) -> np.ndarray:
            with lock:
                seen.append(len(source.read) - len(seen))
            return super().update(state, chunk)

    lock = threading.Lock()
    assert local.fold(Noting(1), source, threads=2) == 100
    assert max(seen) <= 2


def test_small_parts_share_a_large_state() -> None:
    made = []

    @dataclass(frozen=True)
    class Noting(ClassCounts):
        def init(self) -> np.ndarray:
            made.append(1)
            return super().init()

    source = ArraySource({"labels": np.zeros(1000, dtype=int)}, chunk_rows=10)
    assert local.fold(Noting(2000), source, threads=2)[0] == 1000
    assert len(made) < 20


def test_no_rows_give_the_answer_of_nothing() -> None:
    assert local.fold(ClassCounts(2), ArraySource({"labels": np.empty(0, dtype=int)})).tolist() == [0, 0]


def test_no_rows_have_no_answers() -> None:
    source = ArraySource({"labels": np.empty(0, dtype=int), "probs": np.empty((0, 2))})
    assert local.row_map(DOUBT, source)[0]["score"].shape == (0,)


def test_no_threads_are_refused() -> None:
    with pytest.raises(InputError, match="threads must be at least 1; found 0"):
        local.fold(ClassCounts(1), ArraySource({"labels": np.zeros(1, dtype=int)}), threads=0)


@pytest.mark.slow
def test_work_that_cannot_travel_is_done_by_this_process() -> None:
    assert list(local.map_parts(lambda part: 3 * part, range(20), threads=2)) == [3 * part for part in range(20)]


def test_an_error_in_a_part_is_raised_as_it_is() -> None:
    results = local.map_parts(int, ["1", "two", *map(str, range(20))], threads=2)
    assert next(results) == 1
    with pytest.raises(ValueError, match="two"):
        next(results)


def test_joblib_starts_processes_beside_those_of_a_pass() -> None:
    assert list(local.map_parts(abs, [-1] * 8, threads=2)) == [1] * 8
    assert Parallel(n_jobs=2)(delayed(abs)(one) for one in (-1, -2)) == [1, 2]


def test_after_a_worker_has_died_the_next_pass_has_new_ones() -> None:
    with pytest.raises(RunError, match="worker process died"):
        list(local.map_parts(os._exit, [1] * 8, threads=2))
    assert list(local.map_parts(abs, [-1] * 8, threads=2)) == [1] * 8


def test_processes_that_no_one_uses_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_IDLE", 0.05)
    with local._pool(2) as pool:
        process = pool.submit(os.getpid).result()
        local._end_when_idle()
        time.sleep(0.2)
        assert pool.submit(os.getpid).result(timeout=60) > 0
    del pool
    deadline = time.monotonic() + 60
    while Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.02)
    assert not Path(f"/proc/{process}").exists()
