"""How time and memory of the whole audit grow with the rows: texts of about 30 words, and a table of 20 columns.

Every audit is one process of the command line, from reading the file to the report. Prints one table;
``--phases`` adds where the time goes. ``--sets`` and ``--rows`` choose among the rows of the table.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks._made_data import write_table, write_texts

DECHAFF = Path(sys.executable).with_name("dechaff")
SETS: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "texts": ("texts of 20 to 40 words, 4 classes", write_texts),
    "table": ("table of 20 columns, 4 classes", write_table),
}
ROWS = (10_000, 30_000, 100_000)


@dataclass(frozen=True)
class Cost:
    """Of one process: ``peak`` is the largest resident memory in GiB, ``phases`` the seconds of each step."""

    wall: float
    cpu: float
    peak: float
    phases: dict[str, float]


def cost_of(command: list[str]) -> Cost:
    """Run a command; the lines of its progress on stderr say when a step begins."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    begun, said = [("start-up and reading", start)], []
    for line in process.stderr:
        said.append(line)
        if line.rstrip().endswith(" …"):
            begun.append((line.rstrip()[:-2], time.monotonic()))
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{''.join(said)}")
    stop = time.monotonic()
    ends = [moment for _, moment in begun[1:]] + [stop]
    phases: dict[str, float] = {}
    for (step, moment), end in zip(begun, ends, strict=True):
        name = step.split(":")[0]
        phases[name] = phases.get(name, 0.0) + end - moment
    return Cost(stop - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20, phases)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="*", choices=list(SETS), default=list(SETS))
    parser.add_argument("--rows", nargs="*", type=int, default=list(ROWS))
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--phases", action="store_true")
    chosen = parser.parse_args()
    print(
        "| data | rows | wall | CPU | peak memory | CPU per row, against the fewest rows |\n|---|---|---|---|---|---|"
    )
    told: list[str] = []
    with TemporaryDirectory() as folder:
        for name in chosen.sets:
            words, write = SETS[name]
            first = 0.0
            for n_rows in chosen.rows:
                path = Path(folder) / f"{name}_{n_rows}.csv"
                write(path, n_rows)
                cost = cost_of([str(DECHAFF), "audit", str(path), "--label", "label", "--threads", str(chosen.threads)])
                first = first or cost.cpu / n_rows
                print(
                    f"| {words} | {n_rows:,} | {cost.wall:.0f} s | {cost.cpu:.0f} s | {cost.peak:.2f} GiB "
                    f"| {cost.cpu / n_rows / first:.2f} |",
                    flush=True,
                )
                phases = ", ".join(f"{step} {seconds:.0f} s" for step, seconds in cost.phases.items())
                told.append(f"{name}, {n_rows:,} rows: {phases}")
    if chosen.phases:
        print("", *told, sep="\n")


if __name__ == "__main__":
    main()
