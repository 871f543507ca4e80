"""Peak memory and time of ``dechaff next`` and ``dechaff engine`` on files of growing size, in parts and at once.

``python -m benchmarks.next_memory [next | mine | ask] [rows …]``, default next, and 250,000, 1,000,000 and 2,000,000
rows. Pools are Parquet of six
columns of numbers and a category, the run an audit of 2,000 rows; each figure is that of a process of its own. *At
once* is the same command without the limit of rows above which a pool is read in parts, up to a million rows; for
*mine* and *ask* it reads the file as one part. The engine's training rows lack half of one class, and a fiftieth of the
served rows have outcomes. Prints one table; its files are temporary.
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
import dechaff.data.formats.parquet as parquet
from dechaff.engine import Engine
what, folder, rows, way = sys.argv[1:]
if way == "at once":
    run.MOST_ROWS = parquet.PART_ROWS = 10**9
start = time.perf_counter()
if what == "next":
    run.next_of_run(folder, rows, n=50, threads=1, output=rows + ".csv")
elif what == "mine":
    Engine(folder).mine(rows)
else:
    Engine(folder).ask(rows, n=50, output=rows + ".csv")
print(time.perf_counter() - start, peak_bytes() / 2**20)
"""
AT_ONCE = 1_000_000


def rows(n: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    numbers = {f"x{at}": rng.normal(size=n).astype(np.float32) for at in range(6)}
    return pl.DataFrame({**numbers, "site": rng.choice(["Bern", "Chur", "Thun"], n)})


def labelled(n: int, seed: int) -> pl.DataFrame:
    yes = (pl.col("x0") + pl.col("x1") > 0) & ((pl.col("x2") > 0) | (pl.col("site") == "Bern"))
    return rows(n, seed).with_columns(label=pl.when(yes).then(pl.lit("yes")).otherwise(pl.lit("no")))


def begin(what: str, place: Path) -> None:
    """The run or the engine, in the folder ``run``."""
    import dechaff
    from dechaff.engine import new_engine

    known = labelled(2_000, 0)
    if what == "next":
        known.write_parquet(place / "known.parquet")
        dechaff.audit(place / "known.parquet", label="label", test_size=0.2, out=place / "run", threads=1)
        return
    known.filter((pl.col("x2") > 0) | (pl.col("label") == "no")).write_parquet(place / "known.parquet")
    labelled(800, 2).write_parquet(place / "sealed.parquet")
    labelled(2_000, 3).write_parquet(place / "first.parquet")
    engine = new_engine(place / "run", place / "known.parquet", test=place / "sealed.parquet", label="label", threads=1)
    engine.mine(place / "first.parquet")


def write(what: str, size: int, path: Path) -> None:
    """A pool, or served rows of which one in fifty has an outcome."""
    if what == "mine":
        labelled(size, 1).with_columns(pl.when(pl.int_range(pl.len()) % 50 == 0).then("label")).write_parquet(path)
    else:
        rows(size, 1).write_parquet(path)


def main(what: str, sizes: list[int]) -> None:
    print(f"dechaff {what}\n")
    print("| rows | in parts: seconds | MiB | at once: seconds | MiB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        begin(what, place)
        for size in sizes:
            write(what, size, place / "pool.parquet")
            cells = []
            for way in ("in parts", "at once"):
                if way == "at once" and size > AT_ONCE:
                    cells += ["", ""]
                    continue
                words = [sys.executable, "-c", CHILD, what, str(place / "run"), str(place / "pool.parquet"), way]
                said = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
                cells += [f"{float(said[0]):.0f}", f"{float(said[1]):,.0f}"]
            print(f"| {size:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    asked = [one for one in sys.argv[1:] if not one.isdigit()] or ["next"]
    for one in asked:
        main(one, [int(size) for size in sys.argv[1:] if size.isdigit()] or [250_000, 1_000_000, 2_000_000])
