"""Build the wheel and try it as a new user would: a clean environment, an import, a version, an audit, its codes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TRIAL_ROWS = 60


def main() -> None:
    """Every step ends the script where it fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = _build(folder)
        python = _clean_environment(folder, wheel)
        _try(python, folder)
        print(f"{wheel.name}: built, installed, and a small audit run in a clean environment")


def _build(folder: Path) -> Path:
    # Built from the sdist, so that a file that the sdist forgot is missed here and not by a user.
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return next(folder.glob("*.whl"))


def _clean_environment(folder: Path, wheel: Path) -> Path:
    python = folder / "venv" / "bin" / "python"
    if shutil.which("uv") and subprocess.run(["uv", "--version"], capture_output=True, check=False).returncode == 0:
        _run("uv", "venv", "--quiet", "--python", sys.executable, folder / "venv")
        _run("uv", "pip", "install", "--quiet", "--python", python, wheel)
    else:
        _run(sys.executable, "-m", "venv", folder / "venv")
        _run(python, "-m", "pip", "install", "--quiet", wheel)
    return python


def _try(python: Path, folder: Path) -> None:
    data = folder / "fruit.csv"
    data.write_text("grams,colour,fruit\n" + "".join(_fruit(number) for number in range(TRIAL_ROWS)))
    dechaff = python.with_name("dechaff")
    _run(python, "-c", "import dechaff; print(dechaff.__version__)", cwd=folder)
    _run(dechaff, "--version", cwd=folder)
    _run(dechaff, "explain", "L001", cwd=folder)
    _run(dechaff, "audit", data, "--label", "fruit", "--quiet", cwd=folder)
    report = folder / "fruit.dechaff" / "report.html"
    if not report.is_file():
        sys.exit(f"the audit wrote no {report}")


def _fruit(number: int) -> str:
    plum = number % 2
    return f"{150 - 100 * plum + number % 7},{'blue' if plum else 'green'},{'plum' if plum else 'apple'}\n"


def _run(*command: str | Path, cwd: Path | None = None) -> None:
    # An inherited PYTHONPATH could lend the clean environment what the wheel lacks.
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
