"""The versions of the label scores: that of the audit, and those made anew from reviews."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec

from dechaff.api.review.desk import Desk
from dechaff.records.review import Version

TABLES = ("findings.parquet", "scores.parquet", "probs.npz")
"""Files that each version keeps."""
VERSIONS, LIST = "versions", "versions.json"


def versions(desk: Desk) -> tuple[Version, ...]:
    """All versions of the label scores, the audit's first."""
    path = desk.folder / VERSIONS / LIST
    if path.exists():
        return msgspec.json.decode(path.read_bytes(), type=tuple[Version, ...])
    count = next((one.findings for one in desk.run.metrics.checks if one.code == "L001"), 0)
    return (Version(0, str(desk.run.options.get("finished", "")), "audit", 0, count),)


def unlearned_scores(desk: Desk) -> Path:
    """The scores of the last version that models made: reviews are learnt from these, so that none counts twice."""
    known = versions(desk)
    last = next(one.number for one in reversed(known) if one.kind in ("audit", "models"))
    while last < known[-1].number and known[last + 1].kind == "cells":  # which left the scores of labels as they are
        last += 1
    current = last == known[-1].number
    return desk.run.scores_path if current else desk.folder / VERSIONS / str(last) / TABLES[1]


def keep_version(folder: Path, known: Sequence[Version]) -> None:
    """The files of the version that is about to be replaced go to a folder of their own."""
    place = folder / VERSIONS / str(known[-1].number)
    place.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        if (folder / name).exists():
            shutil.copyfile(folder / name, place / name)
