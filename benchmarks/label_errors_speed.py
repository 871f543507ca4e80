"""Time and memory of confident learning and of the default, against cleanlab and against one pass over the array.

Every measurement is one call in a process of its own, since one that has run before has its memory warm (cleanlab's
times are bimodal without that); a call on a few rows comes first, so that nobody is charged for loading himself. Rounds
turn through all ways, and medians are printed. Wall time is with the threads that dechaff takes by itself, one a core.
CPU time is user and system, of children too. "Beside" is the peak of memory beyond the arrays that go in and out, in
multiples of the probabilities. "Passes" is the time of the call, on one core alone, over that of one pass there that
only reads them. Two joints that round equal remainders differently prune a few rows differently; the line under each
table says how many rows differ where both prune by cleanlab's joint. ``DECHAFF_KERNEL`` chooses another kernel than the
best one.

    python -m benchmarks.label_errors_speed [--rounds 3] [--large] [--folder DIR]

`--large` measures 200,000 rows of 5,000 classes instead, float32, in a memory-mapped file of 4 GB; without cleanlab,
which copies the array several times.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

CASES = [
    (50_000, 10, "f8"),
    (1_000_000, 10, "f8"),
    (1_000_000, 10, "f4"),
    (200_000, 100, "f8"),
    (50_000, 1_000, "f8"),
]
FEW_ROWS = 200
LARGE = (200_000, 5_000, "f4")
WRONG = 0.16
Outputs = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """What one call took."""

    cpu: float
    wall: float
    beside: int
    anonymous: int
    one_pass: float


def made(folder: Path, n: int, k: int, dtype: str, seed: int = 0) -> None:
    """Labels of which 16 % are wrong, of skewed classes, seen by a model that takes each class for three others."""
    rng = np.random.default_rng(seed)
    true = rng.choice(k, n, p=rng.dirichlet(np.full(k, 2.0)))
    near = np.stack([rng.permutation(k)[:3] for _ in range(k)])
    labels = np.where(rng.random(n) < WRONG, near[true, rng.integers(0, 3, n)], true)
    np.save(folder / "labels.npy", labels.astype(np.int64))
    probs = np.lib.format.open_memmap(folder / "probs.npy", mode="w+", dtype=dtype, shape=(n, k))
    for start in range(0, n, 10_000):
        rows = slice(start, min(start + 10_000, n))
        probs[rows] = _seen(rng, true[rows], near, k)


def _seen(rng: np.random.Generator, true: np.ndarray, near: np.ndarray, k: int) -> np.ndarray:
    rows = np.arange(len(true))
    logits = rng.normal(size=(len(true), k))
    logits[rows, true] += rng.normal(3 + np.log(k), 1.5, len(true))
    for neighbour in near[true].T:
        logits[rows, neighbour] += rng.normal(np.log(k), 1.0, len(true))
    probs = np.exp(logits)
    return probs / probs.sum(axis=1, keepdims=True)


def cleanlab(n_jobs: int | None) -> Callable[[np.ndarray, np.ndarray], Outputs]:
    """cleanlab's default filter."""
    from cleanlab.filter import find_label_issues

    return lambda labels, probs: {"flag": find_label_issues(labels, probs, n_jobs=n_jobs)}


def joint_and_scores() -> Callable[[np.ndarray, np.ndarray], Outputs]:
    """Thresholds, joint, self-confidence and the class seen in each row; no flags."""
    from dechaff.methods.label_errors.pruning import confident_counts

    def work(labels: np.ndarray, probs: np.ndarray) -> Outputs:
        seen = confident_counts(labels, probs)
        return {"joint": seen.joint, "score": seen.given, "confident": seen.confident, "doubted": seen.doubted}

    return work


def confident_learning() -> Callable[[np.ndarray, np.ndarray], Outputs]:
    """Joint, self-confidence and flags by noise rate: what the functions of `dechaff.compat.cleanlab` call."""
    from dechaff.methods.label_errors.confident_joint import ArgmaxClass, calibrated_joint
    from dechaff.methods.label_errors.prune_counts import prune_counts
    from dechaff.methods.label_errors.pruning import confident_counts, flags_by_noise_rate

    def work(labels: np.ndarray, probs: np.ndarray) -> Outputs:
        seen = confident_counts(labels, probs, confident_class=ArgmaxClass)
        joint = calibrated_joint(seen.joint, seen.class_counts)
        return {"joint": joint, "score": seen.given, "flag": flags_by_noise_rate(seen, prune_counts(joint), 1)}

    return work


def compat() -> Callable[[np.ndarray, np.ndarray], Outputs]:
    """The function of cleanlab's name; flags alone."""
    from dechaff.compat.cleanlab.filter import find_label_issues

    return lambda labels, probs: {"flag": find_label_issues(labels, probs)}


def default() -> Callable[[np.ndarray, np.ndarray], Outputs]:
    """dechaff's own: posterior score, flags, noise matrix with intervals, kind of noise."""
    from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors

    return lambda labels, probs: vars(estimate_label_errors(labels, probs))


WAYS: dict[str, Callable[[], Callable[[np.ndarray, np.ndarray], Outputs]]] = {
    "cleanlab, n_jobs=1": lambda: cleanlab(1),
    "cleanlab, n_jobs left out": lambda: cleanlab(None),
    "dechaff, joint and scores": joint_and_scores,
    "dechaff, confident learning: joint, score, flags": confident_learning,
    "dechaff.compat.cleanlab.find_label_issues": compat,
    "dechaff, default: estimate_label_errors": default,
}
RIVALS = list(WAYS)[:2]


