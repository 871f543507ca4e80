from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from dechaff.backends import local
from dechaff.core.class_counts import ClassCounts
from dechaff.core.fold import RunFold
from dechaff.core.over_arrays import over_arrays
from dechaff.core.source import ArraySource
from dechaff.errors import InputError
from dechaff.methods.label_errors.confident_joint import ConfidentJoint
from dechaff.methods.label_errors.confident_thresholds import ConfidentThresholds
from dechaff.methods.label_errors.self_confidence import SelfDoubt
from dechaff.typing import Chunk
from tests.laws.cases import columns


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


@dataclass
class Watched:
    """A source that remembers how many chunks were asked of it before the first was done."""

    given: int = 0

    def chunks(self, columns: Sequence[str], keyed_by: str | None = None) -> Iterator[Chunk]:
        for _ in range(100):
            self.given += 1
            yield {"labels": np.zeros(1, dtype=int)}


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_states_are_merged_in_the_order_of_the_source(threads: int) -> None:
    source = ArraySource({"labels": np.arange(100)}, chunk_rows=3)
    assert local.fold(Concatenation(), source, threads=threads) == tuple(range(100))


def test_answers_come_in_the_order_of_the_source() -> None:
    data = columns(0)
    source = ArraySource(data.arrays, chunk_rows=7)
    expected = 1 - data.arrays["probs"][np.arange(400), data.arrays["labels"]]
    np.testing.assert_array_equal(local.row_map(SelfDoubt(), source, threads=3), expected)


def test_a_chain_of_folds_runs_on_threads_as_it_does_on_arrays() -> None:
    data = columns(0)
    source = ArraySource(data.arrays, chunk_rows=50)

    def joint(run: RunFold) -> np.ndarray:
        return run(ConfidentJoint(run(ConfidentThresholds(data.k))))

    on_threads = joint(lambda fold: local.fold(fold, source, threads=2))
    np.testing.assert_array_equal(on_threads, joint(over_arrays(**data.arrays)))


def test_a_stream_is_not_read_far_ahead() -> None:
    source, first = Watched(), []

    @dataclass(frozen=True)
    class Noting(ClassCounts):
        def update(self, state: np.ndarray, chunk: Chunk) -> np.ndarray:
            with lock:
                first.append(source.given)
            return super().update(state, chunk)

    lock = threading.Lock()
    assert local.fold(Noting(1), source, threads=2) == 100
    assert first[0] <= 4


def test_small_chunks_share_a_large_state() -> None:
    made = []

    @dataclass(frozen=True)
    class Noting(ClassCounts):
        def init(self) -> np.ndarray:
            made.append(1)
            return super().init()

    source = ArraySource({"labels": np.zeros(1000, dtype=int)}, chunk_rows=10)
    assert local.fold(Noting(100), source, threads=2)[0] == 1000
    assert len(made) < 20


def test_no_rows_give_the_answer_of_nothing() -> None:
    assert local.fold(ClassCounts(2), ArraySource({"labels": np.empty(0, dtype=int)})).tolist() == [0, 0]


def test_no_rows_have_no_answers() -> None:
    source = ArraySource({"labels": np.empty(0, dtype=int), "probs": np.empty((0, 2))})
    assert local.row_map(SelfDoubt(), source).shape == (0,)


def test_no_threads_are_refused() -> None:
    with pytest.raises(InputError, match="threads must be at least 1; found 0"):
        local.fold(ClassCounts(1), ArraySource({"labels": np.zeros(1, dtype=int)}), threads=0)
