"""Label errors in files: time against decoding them twice, memory against the number of rows, cleanlab's batches.

Every measurement is one call in a process of its own; rounds turn through all ways, and medians are printed. CPU time
is user and system of all threads, "resident" the peak of the process, packages included. The Parquet file has float32
columns in row groups of 250,000 rows; beyond five million the rows come again. It is read from the page cache.

    python -m benchmarks.stream_speed [--rounds 3] [--millions 5 20] [--threads 2] [--folder DIR]

The first table is `stream_confident_learning` (joint, scores and flags written) and `stream_label_errors` (the same by
posteriors) beside pyarrow that decodes all columns twice, row group by row group on as many threads. The second is
`find_label_issues_batched` beside cleanlab's, with 100,000 rows a batch, its fastest; how many rows of each differ from
what all rows at once say stands beside.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from benchmarks._peak_memory import peak_bytes

GROUP = 250_000
DISTINCT = 5_000_000
BATCHED = [(1_000_000, 10, "f8"), (1_000_000, 10, "f4")]
WAYS = ("decode twice", "confident learning", "label errors")


def made(n: int, k: int, seed: int, dtype: str = "f4") -> tuple[np.ndarray, np.ndarray]:
    """Labels of which 16 % are wrong, and what a fair model says."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, k, n)
    labels = np.where(rng.random(n) < 0.16, (true + rng.integers(1, 4, n)) % k, true)
    logits = rng.standard_normal((n, k), dtype=np.float32)
    logits[np.arange(n), true] += 3
    probs = np.exp(logits).astype(dtype)
    return labels, probs / probs.sum(axis=1, keepdims=True)


def write(path: Path, n: int, k: int = 10) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    for start in range(0, n, GROUP):
        labels, probs = made(min(GROUP, n - start), k, seed=start % DISTINCT // GROUP)
        table = pa.table({"label": labels, **{str(place): probs[:, place] for place in range(k)}})
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=GROUP)
    assert writer is not None
    writer.close()


def decode_twice(path: Path, out: Path, threads: int) -> None:
    import pyarrow.parquet as pq

    footer = pq.read_metadata(path)  # of many columns, longer to read than a row group

    def decode(group: int) -> None:
        with pq.ParquetFile(path, metadata=footer) as file:
            file.read_row_group(group, use_threads=False)

    groups = footer.num_row_groups
    for _ in range(2):
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(decode, range(groups)))


def confident_learning(path: Path, out: Path, threads: int) -> None:
    import dechaff

    dechaff.labels.stream_confident_learning("label", path, out=out, threads=threads)


def label_errors(path: Path, out: Path, threads: int) -> None:
    import dechaff

    dechaff.labels.stream_label_errors("label", path, out=out, threads=threads)


def batched(ours: bool, n: int, k: int, dtype: str) -> None:
    """One call of either; prints how many rows differ from those of all rows at once."""
    from dechaff.compat.cleanlab.filter import find_label_issues

    labels, probs = made(n, k, 0, dtype)
    exact = find_label_issues(labels, probs, filter_by="low_self_confidence")
    exact &= probs.argmax(axis=1) != labels
    if ours:
        from dechaff.compat.cleanlab.experimental.label_issues_batched import find_label_issues_batched as find
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from cleanlab.experimental.label_issues_batched import find_label_issues_batched as find
    found, cost = timed(lambda: find(labels, probs, batch_size=100_000, verbose=False, return_mask=True))
    print(json.dumps({**cost, "differ": int((found != exact).sum())}))


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    cost = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    return result, {**cost, "resident": peak_bytes() / 2**20}


def in_own_process(*arguments: object) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.stream_speed", "--one", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def one(arguments: list[str]) -> None:
    way, *rest = arguments
    if way in ("ours", "cleanlab"):
        batched(way == "ours", int(rest[0]), int(rest[1]), rest[2])
        return
    path, out, threads = Path(rest[0]), Path(rest[1]), int(rest[2])
    import pyarrow.parquet  # noqa: F401 - its import is nobody's

    work = {"decode twice": decode_twice, "confident learning": confident_learning, "label errors": label_errors}[way]
    _, cost = timed(lambda: work(path, out, threads))
    print(json.dumps(cost))


def files_table(millions: list[int], rounds: int, threads: int, folder: Path) -> None:
    print("| rows | way | wall s | CPU s | CPU, of decoding twice | resident MB |\n|---|---|---|---|---|---|")
    for million in millions:
        path = folder / "rows.parquet"
        write(path, million * 1_000_000)
        costs: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way in WAYS:
                costs[way].append(in_own_process(way, path, folder / "out", threads))
                shutil.rmtree(folder / "out", ignore_errors=True)
        base = [cost["cpu"] for cost in costs[WAYS[0]]]
        for way in WAYS:
            wall, cpu, resident = (median(cost[name] for cost in costs[way]) for name in ("wall", "cpu", "resident"))
            ratio = median(cost["cpu"] / before for cost, before in zip(costs[way], base, strict=True))
            print(f"| {million} million | {way} | {wall:.2f} | {cpu:.2f} | {ratio:.2f} | {resident:.0f} |", flush=True)
        path.unlink()


def batched_table(rounds: int) -> None:
    print(
        "\n| rows × classes | cleanlab wall s (CPU s) | ours | times faster: wall, CPU "
        "| rows that differ: cleanlab, ours |"
    )
    print("|---|---|---|---|---|")
    for n, k, dtype in BATCHED:
        costs: dict[str, list[dict[str, float]]] = {"cleanlab": [], "ours": []}
        for _ in range(rounds):
            for way, found in costs.items():
                found.append(in_own_process(way, n, k, dtype))
        said = {way: {name: median(c[name] for c in found) for name in found[0]} for way, found in costs.items()}
        theirs, ours = said["cleanlab"], said["ours"]
        print(
            f"| {n:,} × {k}, {dtype} | {theirs['wall']:.3f} ({theirs['cpu']:.3f}) "
            f"| {ours['wall']:.4f} ({ours['cpu']:.4f}) "
            f"| {theirs['wall'] / ours['wall']:.1f}, {theirs['cpu'] / ours['cpu']:.1f} "
            f"| {theirs['differ']:.0f}, {ours['differ']:.0f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--millions", type=int, nargs="+", default=[5, 20])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--one", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        one(asked.one)
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        files_table(asked.millions, asked.rounds, asked.threads, Path(name))
    batched_table(asked.rounds)


if __name__ == "__main__":
    main()
