"""The same seed and input give the same bytes, whatever the number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

KINDS = ("text", "table")
_AUDITS = """
import sys, dechaff
threads, *sources = sys.argv[1:]
for source in sources:
    dechaff.audit(source, label="label", out=f"{source}.{threads}", threads=int(threads))
"""


def _written(path: Path, kind: str) -> Path:
    """300 rows in which one label in eight is wrong, and more of them where there is markup or source 3."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, 3, 300)
    marked = rng.random(300) < 0.2
    wrong = rng.random(300) < np.where(marked, 0.6, 0.12)
    given = np.where(wrong, (true + 1) % 3, true)
    lines = ["text,label"] if kind == "text" else ["size,weight,source,label"]
    for row in range(300):
        if kind == "text":
            words = " ".join(f"w{true[row]}{number}" for number in rng.integers(0, 9, 8))
            cells = f"<b>{words}</b>" if marked[row] else words
        else:
            cells = f"{true[row] + rng.normal() / 3:.3f},{rng.normal():.3f},s{3 if marked[row] else row % 3}"
        lines.append(f"{cells},c{given[row]}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the audits of both kinds by a process of one thread, and by one of two."""
    folder = tmp_path_factory.mktemp("same")
    sources = [_written(folder / f"{kind}.csv", kind).name for kind in KINDS]
    for threads in ("1", "2"):
        limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), threads)
        command = [sys.executable, "-c", _AUDITS, threads, *sources]
        subprocess.run(command, env={**os.environ, **limits}, cwd=folder, check=True)
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "options.json"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_file_but_the_options_is_the_same_for_one_thread_and_two(kind: str, audited: Path) -> None:
    one, two = (_files(audited / f"{kind}.csv.{threads}") for threads in "12")
    assert one.keys() == two.keys() >= {"findings.parquet", "report.html", "decisions.sqlite"}
    assert [name for name in one if one[name] != two[name]] == []
