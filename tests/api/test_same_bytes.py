"""The same seed and input give the same bytes, whatever the number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

_AUDIT = "import sys, dechaff; dechaff.audit(sys.argv[1], label='label', out=sys.argv[2], threads=int(sys.argv[3]))"


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


def _audited(source: Path, folder: Path, threads: str) -> dict[str, bytes]:
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), threads)
    command = [sys.executable, "-c", _AUDIT, source.name, str(folder), threads]
    subprocess.run(command, env={**os.environ, **limits}, cwd=source.parent, check=True)
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "options.json"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["text", "table"])
def test_every_file_but_the_options_is_the_same_for_one_thread_and_two(kind: str, tmp_path: Path) -> None:
    source = _written(tmp_path / "data.csv", kind)
    one, two = (_audited(source, tmp_path / f"threads_{number}", number) for number in ("1", "2"))
    assert one.keys() == two.keys() >= {"findings.parquet", "report.html", "decisions.sqlite"}
    assert [name for name in one if one[name] != two[name]] == []
