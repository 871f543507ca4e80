"""Texts with wrong labels, copies and gaps, written as files; and the same audited in memory and out of core."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

import dechaff

N = 900
LEAST = "525MB"
"""The smallest memory limit: whatever fits into it is read out of core, too."""
TOLD: list[tuple[str, int, int]] = []
"""What the audit out of core reported of its progress."""
_OF_CLASS = {
    "good": ["bright", "lovely", "warm", "clever", "moving", "fresh"],
    "bad": ["dull", "cold", "grim", "clumsy", "flat", "stale"],
}
_FILL = [f"{first}{second}" for first in "bdfgklmnprst" for second in ("ana", "elo", "ima", "oru", "uke")]


def rows(n: int = N, seed: int = 0) -> tuple[list[dict[str, str]], set[int]]:
    """Rows of a review and a label, and which labels are wrong; copies, conflicts, gaps and markup at the end."""
    rng = np.random.default_rng(seed)
    made, wrong = [], set()
    for row in range(n):
        true = "good" if rng.random() < 0.5 else "bad"
        words = [*rng.choice(_FILL, 12), *rng.choice(_OF_CLASS[true], 4)]
        rng.shuffle(words)
        label = true
        if rng.random() < 0.1:
            label = "bad" if true == "good" else "good"
            wrong.add(row)
        made.append({"review": " ".join(words), "label": label})
    for row in range(n - 40, n - 20):
        made[row] = dict(made[row - 500])
        wrong.discard(row)
    for row, other, more in _copies(n):
        made[row] = {"review": made[other]["review"] + more, "label": made[other]["label"]}
        wrong -= {row}
        wrong |= {row} if other in wrong else set()
    for row in range(n - 20, n - 15):
        made[row]["label"] = "bad" if row % 2 else "good"
        wrong -= {row}
    for row in range(n - 15, n - 10):
        made[row]["label"] = ""
        wrong -= {row}
    for row in range(n - 10, n - 5):
        made[row]["review"] += ", he said <b>loudly</b>"
    return made, wrong


def _copies(n: int) -> list[tuple[int, int, str]]:
    """Row, the row that it repeats, and what is added: near copies, copies, and copies that get another label."""
    near = [(row, row - 300, " once more") for row in range(n - 60, n - 50)]
    return near + [(row, row - 500, "") for row in range(n - 40, n - 15)]


def write_csv(path: Path, made: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(made[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(made)
    return path


def write_jsonl(path: Path, made: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in made), encoding="utf-8")
    return path


@cache
def folder() -> Path:
    """A folder that all tests of one process share."""
    return Path(mkdtemp(prefix="dechaff-passes-"))


@cache
def in_memory() -> dechaff.Audit:
    """The audit of the rows in memory."""
    path = write_csv(folder() / "reviews.csv", rows()[0])
    return dechaff.audit(path, label="label", out=folder() / "memory", threads=1)


@cache
def out_of_core() -> dechaff.Audit:
    """The same file, read out of core."""
    in_memory()
    run, source = folder() / "passes", folder() / "reviews.csv"
    return dechaff.audit(
        source, label="label", out=run, memory=LEAST, threads=1, progress=lambda *told: TOLD.append(told)
    )