def measure(folder: Path, way: str, mapped: bool) -> None:
    """In a process of its own: one call; prints its cost as JSON and leaves the flags in the folder."""
    warnings.simplefilter("ignore")
    work = WAYS[way]()
    labels = np.load(folder / "labels.npy")
    probs = np.load(folder / "probs.npy", mmap_mode="r" if mapped else None)
    work(labels[:FEW_ROWS] % 10, np.full((FEW_ROWS, 10), 0.1, dtype=probs.dtype))
    one_pass = min(_timed(probs.min) for _ in range(1 if mapped else 3))
    before = _reset_peak()
    with _AnonymousPeak() as anonymous:
        usage, start = _cpu(), time.perf_counter()
        found = work(labels, probs)
        cost = {"cpu": _cpu() - usage, "wall": time.perf_counter() - start}
    outputs = sum(value.nbytes for value in found.values() if isinstance(value, np.ndarray))
    cost |= {"beside": max(0, _status("VmHWM") - before - outputs), "anonymous": anonymous.grown, "one_pass": one_pass}
    np.save(folder / f"{list(WAYS).index(way)}.npy", found.get("flag", np.zeros(0, dtype=bool)))
    print(json.dumps(cost))


class _AnonymousPeak:
    """How far anonymous memory grows; the pages of a mapped file are not part of it."""

    def __enter__(self) -> _AnonymousPeak:
        self._start = self._most = _status("RssAnon")
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look)
        self._watch.start()
        return self

    def _look(self) -> None:
        while not self._done.wait(0.02):
            self._most = max(self._most, _status("RssAnon"))

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()

    @property
    def grown(self) -> int:
        return self._most - self._start


def _reset_peak() -> int:
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measured(folder: Path, way: str, *, mapped: bool = False, alone: bool = False) -> Cost:
    """The cost of one call in a fresh process; `alone` on one core."""
    command = [sys.executable, "-m", __spec__.name, "--measure", way, "--folder", str(folder)]
    options = [*["--mapped"] * mapped, *["--alone"] * alone]
    done = subprocess.run([*command, *options], check=True, capture_output=True, text=True)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def print_case(folder: Path, case: tuple[int, int, str], rounds: int) -> None:
    """The table of one array."""
    n, k, dtype = case
    made(folder, n, k, dtype)
    size = n * k * np.dtype(dtype).itemsize
    costs: dict[str, list[Cost]] = {way: [] for way in WAYS}
    alone: dict[str, list[Cost]] = {way: [] for way in WAYS if way not in RIVALS}
    for _ in range(rounds):
        for way in WAYS:
            costs[way].append(measured(folder, way))
        for way in alone:
            alone[way].append(measured(folder, way, alone=True))
    one_pass = median(cost.one_pass for several in alone.values() for cost in several)
    rival = {
        name: min(median(getattr(cost, name) for cost in costs[way]) for way in RIVALS) for name in ("cpu", "wall")
    }
    flags = [np.load(folder / f"{at}.npy") for at in range(len(WAYS))]
    print(f"\n{n:,} × {k:,} {np.dtype(dtype)}, {size / 1e6:.0f} MB; one pass {one_pass * 1e3:.0f} ms\n")
    print(
        "| way | wall ms | CPU ms | cleanlab's wall / this | cleanlab's CPU / this | passes | beside | flags | other |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for way, flag in zip(WAYS, flags, strict=True):
        cpu, wall, beside = (median(getattr(cost, name) for cost in costs[way]) for name in ("cpu", "wall", "beside"))
        passes = f"{median(cost.wall for cost in alone[way]) / one_pass:.1f}" if way in alone else ""
        print(
            f"| {way} | {wall * 1e3:.1f} | {cpu * 1e3:.1f} | {rival['wall'] / wall:.1f} | {rival['cpu'] / cpu:.1f} "
            f"| {passes} | {beside / size:.2f} "
            + (f"| {flag.sum():,} | {(flag != flags[0]).sum():,} |" if len(flag) else "| | |"),
            flush=True,
        )

    print(f"\nflags that differ where both prune by cleanlab's joint: {_other_flags(folder)}", flush=True)


def _other_flags(folder: Path) -> int:
    from cleanlab.count import compute_confident_joint
    from cleanlab.filter import find_label_issues as theirs

    from dechaff.compat.cleanlab.filter import find_label_issues as ours

    labels, probs = np.load(folder / "labels.npy"), np.load(folder / "probs.npy")
    joint = compute_confident_joint(labels, probs)
    warnings.simplefilter("ignore")  # of each class that is too small to prune
    return int((ours(labels, probs, confident_joint=joint) != theirs(labels, probs, n_jobs=1)).sum())


def print_large(folder: Path) -> None:
    """Confident learning on the memory-mapped array."""
    n, k, dtype = LARGE
    made(folder, n, k, dtype)
    cost = measured(folder, "dechaff, confident learning: joint, score, flags", mapped=True)
    print(
        f"\n{n:,} × {k:,} {np.dtype(dtype)}, memory-mapped: {cost.cpu:.1f} s CPU, {cost.wall:.1f} s wall, "
        f"{cost.cpu / cost.one_pass:.1f} passes; anonymous memory grew by {cost.anonymous / 1e6:.0f} MB"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--measure", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--mapped", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if asked.measure:
        measure(asked.folder, asked.measure, asked.mapped)
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        if asked.large:
            print_large(Path(folder))
            return
        for case in CASES:
            print_case(Path(folder), case, asked.rounds)


if __name__ == "__main__":
    main()
