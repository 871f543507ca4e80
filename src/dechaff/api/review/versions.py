"""The versions of the label scores: that of the audit, and those made anew from reviews."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import structs

from dechaff.api.review.desk import Desk
from dechaff.core.files import Content
from dechaff.records.metrics import Metrics
from dechaff.records.review import Version
from dechaff.records.run import Run, json_bytes, one_writer, rewrite_metrics

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


def write_version(
    run: Run, known: Sequence[Version], new: Version, files: Mapping[str, bytes], figures: Callable[[Metrics], Metrics]
) -> None:
    """The files of a new version, and what it makes of the figures; those of the version before are kept beside it."""
    with one_writer(run.folder):
        put_version(run, known, new, files)
        rewrite_metrics(run.folder, figures(run.metrics))
    run.forget()


def put_version(run: Run, known: Sequence[Version], new: Version, files: Mapping[str, Content]) -> None:
    """The same by a caller who is the one writer, with the figures as they are."""
    place = run.folder / VERSIONS / str(known[-1].number)
    place.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        if (run.folder / name).exists():
            shutil.copyfile(run.folder / name, place / name)
    run.write({**files, f"{VERSIONS}/{LIST}": json_bytes((*known, new))})


def recounted(figures: Metrics, code: str, findings: int) -> Metrics:
    """The figures with another number of findings of a code."""
    checks = (structs.replace(one, findings=findings) if one.code == code else one for one in figures.checks)
    return structs.replace(figures, checks=tuple(checks))
