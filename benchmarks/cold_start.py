"""How long people wait before anything happens: CPU time of short commands and of the import.

Prints one table; the limit for ``dechaff --help`` is 250 ms.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

REPEATS = 9
DECHAFF = str(Path(sys.executable).with_name("dechaff"))
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import dechaff": [sys.executable, "-c", "import dechaff"],
    "import cleanlab": [sys.executable, "-c", "import cleanlab"],
    "dechaff --help": [DECHAFF, "--help"],
    "dechaff --version": [DECHAFF, "--version"],
    "dechaff explain L001": [DECHAFF, "explain", "L001"],
    "dechaff audit --help": [DECHAFF, "audit", "--help"],
}


def cpu_seconds(command: list[str]) -> float:
    """User and system time of one child process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    print("| process | CPU time, least of 9 |\n|---|---|")
    for name, command in COMMANDS.items():
        print(f"| `{name}` | {1000 * min(cpu_seconds(command) for _ in range(REPEATS)):.0f} ms |")


if __name__ == "__main__":
    main()
