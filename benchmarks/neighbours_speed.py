"""CPU time, memory and recall of the nearest rows, against the brute force of scikit-learn, which is cleanlab's.

The rows are real texts: paragraphs of the Python source that is installed here, as TF-IDF brought down to 384 or 128
numbers. Ten neighbours by cosine, one thread. Every measurement is one call in a process of its own; rounds turn
through all ways, and medians are printed. The time of scikit-learn is that of one or two of the chunks in which it
works, times the number of chunks (what it does is the same for each); "beside" is the peak of memory beyond the rows.
Recall is the share of the true neighbours of 500 rows, by products in double precision.

    python -m benchmarks.neighbours_speed [--rounds 3] [--folder DIR]
    python -m benchmarks.neighbours_speed --table

`--table` compares the rows of a made table instead, six
numbers with gaps and three categories, column by column; its lists follow that similarity but loosely.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from benchmarks._peak_memory import peak_bytes, peak_bytes_from_here

SHAPES = [(50_000, 384), (200_000, 128)]
TABLE_ROWS, TABLE_KINDS = 40_000, 40
NEIGHBOURS = 10
CHUNK_BYTES = 2**30
"""scikit-learn works in chunks of so many bytes of distances, eight a pair."""
JUDGED = 500
FEWEST_CHARACTERS, MOST_CHARACTERS = 80, 2_000
Outcome = dict[str, Any]


def paragraphs(wanted: int) -> list[str]:
    """Different paragraphs of Python source, drawn from all that is installed."""
    seen: dict[str, None] = {}
    for root in ("purelib", "stdlib"):
        for file in sorted(Path(sysconfig.get_paths()[root]).rglob("*.py")):
            text = file.read_text(encoding="utf-8", errors="ignore")
            seen.update((part[:MOST_CHARACTERS], None) for part in text.split("\n\n") if len(part) >= FEWEST_CHARACTERS)
    everything = list(seen)
    return [everything[row] for row in np.sort(np.random.default_rng(0).permutation(len(everything))[:wanted])]


def make(folder: Path) -> None:
    """The rows of every shape, as float32 files."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.utils.extmath import randomized_svd

    words = TfidfVectorizer(max_features=30_000, sublinear_tf=True, dtype=np.float32, token_pattern=r"[A-Za-z]+")
    tfidf = words.fit_transform(paragraphs(max(n for n, _ in SHAPES)))
    rng = np.random.default_rng(1)
    fitted = tfidf[rng.permutation(tfidf.shape[0])[:30_000]]
    for n, d in SHAPES:
        _, _, axes = randomized_svd(fitted, d, n_iter=2, random_state=0)
        rows = tfidf[np.sort(rng.permutation(tfidf.shape[0])[:n])]
        np.save(folder / f"{n}x{d}.npy", np.ascontiguousarray(rows @ axes.T, dtype=np.float32))


def ours(rows: np.ndarray, exact: bool) -> tuple[Any, float]:
    from dechaff.core.neighbours import Search, cosine_rows, nearest

    found = nearest(cosine_rows(rows), NEIGHBOURS, search=Search(exact_up_to=len(rows) if exact else 0, threads=1))
    return found, 1.0


