"""``dechaff demo``."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dechaff.core.outputs import check_folder, is_unchanged
from dechaff.data.write import write_csv_table
from dechaff.surfaces.cli.console import say_whole, stderr
from dechaff.surfaces.cli.main import FINE, main


def demo(folder: Path = Path("demo"), /) -> int:
    """Try all steps on a small real data set; needs no network.

    Writes a training file with injected faults and a clean test file, then runs the commands that you would type.

    Parameters
    ----------
    folder
        Folder to write to.
    """
    files = write_demo_files(folder)
    run, improved = folder / "tumours.dechaff", folder / "improved.csv"
    sealed = ["--label", LABEL, "--test", str(files.test)]
    for command in (
        ["recipe", str(files.train), *sealed, "--out", str(run)],
        ["apply", str(run), "--output", str(improved)],
        ["prove", str(files.train), str(improved), *sealed],
    ):
        code = _run(command)
        if code != FINE:
            return code
    say_whole(stderr(), "\nThe report:", "bold")
    print(run / "report.html")
    return FINE


def _run(command: list[str]) -> int:
    say_whole(stderr(), f"\n$ dechaff {shlex.join(command)}", "bold")
    return main(command)


LABEL = "diagnosis"
_SEED = 2
_TEST_ROWS = 200
_CLINICS = ("north", "harbour", "university", "hill", "riverside")
_MIXED_UP = "riverside"
_OTHER = {"benign": "malignant", "malignant": "benign"}

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class DemoFiles:
    """Paths of the two files."""

    train: Path
    test: Path


def write_demo_files(folder: Path) -> DemoFiles:
    """Write the two files; the same bytes every time."""
    rng = np.random.default_rng(_SEED)
    rows = _tumours(rng)
    test, train = rows[:_TEST_ROWS], rows[_TEST_ROWS:]
    _inject_faults(train, rng)
    files = DemoFiles(folder / "tumours.csv", folder / "tumours_test.csv")
    check_folder(
        folder, "the demo data", lambda one: is_unchanged(files.train, "the demo data", one), fix="Name a new folder."
    )
    folder.mkdir(parents=True, exist_ok=True)
    for path, some in ((files.train, train), (files.test, test)):
        write_csv_table(path, {name: [row[name] for row in some] for name in some[0]}, "the demo data")
    return files


def _tumours(rng: np.random.Generator) -> Rows:
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    order = rng.permutation(len(data.target))
    clinics = rng.choice(_CLINICS, len(order))
    return [
        {
            "patient": f"P{number:04d}",
            "clinic": str(clinic),
            "unit": "mm",
            **{str(name): f"{value:g}" for name, value in zip(data.feature_names, data.data[row], strict=True)},
            LABEL: str(data.target_names[data.target[row]]),
        }
        for number, (row, clinic) in enumerate(zip(order, clinics, strict=True), start=1)
    ]


def _inject_faults(train: Rows, rng: np.random.Generator) -> None:
    draws = rng.random(len(train))
    for row, draw in zip(train, draws, strict=True):
        if draw < (0.85 if row["clinic"] == _MIXED_UP else 0.06):
            row[LABEL] = _OTHER[row[LABEL]]
    for place in rng.choice(len(train), 24, replace=False):
        train[place]["worst texture"] = "-999"
    misspelt = next(row for row in train if row[LABEL] == "benign")
    misspelt[LABEL] = "bening"
    for copy, place in enumerate(rng.choice(len(train), 12, replace=False), start=1):
        train.append({**train[place], "patient": f"P{9000 + copy}"})
