"""The review of a large run: time of each step a reviewer takes, memory, and decisions that survive kills.

A run of so many rows and findings is made first (texts of eight words, a number, a category, ten classes), in one
Parquet or CSV file. The index is made by one process; another one, started cold, then takes each step many times
with other values; the 95th percentile is printed. Memory is the peak of each process, packages included.

    python -m benchmarks.review_scale [--rows 10000000] [--findings 1000000] [--format parquet] [--folder DIR]

The second table is of writers: one that decides 200 times and is killed at a random moment, 50 times over, and two that
decide 1,000 times each while a third process reads what `dechaff apply` reads.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from benchmarks._peak_memory import peak_bytes

from dechaff.api.auditing import open_run
from dechaff.data.keys import content_digests
from dechaff.recipe.outcome.findings_writer import write_pieces
from dechaff.records.decision_log import append_events, read_events
from dechaff.records.decisions import Event, current_state
from dechaff.records.findings import FINDINGS_SCHEMA
from dechaff.records.metrics import Check, Metrics
from dechaff.records.record import Column, DatasetFacts
from dechaff.records.review import Filter
from dechaff.records.run import json_bytes

CLASSES = [f"class {k}" for k in range(10)]
CHUNK = 500_000
WORDS = np.array([f"{a}{b}{c}" for a in "bdfgklmnprst" for b in ("a", "e", "io", "ou") for c in "bdfgklmnprst"])


def make(folder: Path, rows: int, findings: int, form: str) -> None:
    """The data file, and the run folder that an audit of it would have written, beside it."""
    run = folder / "rows.dechaff"
    run.mkdir(parents=True)
    rng = np.random.default_rng(0)
    flagged = np.sort(rng.choice(rows, findings, replace=False))
    pieces, parts, found = [], [], []
    for start in range(0, rows, CHUNK):
        n = min(CHUNK, rows - start)
        words = WORDS[rng.integers(0, len(WORDS), (n, 8))]
        data = pl.DataFrame(
            {
                "text": [" ".join(line) for line in words.tolist()],
                "size": rng.integers(0, 10_000, n),
                "site": WORDS[rng.integers(0, 20, n)],
                "label": np.array(CLASSES)[rng.integers(0, 10, n)],
            }
        )
        parts.append(folder / f"part-{start:09d}.parquet")
        data.write_parquet(parts[-1])
        shown = data.select(pl.concat_str(["text", "size", "site"], separator="\x1f"))["text"].to_list()
        keys = [f"{digest:016x}:0" for digest in content_digests(shown).tolist()]
        mine = flagged[(flagged >= start) & (flagged < start + n)]
        flag = np.isin(np.arange(start, start + n), mine)
        score = np.where(flag, 0.5 + rng.random(n) / 2, rng.random(n) / 2)
        names = [str(row) for row in range(start, start + n)]
        pieces.append(run / f"scores-{start:09d}.parquet")
        columns = {"row": names, "key": keys, "given": data["label"], "L001": score, "L001_flag": flag}
        pl.DataFrame(columns).write_parquet(pieces[-1])
        at = mine - start
        found.append((mine, score[at], data["label"].to_numpy()[at]))
    scanned = pl.scan_parquet(parts)
    target = folder / f"rows.{form}"
    scanned.sink_parquet(target, row_group_size=100_000) if form == "parquet" else scanned.sink_csv(target)
    write_pieces(pieces, run / "scores.parquet", dict(pl.scan_parquet(pieces[0]).collect_schema()))
    for path in (*parts, *pieces):
        path.unlink()
    place, score, given = (np.concatenate(column) for column in zip(*found, strict=True))
    _findings(rng, place, score, given).write_parquet(run / "findings.parquet", row_group_size=50_000)
    checks = (Check("L001", findings=int(0.7 * findings)),)
    kinds = (("text", "text"), ("size", "numeric"), ("site", "categorical"))
    facts = DatasetFacts(
        target.name, form, rows, 0, "label", None, "", tuple(Column(*one) for one in kinds), tuple(CLASSES)
    )
    (run / "metrics.json").write_bytes(json_bytes(Metrics(dataset=facts, checks=checks)))
    options = {"source": str(target), "source_is_path": True, "out_of_core": True, "label": "label"}
    (run / "options.json").write_text(json.dumps(options))
    append_events(run / "decisions.sqlite", [])


def _findings(rng: np.random.Generator, place: np.ndarray, score: np.ndarray, given: np.ndarray) -> pl.DataFrame:
    n = len(place)
    code = np.repeat(["L001", "D001", "C003", "L003"], [n - n // 10 - n // 5, n // 10, n // 10, n // 10])
    place, score, given = (values[rng.permutation(n)] for values in (place, score, given))
    order = np.lexsort((-score, code))
    code, place, score, given = code[order], place[order], score[order], given[order]
    suggested = np.array(CLASSES)[rng.integers(0, 10, n)]
    number = np.concatenate([np.arange(1, count + 1) for count in np.unique(code, return_counts=True)[1]])
    return pl.DataFrame(
        {
            "finding_id": [f"{one}-{at:06d}" for one, at in zip(code.tolist(), number.tolist(), strict=True)],
            "code": code,
            "row": place.astype(str),
            "group": [f"dup-{at // 2}" if one == "D001" else "" for at, one in enumerate(code.tolist())],
            "field": "label",
            "score": score,
            "given": given,
            "suggested": np.where(np.isin(code, ["L001", "L003"]), suggested, ""),
            "why": "A model that was not trained on this row predicts another class with a high probability.",
            "fix": "Review the row.",
        },
        schema_overrides=FINDINGS_SCHEMA,
    )


def prepare(run: Path) -> None:
    start = time.perf_counter()
    open_run(run).prepare_review()
    print(json.dumps({"seconds": time.perf_counter() - start, "peak": peak_bytes()}))


def steps(run: Path, times: int) -> None:
    """Each step of a reviewer, so many times, in this process."""
    audit, rng = open_run(run), np.random.default_rng(1)
    taken: dict[str, list[float]] = {}

    def timed(name: str, step: Callable[..., Any], *values: Any, **fields: Any) -> Any:
        start = time.perf_counter()
        result = step(*values, **fields)
        taken.setdefault(name, []).append(time.perf_counter() - start)
        return result

    timed("first page of a cold process", audit.queue)
    timed("what stands beside rows, once", audit.prepare_review)
    page = audit.queue(codes="L001")
    for number in range(times):
        given, suggested = (CLASSES[k] for k in rng.integers(0, 10, 2))
        least, word, other = float(rng.uniform(0.5, 0.95)), *WORDS[rng.integers(0, len(WORDS), 2)]
        timed("first page", audit.queue)
        timed("filter by code and pair", audit.queue, codes="L001", given=given, suggested=suggested)
        timed("filter by score and status", audit.queue, status="open", least=least)
        sort = ("code", "row", "pair", "random")[number % 4]
        timed(f"sort by {sort}", audit.queue, sort=sort)
        timed("search two words", audit.queue, text=f"{word} {other}")
        timed("search the beginning of a word", audit.queue, text=word[:2])
        page = timed("next page", audit.queue, codes="L001", after=page.after)
        item = page.items[int(rng.integers(len(page.items)))]
        timed("next row", audit.row, item.finding_id)
        timed("decide", audit.decide, item.finding_id, "keep", reviewer="ann")
        timed("undo", audit.undo, reviewer="ann")
    timed("decide 200 as one batch", audit.decide, [one.finding_id for one in audit.queue(size=200).items], "keep")
    timed("precision so far", audit.precision)
    timed("precision again", audit.precision)
    timed("preview of all", audit.preview, Filter(codes=("L001",), least=0.9))
    print(json.dumps({"steps": taken, "peak": peak_bytes()}))


def writer(log: Path, actor: str, n: int) -> None:
    for number in range(n):
        key = f"{actor}-{number}:0"
        append_events(log, [Event(key, key, "keep", source="human", actor=actor)])
        print(key, flush=True)


def _child(*words: object) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.review_scale", *map(str, words)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _writer(log: Path, actor: str, n: int, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.review_scale", "--writer", str(log), actor, str(n)]
    return subprocess.Popen(command, stdout=stdout, text=True)


def killed(folder: Path, times: int) -> tuple[int, int]:
    """Decisions that were reported before a kill, and those of them that are lost."""
    reported = lost = 0
    for number in range(times):
        log = folder / f"killed-{number}.sqlite"
        with _writer(log, "ann", 200) as process:
            lines = [process.stdout.readline()] if process.stdout else []
            time.sleep(random.Random(number).uniform(0, 0.5))
            process.send_signal(signal.SIGKILL)
            lines += process.stdout.readlines() if process.stdout else []
        said = [line.strip() for line in lines if line.strip()]
        kept = {event.key for event in read_events(log)}
        reported, lost = reported + len(said), lost + len(set(said) - kept)
    return reported, lost


def at_once(folder: Path, n: int) -> tuple[int, int, float]:
    """Decisions of two processes that are there in order, reads of all of them meanwhile, and seconds."""
    log = folder / "two.sqlite"
    append_events(log, [])
    start, reads = time.perf_counter(), 0
    writers = [_writer(log, actor, n, subprocess.DEVNULL) for actor in ("ann", "bob")]
    while any(one.poll() is None for one in writers):
        current_state(read_events(log))
        reads += 1
    events, there = read_events(log), 0
    for actor in ("ann", "bob"):
        own = [event.key for event in events if event.actor == actor]
        there += sum(key == f"{actor}-{number}:0" for number, key in enumerate(own))
    return there, reads, time.perf_counter() - start


def _row(*cells: object) -> None:
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--format", default="parquet", choices=["parquet", "csv"])
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--prepare", type=Path)
    parser.add_argument("--steps", type=Path)
    parser.add_argument("--writer", nargs=3)
    given = parser.parse_args()
    if given.prepare:
        return prepare(given.prepare)
    if given.steps:
        return steps(given.steps, given.times)
    if given.writer:
        return writer(Path(given.writer[0]), given.writer[1], int(given.writer[2]))
    folder = given.folder or Path(tempfile.mkdtemp())
    try:
        run = folder / "rows.dechaff"
        if not run.exists():
            make(folder, given.rows, given.findings, given.format)
        made = _child("--prepare", run)
        _row("step", "median ms", "95 % ms")
        _row("---", "---:", "---:")
        taken = _child("--steps", run, "--times", given.times)
        for name, seconds in taken["steps"].items():
            _row(name, f"{1000 * np.median(seconds):.0f}", f"{1000 * np.quantile(seconds, 0.95):.0f}")
        size = (run / "review.sqlite").stat().st_size
        print(f"\nindex: {made['seconds']:.0f} s, {size / 1e6:,.0f} MB on the disk, peak {made['peak'] / 1e6:,.0f} MB")
        print(f"review: peak {taken['peak'] / 1e6:,.0f} MB\n")
        _row("writers", "decisions", "lost")
        _row("---", "---:", "---:")
        _row(f"killed at {given.kills} random moments", *killed(folder, given.kills))
        there, reads, seconds = at_once(folder, 1000)
        _row(f"two at once, {reads} reads of all decisions meanwhile, {seconds:.0f} s", there, 2000 - there)
    finally:
        if not given.folder:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
