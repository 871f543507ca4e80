"""The whole audit of texts that need not fit into memory: time, and the peak memory of the process and its children.

Texts of about 30 words are put together from real sentences of four kinds (praise, complaints, plots, requests), which
are read from the data beside the project each time; one label in twelve is swapped, 1 % of the rows repeat another one,
1 % repeat one but for two words. Each audit is one process of the command line under ``--memory``, from reading the
file to the report; the kernel refuses it more private memory than that (RLIMIT_DATA), and the resident memory of the
whole tree of processes is looked at ten times a second. Prints one table.

``--table`` audits tables of 20 columns instead. ``--speed`` audits a table of 2,000,000 rows and 20 columns, and
300,000 texts, on one thread and on two, one after the other; prints the wall times, their ratio, and whether the run
folders hold the same bytes.

``--wide`` audits a CSV of 30 columns and ``--gigabytes``, then writes the improved file with ``dechaff apply``, and the
decisions; prints time and peak of each.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

DECHAFF = Path(sys.executable).with_name("dechaff")
SHARED = Path(os.environ.get("DECHAFF_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
ROWS = (100_000, 500_000)
KINDS = ("praise", "complaint", "plot", "request")
SWAPPED, COPIES, NEAR_COPIES = 1 / 12, 0.01, 0.01
_WIDE_STEP = 50_000
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Cost:
    """Of one audit: seconds, the largest sum of resident memory in GiB, and how many flagged labels are swapped."""

    wall: float
    cpu: float
    peak: float
    precision: float
    recall: float


def sentences() -> dict[str, list[str]]:
    """Real sentences of each kind, a few words at least."""
    reviews = pl.read_parquet(SHARED / "imdb_test" / "reviews.parquet")
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for review, is_good in zip(reviews["text"].to_list(), (reviews["label"] == 1).to_list(), strict=True):
        plain = re.sub(r"<br\s*/?>", " ", review)
        found["praise" if is_good else "complaint"] += _SENTENCE.split(plain)
    plots = pl.read_csv(SHARED / "text_subjectivity" / "data.csv.gz")
    found["plot"] = plots.filter(pl.col("label") == 0)["text"].to_list()
    found["request"] = pl.read_csv(SHARED / "text_clinc150" / "data.csv.gz")["text"].to_list()
    return {kind: [" ".join(one.split()) for one in some if len(one.split()) > 4] for kind, some in found.items()}


def write_rows(path: Path, n_rows: int, *, seed: int = 0) -> set[int]:
    """The file, and which of its labels are swapped."""
    rng = np.random.default_rng(seed)
    pools = sentences()
    kinds = rng.integers(len(KINDS), size=n_rows)
    texts: list[str] = []
    for kind in kinds.tolist():
        pool, words = pools[KINDS[kind]], []
        while len(words) < 24:
            words += pool[int(rng.integers(len(pool)))].split()
        texts.append(" ".join(words[:40]))
    swapped = rng.random(n_rows) < SWAPPED
    given = np.where(swapped, (kinds + rng.integers(1, len(KINDS), size=n_rows)) % len(KINDS), kinds)
    draw = rng.random(n_rows)
    for row in np.flatnonzero(draw < COPIES + NEAR_COPIES).tolist():
        other = int(rng.integers(n_rows))
        texts[row] = texts[other] if draw[row] < COPIES else f"{texts[other]} that was all"
        given[row], swapped[row] = given[other], swapped[other]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "label"])
        writer.writerows((text, KINDS[label]) for text, label in zip(texts, given.tolist(), strict=True))
    return set(np.flatnonzero(swapped).tolist())


def write_table(path: Path, n_rows: int, *, seed: int = 0) -> set[int]:
    """A table of 14 numbers and 6 categories, and which of its labels are swapped; 1 % of the rows repeat another."""
    rng = np.random.default_rng(seed)
    true = rng.integers(3, size=n_rows)
    swapped = rng.random(n_rows) < SWAPPED
    columns: dict[str, np.ndarray] = {
        f"x{place}": (rng.normal(size=n_rows) + 1.2 * (place < 5) * (true == place % 3)).round(4) for place in range(14)
    }
    for place in range(6):
        kinds = rng.integers(8, size=n_rows)
        kinds = np.where((rng.random(n_rows) < 0.5) & (place < 2), (true + place) % 3, kinds)
        columns[f"c{place}"] = np.array([f"kind {kind}" for kind in range(8)])[kinds]
    columns["label"] = np.array(["low", "middle", "high"])[np.where(swapped, (true + 1) % 3, true)]
    copies = rng.integers(n_rows, size=n_rows // 100)
    rows = np.arange(n_rows)
    rows[: len(copies)] = copies
    pl.DataFrame(columns)[rows].write_csv(path)
    return set(np.flatnonzero(swapped[rows]).tolist())


def write_wide(path: Path, n_bytes: float, *, seed: int = 0) -> int:
    """A table of 23 numbers, 6 categories and a label, one in twelve swapped, of this size; the number of its rows."""
    rng, n_rows = np.random.default_rng(seed), 0
    with path.open("wb") as file:
        while file.tell() < n_bytes:
            true = rng.integers(3, size=_WIDE_STEP)
            given = np.where(rng.random(_WIDE_STEP) < SWAPPED, (true + 1) % 3, true)
            columns: dict[str, np.ndarray] = {
                f"x{place}": rng.normal(size=_WIDE_STEP) + 1.2 * (place < 5) * (true == place % 3)
                for place in range(23)
            }
            for place in range(6):
                kinds = rng.integers(8, size=_WIDE_STEP)
                kinds = np.where((rng.random(_WIDE_STEP) < 0.5) & (place < 2), (true + place) % 3, kinds)
                columns[f"c{place}"] = np.array([f"kind {kind}" for kind in range(8)])[kinds]
            columns["label"] = np.array(["low", "middle", "high"])[given]
            pl.DataFrame(columns).write_csv(file, include_header=not n_rows)
            n_rows += _WIDE_STEP
    return n_rows


def audit_and_apply(folder: Path, gigabytes: float, memory: str) -> None:
    """Print one line for the audit of a wide file, one for `apply`, and one for the export of its decisions."""
    path, run = folder / "wide.csv", folder / "wide.dechaff"
    n_rows = write_wide(path, gigabytes * 10**9)
    steps = {
        "audit": ["audit", str(path), "--label", "label", "--out", str(run), "--memory", memory, "--policy", "bold"],
        "apply": ["apply", str(run), "-o", str(folder / "improved.csv")],
        "export of decisions": ["apply", str(run), "--export-decisions", str(folder / "decisions.csv")],
    }
    print("| step | rows | file | wall | peak resident | of changes |")
    print("|---|---|---|---|---|---|")
    for step, words in steps.items():
        wall, peak = watched([str(DECHAFF), *words], resource.RLIM_INFINITY, quiet=True)
        listed = folder / "improved.changes.csv"
        changes = pl.scan_csv(listed).select(pl.len()).collect().item() if listed.exists() else 0
        size = path.stat().st_size / 10**6
        print(
            f"| {step} | {n_rows:,} | {size:,.0f} MB | {wall:.0f} s | {peak / 10**9:.2f} GB | {changes:,} |", flush=True
        )


def fingerprint(run: Path) -> str:
    """The hash of what a run folder holds, but for the options with their times and the report that shows them."""
    whole = hashlib.sha256()
    for file in sorted(run.rglob("*")):
        if (file.is_file() and file.suffix in (".parquet", ".npz")) or file.name == "examples.json":
            whole.update(file.read_bytes())
    return whole.hexdigest()


def compare_threads(memory: str, table_rows: int, text_rows: int) -> None:
    """Print one line for each source: one thread against two."""
    print("| source | 1 thread | 2 threads | ratio | CPU | peak resident | same bytes |")
    print("|---|---|---|---|---|---|---|")
    used = 0.0
    with TemporaryDirectory() as folder:
        for name, write, n_rows in (("table", write_table, table_rows), ("texts", write_rows, text_rows)):
            path = Path(folder) / f"{name}.csv"
            swapped, costs, prints = write(path, n_rows), [], []
            for threads in (1, 2):
                costs.append(cost_of(path, memory, resource.RLIM_INFINITY, swapped, threads=threads, quiet=True))
                prints.append(fingerprint(path.with_suffix(".dechaff")))
                shutil.rmtree(path.with_suffix(".dechaff"))
            one, two = costs
            print(
                f"| {name}, {n_rows:,} rows | {one.wall:.0f} s | {two.wall:.0f} s | {one.wall / two.wall:.2f} "
                f"| {one.cpu - used:.0f} s, {two.cpu - one.cpu:.0f} s | {one.peak:.2f}, {two.peak:.2f} GiB "
                f"| {'yes' if prints[0] == prints[1] else 'NO'} |",
                flush=True,
            )
            used = two.cpu


def cost_of(path: Path, memory: str, limit: int, swapped: set[int], *, threads: int, quiet: bool) -> Cost:
    """One audit, its time and its largest memory."""
    run = path.with_suffix(".dechaff")
    # A pattern, as for several files.
    pattern = str(path.with_suffix(".cs?"))
    command = [str(DECHAFF), "audit", pattern, "--label", "label", "--out", str(run)]
    command += ["--memory", memory, "--threads", str(threads)]
    wall, peak = watched([*command, "--json"], limit, quiet=quiet)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = pl.read_parquet(run / "findings.parquet").filter(pl.col("code") == "L001")["row"]
    flagged = {int(row) for row in found.to_list()}
    hits = len(flagged & swapped)
    cpu = used.ru_utime + used.ru_stime
    return Cost(wall, cpu, peak / 2**30, hits / max(len(flagged), 1), hits / max(len(swapped), 1))


def watched(command: list[str], limit: int, *, quiet: bool) -> tuple[float, int]:
    """Seconds and the largest resident memory of a command, with its children."""
    start, peak = time.monotonic(), 0
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if quiet else None,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
        env={**os.environ, "MALLOC_ARENA_MAX": "2"},
    )
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.monotonic() - start, peak


def resident(pid: int) -> int:
    """Bytes of resident memory of a process and all that it started, by ``/proc``."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            for line in Path(f"/proc/{one}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1]) * 1024
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return total


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="*", type=int, default=list(ROWS))
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--limit", type=int, default=2 * 10**9, help="bytes of private memory that the kernel grants")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--progress", action="store_true")
    parser.add_argument("--table", action="store_true", help="tables of 20 columns instead of texts")
    parser.add_argument("--speed", action="store_true", help="compare one thread with two")
    parser.add_argument("--wide", action="store_true", help="audit a table of 30 columns, and apply the decisions")
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--table-rows", type=int, default=2_000_000)
    parser.add_argument("--text-rows", type=int, default=300_000)
    chosen = parser.parse_args()
    if chosen.wide:
        with TemporaryDirectory() as folder:
            audit_and_apply(Path(folder), chosen.gigabytes, chosen.memory)
        return
    if chosen.speed:
        compare_threads(chosen.memory, chosen.table_rows, chosen.text_rows)
        return
    print("| rows | file | wall | CPU | CPU per row, against the fewest rows | peak resident | precision | recall |")
    print("|---|---|---|---|---|---|---|---|")
    first, before = 0.0, 0.0
    with TemporaryDirectory() as folder:
        for n_rows in chosen.rows:
            path = Path(folder) / f"rows_{n_rows}.csv"
            swapped = (write_table if chosen.table else write_rows)(path, n_rows)
            cost = cost_of(
                path, chosen.memory, chosen.limit, swapped, threads=chosen.threads, quiet=not chosen.progress
            )
            cpu = cost.cpu - before  # the system counts all children together
            before = cost.cpu
            first = first or cpu / n_rows
            print(
                f"| {n_rows:,} | {path.stat().st_size / 10**6:.0f} MB | {cost.wall:.0f} s | {cpu:.0f} s "
                f"| {cpu / n_rows / first:.2f} | {cost.peak:.2f} GiB | {cost.precision:.2f} | {cost.recall:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
