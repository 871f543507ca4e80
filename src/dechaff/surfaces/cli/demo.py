"""``dechaff demo``."""

from __future__ import annotations

import shlex
from pathlib import Path

from dechaff.surfaces.cli.console import say_whole, stderr
from dechaff.surfaces.cli.demo_data import LABEL, write_demo_files
from dechaff.surfaces.cli.exits import FINE


def demo(folder: Path = Path("demo"), /) -> int:
    """Try all steps on a small real data set; needs no network.

    Writes a training file with injected faults and a clean test file, then runs the commands that you would type.

    Parameters
    ----------
    folder
        If to write.
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
    # The parser imports the commands; at the top of the file this would be a circular import.
    from dechaff.surfaces.cli.main import main

    say_whole(stderr(), f"\n$ dechaff {shlex.join(command)}", "bold")
    return main(command)