def scikit_learn(rows: np.ndarray) -> tuple[Any, float]:
    from sklearn.neighbors import NearestNeighbors

    queries = (1 if len(rows) < 100_000 else 2) * (CHUNK_BYTES // (8 * len(rows)))
    model = NearestNeighbors(n_neighbors=NEIGHBOURS, metric="cosine", algorithm="brute", n_jobs=1).fit(rows)
    model.kneighbors(rows[:queries])
    return None, len(rows) / queries


WAYS: dict[str, Callable[[np.ndarray], tuple[Any, float]]] = {
    "scikit-learn, brute force": scikit_learn,
    "dechaff, exact": lambda rows: ours(rows, exact=True),
    "dechaff, inverted lists": lambda rows: ours(rows, exact=False),
}


def measured(file: Path, way: str) -> Outcome:
    """One call on rows that are in memory, in this process."""
    rows = np.load(file)
    small = rows[:600].copy()
    WAYS[way](small)  # what is loaded on first use is not what is measured
    before, started = peak_bytes_from_here(), _cpu()
    found, times = WAYS[way](rows)
    outcome: Outcome = {"cpu": (_cpu() - started) * times, "beside": peak_bytes() - before, "times": times}
    if found is not None:
        outcome |= {"recall": recall(rows, found.similarity), "said": str(found)}
    return outcome


def recall(rows: np.ndarray, similarity: np.ndarray) -> float:
    """Share of the true neighbours of some rows that were found; another row at the same angle is as good."""
    judged = np.random.default_rng(2).choice(len(rows), JUDGED, replace=False)
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
    lengths[lengths == 0] = 1
    hits = 0
    for row in judged:
        cosines = (rows @ rows[row].astype(np.float64)) / lengths / lengths[row]
        cosines[row] = -np.inf
        edge = np.partition(cosines, -NEIGHBOURS)[-NEIGHBOURS]
        hits += int((similarity[row] >= edge - 1e-12).sum())
    return hits / JUDGED / NEIGHBOURS


def _cpu() -> float:
    return time.process_time()


def apart(file: Path, way: str) -> Outcome:
    """The same in a process of its own, with one thread."""
    command = [sys.executable, "-m", "benchmarks.neighbours_speed", "--one", way, "--file", str(file)]
    one = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    done = subprocess.run(command, env=os.environ | one, capture_output=True, text=True, check=True)
    found: Outcome = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(file: Path, ways: list[str], rounds: int) -> None:
    """One row of the table for each way."""
    outcomes: dict[str, list[Outcome]] = {way: [] for way in ways}
    for turn in range(rounds):
        for way in ways:
            if turn and way == "dechaff, exact" and "200000" in file.stem:
                continue  # a minute each
            outcomes[way].append(apart(file, way))
    rival = median(one["cpu"] for one in outcomes[ways[0]])
    for way, all_of_it in outcomes.items():
        one = all_of_it[-1]
        cpu = median(each["cpu"] for each in all_of_it)
        beside = median(each["beside"] for each in all_of_it) / 1e6
        stretched = f" ({one['times']:.0f} times a slice)" if one["times"] > 1 else ""
        found = f"{one['recall']:.4f}" if "recall" in one else "1"
        print(f"| {file.stem} | {way} | {cpu:.1f}{stretched} | {rival / cpu:.0f} x | {beside:.0f} | {found} |")
        if "lists" in one.get("said", ""):
            print(f"|  | says itself: {one['said']} |  |  |  |  |")
        sys.stdout.flush()


def table() -> tuple[np.ndarray, np.ndarray]:
    """Numbers and codes of rows of forty kinds."""
    rng = np.random.default_rng(0)
    kind = rng.integers(0, TABLE_KINDS, TABLE_ROWS)
    numbers = rng.normal(size=(TABLE_ROWS, 6)) + 1.5 * rng.normal(size=(TABLE_KINDS, 6))[kind]
    numbers[rng.random(numbers.shape) < 0.05] = np.nan
    codes = [kind % 7, rng.integers(0, 5, TABLE_ROWS), (kind // 7 + rng.integers(0, 2, TABLE_ROWS)) % 9]
    return numbers, np.stack(codes, axis=1)


def compare_table() -> None:
    """All with all, and by lists, for one, three and ten neighbours."""
    from dechaff.core.neighbours import Search, mixed_rows, nearest

    rows = mixed_rows(*table())
    print("| neighbours | all with all: CPU s | lists: CPU s | recall | says itself |")
    print("|---|---|---|---|---|")
    for count in (1, 3, NEIGHBOURS):
        spent, found = [], []
        for most in (TABLE_ROWS, 0):
            started = _cpu()
            found.append(nearest(rows, count, search=Search(exact_up_to=most, threads=1)))
            spent.append(_cpu() - started)
        true = (found[1].similarity >= found[0].similarity[:, -1:] - 1e-12).mean()
        print(f"| {count} | {spent[0]:.1f} | {spent[1]:.1f} | {true:.4f} | {found[1]} |")
        sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the rows are kept, for another run")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(options.file, options.one)))
        return
    if options.table:
        compare_table()
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        if not all((folder / f"{n}x{d}.npy").exists() for n, d in SHAPES):
            make(folder)
        print("| rows | way | CPU s | against scikit-learn | MB beside | recall |")
        print("|---|---|---|---|---|---|")
        for n, d in SHAPES:
            ways = ["scikit-learn, brute force", "dechaff, exact", "dechaff, inverted lists"]
            compare(folder / f"{n}x{d}.npy", ways, options.rounds)


if __name__ == "__main__":
    main()
