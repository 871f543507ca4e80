"""The door for arrays: the same bits on any number of threads and in chunks of any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from dechaff.core import over_arrays as module
from dechaff.core import source
from dechaff.core.codes import ClassCounts
from dechaff.core.fold import NamedRows
from dechaff.core.over_arrays import map_and_fold, map_arrays, over_arrays
from dechaff.errors import InputError
from dechaff.typing import Chunk

LABELS = np.random.default_rng(0).integers(0, 3, 1000)


@dataclass(frozen=True)
class Doubled:
    columns: ClassVar[tuple[str, ...]] = ("labels",)

    def rows(self, chunk: Chunk) -> np.ndarray:
        return np.stack([chunk["labels"], 2 * chunk["labels"]], axis=1).astype(np.int16)


@dataclass(frozen=True)
class Failing:
    columns: ClassVar[tuple[str, ...]] = ("labels",)

    def rows(self, chunk: Chunk) -> np.ndarray:
        if len(chunk["labels"]):
            raise InputError("a", "b", "c", "d")
        return chunk["labels"]


@dataclass(frozen=True)
class Chunks(ClassCounts):
    """Counts its own updates, not rows."""

    def update(self, state: np.ndarray, chunk: Chunk) -> np.ndarray:
        return state + 1


@dataclass(frozen=True)
class CountsAndDoubles(ClassCounts):
    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, np.ndarray]:
        return {"double": 2 * chunk["labels"]}, self.update(self.init(), chunk)


@pytest.fixture(params=[(1, None), (2, None), (3, 7), (5, 1000)], ids=str)
def _cut(request, monkeypatch) -> None:
    threads, rows = request.param
    monkeypatch.setattr(module, "usual_threads", lambda: threads)
    monkeypatch.setattr(module, "BYTES_WORTH_A_THREAD", 1)
    if rows:
        monkeypatch.setattr(source, "_rows_within", lambda *_: rows)


@pytest.mark.usefixtures("_cut")
def test_answers_stand_in_the_order_of_the_rows() -> None:
    doubled = map_arrays(Doubled(), labels=LABELS)
    assert doubled.dtype == np.int16
    np.testing.assert_array_equal(doubled, np.stack([LABELS, 2 * LABELS], axis=1))


@pytest.mark.usefixtures("_cut")
def test_a_fold_gives_one_answer() -> None:
    np.testing.assert_array_equal(over_arrays(labels=LABELS)(ClassCounts(3)), np.bincount(LABELS))


@pytest.mark.usefixtures("_cut")
def test_several_row_maps_share_a_pass() -> None:
    found, _ = map_and_fold(NamedRows({"one": Doubled(), "other": Doubled()}), labels=LABELS)
    np.testing.assert_array_equal(found["one"], found["other"])
    assert found["one"] is not found["other"]


@pytest.mark.usefixtures("_cut")
def test_answers_and_a_fold_come_from_one_pass() -> None:
    answers, counts = map_and_fold(CountsAndDoubles(3), labels=LABELS)
    np.testing.assert_array_equal(answers["double"], 2 * LABELS)
    np.testing.assert_array_equal(counts, np.bincount(LABELS))


@pytest.mark.usefixtures("_cut")
def test_an_error_in_a_thread_comes_out() -> None:
    with pytest.raises(InputError):
        map_arrays(Failing(), labels=LABELS)


def test_no_rows_have_answers_of_the_right_type() -> None:
    nothing = map_arrays(Doubled(), labels=LABELS[:0])
    assert nothing.shape == (0, 2)
    assert nothing.dtype == np.int16


def test_few_bytes_are_not_worth_a_thread(monkeypatch) -> None:
    alone = "dechaff.core.parts.threaded_map"
    monkeypatch.setattr(alone, lambda work, items, *, threads: map(work, items) if threads == 1 else 1)
    assert len(map_arrays(Doubled(), labels=LABELS)) == 1000


def test_chunks_are_as_large_as_a_large_state() -> None:
    labels = np.zeros(2**18, dtype=np.int64)
    small, large = (int(over_arrays(labels=labels)(Chunks(k))[0]) for k in (2, 2**17))
    assert small > large == 1


def test_chunks_are_cut_by_bytes() -> None:
    wide = source.ArraySource({"probs": np.zeros((500, 5_000), dtype=np.float32)})
    narrow = source.ArraySource({"probs": np.zeros((500, 2), dtype=np.float32)})
    assert len(wide.slices(["probs"])) == 10
    assert len(narrow.slices(["probs"])) == 1
