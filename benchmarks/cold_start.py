"""How long people wait before anything happens: CPU time of short commands and of the import.

Prints one table; the limit for ``dechaff --help`` is 250 ms, for ``explain`` and ``log`` 500 ms, and for ``report`` and
``apply`` on a small run 1.5 s.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

REPEATS = 9
DECHAFF = str(Path(sys.executable).with_name("dechaff"))


def commands(folder: Path) -> dict[str, list[str]]:
    """What is measured, on the run in a folder."""
    run, improved = str(folder / "run"), str(folder / "improved.csv")
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import dechaff": [sys.executable, "-c", "import dechaff"],
        "import cleanlab": [sys.executable, "-c", "import cleanlab"],
        "dechaff --help": [DECHAFF, "--help"],
        "dechaff --version": [DECHAFF, "--version"],
        "dechaff explain L001": [DECHAFF, "explain", "L001"],
        "dechaff audit --help": [DECHAFF, "audit", "--help"],
        "dechaff log RUN": [DECHAFF, "log", run],
        "dechaff report RUN": [DECHAFF, "report", run],
        "dechaff apply RUN -o FILE": [DECHAFF, "apply", run, "-o", improved],
    }


def write_run(folder: Path) -> None:
    """The run folder of an audit of 300 rows."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(300, 2))
    labels = np.where((points.sum(axis=1) > 0) != (rng.random(300) < 0.05), "high", "low")
    rows = [f"{x:.3f},{y:.3f},{label}" for (x, y), label in zip(points, labels, strict=True)]
    (folder / "table.csv").write_text("\n".join(["x,y,label", *rows, ""]), encoding="utf-8")
    audit = [DECHAFF, "audit", str(folder / "table.csv"), "--label", "label", "--out", str(folder / "run"), "--quiet"]
    subprocess.run(audit, stdout=subprocess.DEVNULL, check=True)


def cpu_seconds(command: list[str]) -> float:
    """User and system time of one child process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    print("| process | CPU time, least of 9 |\n|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        write_run(Path(folder))
        for name, command in commands(Path(folder)).items():
            print(f"| `{name}` | {1000 * min(cpu_seconds(command) for _ in range(REPEATS)):.0f} ms |")


if __name__ == "__main__":
    main()
