"""The same passes on threads, on Dask and on Ray, with one worker and with two: time, CPU, memory, and equal answers.

Two kinds of work: the two passes of confident learning over a Parquet file (thresholds; then joint and scores, which
are written as Parquet where the rows were read), and work that is computing alone (two row maps and a fold over 100
classes, rows made by the worker from a seed). Every measurement is a process of its own; rounds turn through all
places, and medians are printed. "Start" is the time until the workers answer, "overhead" wall time over that of two
threads, "1 -> 2" the wall time with one worker over that with two. Memory is the largest proportional set size of all
processes together, so that what they share counts once.

    python -m benchmarks.cluster_speed [--rows 20000000] [--rounds 3] [--folder DIR]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

import numpy as np
import polars as pl
import psutil

from dechaff.backends.chosen import chosen_backend
from dechaff.core.backend import Backend
from dechaff.core.fold import NamedRows
from dechaff.core.parts import Parts
from dechaff.core.source import CHUNK_BYTES
from dechaff.methods.label_errors.confident_joint import ConfidentJoint
from dechaff.methods.label_errors.confident_thresholds import ConfidentThresholds
from dechaff.methods.label_errors.label_scores import EntropyDoubt, SelfDoubt
from dechaff.methods.label_errors.noise_posterior import RowErrorOdds
from dechaff.typing import Chunk

K, GROUP = 10, 500_000
PLACES = [("local", 1), ("local", 2), ("dask", 1), ("dask", 2), ("ray", 1), ("ray", 2)]
MADE_ROWS, MADE_CLASSES = 30_000, 100
MADE_PARTS = {"few": 8, "all": 64}
_LOOK = 0.25


@dataclass(frozen=True)
class JointAndDoubt(ConfidentJoint):
    """The second pass: the joint, and the self-confidence of each row."""

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, Any]:
        """Both."""
        return {"score": SelfDoubt().rows(chunk)}, self.update(self.init(), chunk)


@dataclass(frozen=True)
class MadePart:
    """Rows that a worker makes from a seed: nothing is read, and nothing travels."""

    first_row: int
    n_rows: ClassVar[int] = MADE_ROWS

    def chunks(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        """Rows, as many at once as asked for."""
        random = np.random.default_rng(self.first_row)
        step = chunk_bytes // (8 * MADE_CLASSES)
        for start in range(0, MADE_ROWS, step):
            probs = random.random((min(step, MADE_ROWS - start), MADE_CLASSES))
            probs /= probs.sum(axis=1, keepdims=True)
            yield {"labels": random.integers(0, MADE_CLASSES, len(probs)), "probs": probs}


def write_rows(path: Path, n_rows: int, group: int = GROUP) -> None:
    """Float32 probabilities of ten classes, and labels of which a sixth is wrong."""
    import pyarrow.parquet as pq

    random, writer = np.random.default_rng(0), None
    for start in range(0, n_rows, group):
        n = min(group, n_rows - start)
        true = random.integers(0, K, n)
        logits = random.standard_normal((n, K), dtype=np.float32)
        logits[np.arange(n), true] += 3
        probs = np.exp(logits)
        probs /= probs.sum(axis=1, keepdims=True)
        labels = np.where(random.random(n) < 1 / 6, random.integers(0, K, n), true)
        table = pl.DataFrame({f"c{place}": probs[:, place] for place in range(K)} | {"label": labels}).to_arrow()
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def reading(backend: Backend, folder: Path, rows: str) -> list[Any]:
    """Both passes of confident learning; the digest of the scores is a part of the answer."""
    from dechaff.data.streams.frame_files import ParquetSink
    from dechaff.data.streams.label_codes import LabelCodes
    from dechaff.data.streams.label_stream import open_label_stream

    names = [f"c{place}" for place in range(K)]
    source = open_label_stream(folder / f"{rows}.parquet", "label").coded(LabelCodes.of(frozenset(range(K)), K, names))
    with tempfile.TemporaryDirectory(dir=folder) as scores_folder:
        scores = Path(scores_folder)
        thresholds = backend.fold(ConfidentThresholds(K), source)
        _, joint = backend.row_map(JointAndDoubt(thresholds), source, sink=ParquetSink(scores))
        digest = hashlib.sha256()
        for file in sorted(scores.iterdir()):
            digest.update(file.read_bytes())
    return [thresholds.tolist(), joint.tolist(), digest.hexdigest()]


def computing(backend: Backend, folder: Path, rows: str) -> list[Any]:
    """Two scores of made rows, and the joint by their posterior."""
    source = Parts(tuple(MadePart(number * MADE_ROWS) for number in range(MADE_PARTS[rows])))
    flat = np.full((MADE_CLASSES, MADE_CLASSES), 0.1 / MADE_CLASSES) + 0.9 * np.eye(MADE_CLASSES)
    scores, _ = backend.row_map(NamedRows({"doubt": SelfDoubt(), "entropy": EntropyDoubt()}), source)
    joint = backend.fold(RowErrorOdds(1.3, flat), source)
    return [
        float(scores["doubt"].sum()),
        float(scores["entropy"].sum()),
        hashlib.sha256(repr(joint).encode()).hexdigest(),
    ]


WORK: dict[str, Callable[[Backend, Path, str], list[Any]]] = {"reading": reading, "computing": computing}


class Watch:
    """CPU time and the largest memory of this process and all that it has started, as they are looked at."""

    def __init__(self) -> None:
        self.peak, self._cpu, self._stop = 0, {}, threading.Event()
        self._look()
        self._before = dict(self._cpu)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def cpu(self) -> float:
        """Seconds since the watch began."""
        self._stop.set()
        self._thread.join()
        self._look()
        return sum(seconds - self._before.get(process, 0.0) for process, seconds in self._cpu.items())

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK):
            self._look()

    def _look(self) -> None:
        memory, own = 0, psutil.Process()
        for process in [own, *own.children(recursive=True)]:
            try:
                memory += process.memory_full_info().pss
                times = process.cpu_times()
                self._cpu[process.pid] = times.user + times.system
            except psutil.Error:
                continue
        self.peak = max(self.peak, memory)


def measured(work: str, place: str, workers: int, folder: Path) -> dict[str, Any]:
    """One measurement, in this process."""
    started = time.monotonic()
    with chosen_backend(place, threads=workers) as backend:
        WORK[work](backend, folder, "few")  # so that the workers have imported what they need
        began = time.monotonic()
        watch = Watch()
        answer = WORK[work](backend, folder, "all")
        wall = time.monotonic() - began
        cpu = watch.cpu()
    return {"start": began - started, "wall": wall, "cpu": cpu, "memory": watch.peak / 2**20, "answer": answer}


def in_a_process(work: str, place: str, workers: int, folder: Path) -> dict[str, Any]:
    """One measurement, in a process of its own."""
    words = [
        sys.executable,
        "-m",
        "benchmarks.cluster_speed",
        "--one",
        work,
        place,
        str(workers),
        "--folder",
        str(folder),
    ]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def print_table(work: str, costs: dict[tuple[str, int], list[dict[str, Any]]]) -> None:
    def middle(place: tuple[str, int], what: str) -> float:
        return median(cost[what] for cost in costs[place])

    print(f"\n| {work} | start s | wall s | CPU s | memory MB | overhead | 1 -> 2 | same answer |\n|" + "---|" * 8)
    for place, workers in costs:
        wall, alone = middle((place, workers), "wall"), middle((place, 1), "wall")
        over = f"{wall / middle(('local', 2), 'wall'):.2f}" if workers == 2 else ""
        faster = f"{alone / wall:.2f}" if workers == 2 else ""
        same = all(cost["answer"] == costs["local", 1][0]["answer"] for cost in costs[place, workers])
        print(
            f"| {place}, {workers} | {middle((place, workers), 'start'):.1f} | {wall:.2f} "
            f"| {middle((place, workers), 'cpu'):.2f} | {middle((place, workers), 'memory'):.0f} | {over} | {faster} "
            f"| {'yes' if same else 'NO'} |"
        )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--work", nargs="*", choices=list(WORK), default=list(WORK))
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        work, place, workers = chosen.one
        print(json.dumps(measured(work, place, int(workers), chosen.folder)))
        return
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        write_rows(Path(folder) / "few.parquet", 80_000, 10_000)
        write_rows(Path(folder) / "all.parquet", chosen.rows)
        for work in chosen.work:
            costs: dict[tuple[str, int], list[dict[str, Any]]] = {place: [] for place in PLACES}
            for _ in range(chosen.rounds):
                for place, workers in PLACES:
                    costs[place, workers].append(in_a_process(work, place, workers, Path(folder)))
            print_table(f"{work}, {chosen.rows:,} rows" if work == "reading" else work, costs)


if __name__ == "__main__":
    main()
