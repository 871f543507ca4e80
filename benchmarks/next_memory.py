"""Peak memory and time of ``dechaff next`` on pools of growing size, in parts and read at once.

``python -m benchmarks.next_memory [rows …]``, default 250,000, 1,000,000 and 2,000,000. Pools are Parquet of six
columns of numbers and a category, the run an audit of 2,000 rows; each figure is that of a process of its own. *At
once* is the same command without the limit of rows above which a pool is read in parts, up to a million rows. Prints
one table; its files are temporary.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

CHILD = """
import sys, time
from benchmarks._peak_memory import peak_bytes
import dechaff.api.next_run as run
if sys.argv[3] == "at once":
    run.MOST_ROWS = 10**9
start = time.perf_counter()
run.next_of_run(sys.argv[1], sys.argv[2], n=50, threads=1, output=sys.argv[2] + ".csv")
print(time.perf_counter() - start, peak_bytes() / 2**20)
"""
AT_ONCE = 1_000_000


def rows(n: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    numbers = {f"x{at}": rng.normal(size=n).astype(np.float32) for at in range(6)}
    return pl.DataFrame({**numbers, "site": rng.choice(["Bern", "Chur", "Thun"], n)})


def main(sizes: list[int]) -> None:
    import dechaff

    print("| rows | in parts: seconds | MiB | at once: seconds | MiB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        known = rows(2_000, 0)
        known = known.with_columns(
            label=pl.when(pl.col("x0") + pl.col("x1") > 0).then(pl.lit("yes")).otherwise(pl.lit("no"))
        )
        known.write_parquet(place / "known.parquet")
        dechaff.audit(place / "known.parquet", label="label", test_size=0.2, out=place / "run", threads=1)
        for size in sizes:
            rows(size, 1).write_parquet(place / "pool.parquet")
            cells = []
            for way in ("in parts", "at once"):
                if way == "at once" and size > AT_ONCE:
                    cells += ["", ""]
                    continue
                words = [sys.executable, "-c", CHILD, str(place / "run"), str(place / "pool.parquet"), way]
                said = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
                cells += [f"{float(said[0]):.0f}", f"{float(said[1]):,.0f}"]
            print(f"| {size:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [250_000, 1_000_000, 2_000_000])
