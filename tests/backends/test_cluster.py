"""What holds on Dask as on Ray, in real worker processes."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from dechaff.backends import local
from dechaff.backends.cluster import ClusterBackend, bucket_state, partitioned_by_key
from dechaff.core.backend import Backend, bound
from dechaff.core.codes import ClassCounts
from dechaff.core.files import write_whole
from dechaff.core.fold import NamedRows
from dechaff.core.source import CHUNK_BYTES, ArraySource, Part
from dechaff.errors import InputError, RunError
from dechaff.methods.label_errors.confident_joint import ConfidentJoint
from dechaff.methods.label_errors.label_scores import SelfDoubt
from dechaff.methods.label_errors.noise_posterior import RowErrorOdds
from dechaff.typing import Chunk
from tests.backends.test_local import Concatenation
from tests.clusters import CLUSTERS, on
from tests.laws.cases import columns
from tests.laws.same import assert_same

DOUBT = NamedRows({"score": SelfDoubt()})


@pytest.fixture(params=CLUSTERS)
def cluster(request: pytest.FixtureRequest) -> Backend:
    return on(request.param, request)


@dataclass(frozen=True)
class GroupSizes:
    """The number of groups and the sum of their squared sizes: both wrong where a group is cut."""

    columns: ClassVar[tuple[str, ...]] = ("labels",)
    keyed_by: ClassVar[str | None] = "task"

    def init(self) -> np.ndarray:
        return np.zeros(2, dtype=int)

    def update(self, state: np.ndarray, chunk: Chunk) -> np.ndarray:
        sizes = np.unique(chunk["labels"], return_counts=True)[1]
        return state + np.array([len(sizes), int((sizes**2).sum())])

    def merge(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return left + right

    def finalize(self, state: np.ndarray) -> list[int]:
        return state.tolist()


@dataclass(frozen=True)
class AtOnce:
    """A cluster of any number of workers in this process, whose tasks are said to end in any order."""

    n_workers: int
    seed: int

    def submit(self, function: Any, *arguments: Any) -> Any:
        return function(*arguments)

    def submit_many(self, function: Any, *arguments: Any, outputs: int) -> list[Any]:
        answers = list(function(*arguments))
        assert len(answers) == outputs
        return answers

    def finished(self, futures: Sequence[Any]) -> Iterator[int]:
        yield from np.random.default_rng(self.seed).permutation(len(futures)).tolist()

    def results(self, futures: Sequence[Any]) -> list[Any]:
        return list(futures)

    def cancel(self, futures: Sequence[Any]) -> None:
        raise AssertionError("nothing has failed")


@dataclass(frozen=True)
class FloatSums(ClassCounts):
    """Sums whose last digits show the shape of the tree of merges."""

    def update(self, state: Any, chunk: Chunk) -> Any:
        return state + chunk["labels"].sum()


@dataclass(frozen=True)
class FolderSink:
    """One file a part."""

    folder: Path

    def write(self, part: Part, columns: Chunk) -> None:
        write_whole(self._file(part), pickle.dumps((os.getpid(), dict(columns))))

    def read(self) -> list[tuple[int, Chunk]]:
        return [pickle.loads(file.read_bytes()) for file in sorted(self.folder.iterdir())]

    def _file(self, part: Part) -> Path:
        return self.folder / f"{part.first_row:06}"


@dataclass(frozen=True)
class TrappedPart:
    """A part that does something to the worker which reads it, as long as its file is there."""

    part: Part
    fuse: Path
    keeps: bool
    at_home: int = field(default_factory=os.getpid)

    @property
    def first_row(self) -> int:
        return self.part.first_row

    @property
    def n_rows(self) -> int:
        return self.part.n_rows

    def chunks(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        yield from self.part.chunks(columns, chunk_bytes=chunk_bytes)
        if self.fuse.exists() and os.getpid() != self.at_home:
            if not self.keeps:
                self.fuse.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Trapped(ArraySource):
    """A source one of whose parts kills its worker: once, or each time."""

    fuse: Path = Path()
    keeps: bool = False

    def parts(self) -> list[Any]:
        parts: list[Any] = list(super().parts())
        middle = len(parts) // 2
        parts[middle] = TrappedPart(parts[middle], self.fuse, self.keeps)
        return parts


def trapped(tmp_path: Path, *, keeps: bool = False) -> tuple[ArraySource, Trapped]:
    """A source, and one of the same rows whose middle part is deadly."""
    source, fuse = ArraySource(columns(0).arrays, chunk_rows=20), tmp_path / "fuse"
    fuse.touch()
    return source, Trapped(source.arrays, 20, fuse, keeps)


@pytest.mark.parametrize("chunk_rows", [1, 3, 50, 1000])
def test_states_are_merged_in_the_order_of_the_source(cluster: Backend, chunk_rows: int) -> None:
    source = ArraySource({"labels": np.arange(100)}, chunk_rows)
    assert cluster.fold(Concatenation(), source) == tuple(range(100))


def test_sums_of_floats_have_the_same_bits_as_on_threads(cluster: Backend) -> None:
    source = ArraySource({"labels": np.random.default_rng(0).lognormal(0, 9, 1000)}, chunk_rows=3)
    assert_same(cluster.fold(FloatSums(1), source), local.fold(FloatSums(1), source))


@pytest.mark.parametrize("n_workers", [1, 2, 3, 5, 9, 40])
def test_the_number_of_workers_and_the_order_of_their_answers_move_no_bit(n_workers: int) -> None:
    data, told = columns(0), []
    source = ArraySource(data.arrays | {"labels": np.random.default_rng(0).lognormal(0, 9, 400)}, chunk_rows=3)
    cluster = AtOnce(n_workers, seed=n_workers)
    backend = bound(ClusterBackend(nullcontext), cluster=cluster)
    assert_same(backend.fold(FloatSums(1), source, rows_done=told.append), local.fold(FloatSums(1), source))
    assert sum(told) == 400
    source, verdicts = ArraySource(data.arrays, chunk_rows=3), RowErrorOdds(1.3, data.transition)
    (answers, joint), (expected, same) = (
        backend.row_map(verdicts, source, rows_done=told.append),
        local.row_map(verdicts, source),
    )
    assert_same(joint, same)
    for name in expected:
        assert_same(answers[name], expected[name])


def test_no_rows_give_the_answers_of_nothing(cluster: Backend) -> None:
    source = ArraySource({"labels": np.empty(0, dtype=int), "probs": np.empty((0, 2))})
    assert cluster.fold(ClassCounts(2), source).tolist() == [0, 0]
    assert cluster.row_map(DOUBT, source)[0]["score"].shape == (0,)


def test_answers_and_the_result_of_the_fold_come_in_one_pass(cluster: Backend) -> None:
    data = columns(0)
    source, verdicts = ArraySource(data.arrays, chunk_rows=30), RowErrorOdds(1.3, data.transition)
    (answers, joint), (expected, same) = cluster.row_map(verdicts, source), local.row_map(verdicts, source)
    assert_same(joint, same)
    assert list(answers) == list(expected)
    for name in answers:
        assert_same(answers[name], expected[name])


def test_workers_write_what_a_sink_takes(cluster: Backend, tmp_path: Path) -> None:
    source, sink = ArraySource(columns(0).arrays, chunk_rows=30), FolderSink(tmp_path)
    assert cluster.row_map(DOUBT, source, sink=sink) == ({}, None)
    written = sink.read()
    scores = np.concatenate([some["score"] for _, some in written])
    np.testing.assert_array_equal(scores, local.row_map(DOUBT, source)[0]["score"])
    assert os.getpid() not in {writer for writer, _ in written}


def test_the_rows_that_are_finished_are_told(cluster: Backend) -> None:
    told: list[int] = []
    source = ArraySource({"labels": np.zeros(1000, dtype=int), "task": np.zeros(1000, dtype=int)}, chunk_rows=7)
    cluster.fold(ClassCounts(1), source, rows_done=told.append)
    assert sum(told) == 1000
    cluster.fold(GroupSizes(), source, rows_done=told.append)
    assert sum(told) == 2000


@pytest.mark.parametrize("as_text", [False, True], ids=["numbers", "texts"])
def test_groups_stay_whole(cluster: Backend, as_text: bool) -> None:
    task = np.random.default_rng(0).integers(0, 60, 500)
    keys = np.array([f"task {number}" for number in task], dtype=object) if as_text else task
    source = ArraySource({"labels": task, "task": keys}, chunk_rows=7)
    sizes = np.bincount(task)
    assert cluster.fold(GroupSizes(), source) == [60, int((sizes**2).sum())]


def test_no_worker_gets_more_parts_or_rows_of_a_key_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    task = np.random.default_rng(0).integers(0, 60, 500)
    source, sizes = ArraySource({"labels": task, "task": task}, chunk_rows=5), list[int]()
    of_bucket = bucket_state
    monkeypatch.setattr(
        "dechaff.backends.cluster.bucket_state",
        lambda fold, *pieces: sizes.append(len(pieces)) or of_bucket(fold, *pieces),
    )
    told: list[int] = []
    backend = bound(ClusterBackend(nullcontext), cluster=AtOnce(1, 0))
    groups, squares = backend.fold(GroupSizes(), source, rows_done=told.append)
    assert (groups, squares, sum(told)) == (60, int((np.bincount(task) ** 2).sum()), 500)
    assert sizes == [13] * 13  # of 100 parts, eight a bucket


def test_rows_are_dealt_by_their_key_alone() -> None:
    source = ArraySource({"task": np.arange(40) % 10, "row": np.arange(40)}, chunk_rows=6)
    dealt = partitioned_by_key(source.parts(), ["task", "row"], "task", 3)
    assert sorted(np.concatenate([piece["row"] for piece in dealt])) == list(range(40))
    assert sum(len(np.unique(piece["task"])) for piece in dealt) == 10
    assert all((np.diff(piece["row"][piece["task"] == piece["task"][0]]) > 0).all() for piece in dealt)


def test_what_a_worker_raises_arrives_as_it_was_raised(cluster: Backend) -> None:
    source = ArraySource({"labels": np.zeros(100, dtype=int)}, chunk_rows=3)
    with pytest.raises(InputError, match=r"the column probs must be in the source; found labels") as raised:
        cluster.fold(ConfidentJoint(columns(0).thresholds), source)
    assert raised.value.fix == "Pass it by name."
    assert cluster.fold(ClassCounts(1), source).tolist() == [100]


def test_a_fold_outlives_a_worker_that_is_killed(cluster: Backend, tmp_path: Path) -> None:
    source, deadly = trapped(tmp_path)
    joint = ConfidentJoint(columns(0).thresholds)
    assert_same(cluster.fold(joint, deadly), local.fold(joint, source))
    assert not deadly.fuse.exists()


def test_answers_outlive_a_worker_that_is_killed(cluster: Backend, tmp_path: Path) -> None:
    source, deadly = trapped(tmp_path)
    expected = local.row_map(DOUBT, source)[0]["score"]
    assert_same(cluster.row_map(DOUBT, deadly)[0]["score"], expected)
    assert not deadly.fuse.exists()


def test_written_answers_outlive_a_worker_that_is_killed(cluster: Backend, tmp_path: Path) -> None:
    source, deadly = trapped(tmp_path)
    sink = FolderSink(tmp_path / "answers")
    sink.folder.mkdir()
    cluster.row_map(DOUBT, deadly, sink=sink)
    assert not deadly.fuse.exists()
    scores = np.concatenate([some["score"] for _, some in sink.read()])
    np.testing.assert_array_equal(scores, local.row_map(DOUBT, source)[0]["score"])


def test_groups_stay_whole_though_a_worker_is_killed(cluster: Backend, tmp_path: Path) -> None:
    task = np.arange(200) % 13
    _, deadly = trapped(tmp_path)
    deadly = replace(deadly, arrays={"labels": task, "task": task})
    assert cluster.fold(GroupSizes(), deadly)[0] == 13
    assert not deadly.fuse.exists()


def test_rows_that_kill_every_worker_end_in_an_error_that_says_so(cluster: Backend, tmp_path: Path) -> None:
    source, deadly = trapped(tmp_path, keeps=True)
    with pytest.raises(RunError, match="workers died 4 times on one task"):
        cluster.fold(ClassCounts(4), deadly)
    assert_same(cluster.fold(ClassCounts(4), source), local.fold(ClassCounts(4), source))
