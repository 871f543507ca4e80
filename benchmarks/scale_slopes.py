"""What a row costs when label errors are found in files, and what ten billion rows of 1,000 classes would come to.

For each number of classes a Parquet file of float32 columns is judged by `stream_label_errors` at two sizes, in a
process of its own each time; the slope between both is the cost of a further row, free of start-up and of most of the
sample that the noise is read from. Decoding the file twice with pyarrow is measured the same way beside it. CPU time is
user and system of all threads. Opening is measured apart, on files of few rows: what it costs to learn from the footers
which row groups there are, of a column per class and of one column of lists.

    python -m benchmarks.scale_slopes [--rounds 3] [--folder DIR] [--classes 10 100 1000]
"""

from __future__ import annotations

import argparse
import pickle
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from benchmarks.stream_speed import in_own_process, made

ROWS = {10: (5_000_000, 15_000_000), 100: (300_000, 900_000), 1_000: (600_000, 1_200_000)}
"""Two sizes for each number of classes, both larger than the sample that the noise is read from: up to 500,000 rows of
1,000 classes."""
FAR, CLASSES = 10**10, 1_000
GROUP_BYTES, GROUP_ROWS = 100_000_000, 250_000
FILES, GROUPS, FEW_ROWS = 60, 10, 20
"""Files that are opened only, and the row groups of each."""


def write(path: Path, n: int, k: int) -> None:
    """A file of n rows in row groups of a hundred megabytes at most; four different groups take turns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    step = min(GROUP_ROWS, GROUP_BYTES // (4 * k))
    groups = [made(step, k, seed) for seed in range(4)]
    writer = None
    for start in range(0, n, step):
        labels, probs = groups[start // step % len(groups)]
        rows = slice(0, min(step, n - start))
        table = pa.table({"label": labels[rows], **{str(place): probs[rows, place] for place in range(k)}})
        writer = writer or pq.ParquetWriter(path, table.schema, use_dictionary=["label"])
        writer.write_table(table, row_group_size=step)
    assert writer is not None
    writer.close()


def measured(path: Path, out: Path, way: str, rounds: int) -> dict[str, float]:
    """Medians of CPU time, wall time and peak memory, and the bytes that were written."""
    costs = []
    for _ in range(rounds):
        cost = in_own_process(way, path, out, 2)
        cost["written"] = sum(file.stat().st_size for file in out.glob("*")) if out.exists() else 0
        shutil.rmtree(out, ignore_errors=True)
        costs.append(cost)
    return {name: median(cost[name] for cost in costs) for name in costs[0]}


def slopes(k: int, rounds: int, folder: Path) -> dict[str, float]:
    """Costs of a further row of k classes."""
    path, found = folder / "rows.parquet", {}
    for n in ROWS[k]:
        write(path, n, k)
        found[n] = {way: measured(path, folder / "out", way, rounds) for way in ("decode twice", "label errors")}
        found[n]["file"] = {"bytes": path.stat().st_size}
        path.unlink()
    few, many = ROWS[k]

    def slope(way: str, what: str) -> float:
        return (found[many][way][what] - found[few][way][what]) / (many - few)

    return {
        "file": slope("file", "bytes"),
        "decode": slope("decode twice", "cpu"),
        "cpu": slope("label errors", "cpu"),
        "wall": slope("label errors", "wall"),
        "written": slope("label errors", "written"),
        "resident": found[many]["label errors"]["resident"],
        "grown": found[many]["label errors"]["resident"] - found[few]["label errors"]["resident"],
    }


def opening(k: int, folder: Path) -> None:
    """Prints what a file and a row group cost the one process that deals out the work."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from dechaff.data.formats import parquet
    from dechaff.data.streams.label_stream import open_label_stream

    parquet._NUMBERS_BYTES = 0  # they stand for large ones, each of which is a part
    labels, probs = made(GROUPS * FEW_ROWS, k, 0)
    tables = {
        "a column per class": pa.table({"label": labels, **{str(place): probs[:, place] for place in range(k)}}),
        "one column of lists": pa.table(
            {"label": labels, "probs": pa.FixedSizeListArray.from_arrays(probs.ravel(), k)}
        ),
    }
    print(f"\n| {k:,} classes | footer, bytes per row group | opening, CPU ms per group | bytes per group in a task |\n"
          "|---|---|---|---|")  # fmt: skip
    for way, table in tables.items():
        files = folder / way.replace(" ", "-")
        files.mkdir()
        for number in range(FILES):
            pq.write_table(table, files / f"{number}.parquet", row_group_size=FEW_ROWS)
        footer = pq.ParquetFile(files / "0.parquet").metadata.serialized_size
        start = time.process_time()
        stream = open_label_stream(files, "label")
        spent, parts = time.process_time() - start, len(stream.rows)
        print(f"| {way} | {footer / GROUPS:,.0f} | {1e3 * spent / parts:.3f} "
              f"| {len(pickle.dumps(stream.rows)) / parts:.0f} |")  # fmt: skip


def main() -> None:
    """Print the slopes and what they come to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--classes", type=int, nargs="*", default=list(ROWS), help="the last of them makes the bill")
    asked = parser.parse_args()
    print("| classes | bytes per row in the file | decoding twice, CPU µs per row | label errors, CPU µs per row "
          "| wall µs | bytes per row written | resident MB (growth) |\n|---|---|---|---|---|---|---|")  # fmt: skip
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        for k in asked.classes:
            one = slopes(k, asked.rounds, Path(name))
            print(f"| {k:,} | {one['file']:.0f} | {1e6 * one['decode']:.2f} | {1e6 * one['cpu']:.2f} "
                  f"| {1e6 * one['wall']:.2f} | {one['written']:.1f} | {one['resident']:.0f} ({one['grown']:+.0f}) |",
                  flush=True)  # fmt: skip
        opening(CLASSES, Path(name))
    print(f"\n{FAR:,} rows of {CLASSES:,} classes at these slopes:")
    for said, value in far(one):
        print(f"- {said}: {value:,.0f}")


def far(one: dict[str, float]) -> list[tuple[str, float]]:
    """The bill of the largest size, by the slopes of the most classes."""
    return [
        ("terabytes of files", FAR * one["file"] / 1e12),
        ("core-hours", FAR * one["cpu"] / 3600),
        ("core-hours of decoding alone", FAR * one["decode"] / 3600),
        ("gigabytes written", FAR * one["written"] / 1e9),
        ("megabytes of a joint", CLASSES**2 * np.dtype(np.int64).itemsize / 1e6),
    ]


if __name__ == "__main__":
    main()
