"""Build the wheel and try it as a new user would: a clean environment, a light import, a quick help, an audit."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KERNELS = ROOT / "src" / "dechaff" / "core" / "kernels"
TRIAL_ROWS = 60
MOST_HELP_SECONDS = 0.25
HEAVY = ("sklearn", "polars")


def main() -> None:
    """Every step ends the script where it fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = _build(folder)
        python = _clean_environment(folder, wheel)
        _try(python, folder)
        _try_without_compiler(python, folder)
        print(f"{wheel.name}: built, installed, and a small audit run in a clean environment; a pure wheel as well")


def _build(folder: Path) -> Path:
    # Built from the sdist, so that a file that the sdist forgot is missed here and not by a user. What `make kernel`
    # has compiled is put beside it: the hook keeps it if the source in the sdist is the same, else it compiles anew.
    _run(sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", folder, ROOT)
    shutil.unpack_archive(next(folder.glob("*.tar.gz")), folder / "sdist", filter="data")
    source = next((folder / "sdist").iterdir())
    for library in KERNELS.glob("kernel.*.so"):
        shutil.copy2(library, source / library.relative_to(ROOT))
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source)
    return next(folder.glob("*.whl"))


def _try_without_compiler(python: Path, folder: Path) -> None:
    """What a machine without a compiler would build: a pure wheel, with which numpy does all of the work."""
    pure = folder / "pure"
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", pure, ROOT, DECHAFF_BUILD="pure")
    wheel = next(pure.glob("*-py3-none-any.whl"))
    _install(python, "--reinstall" if _has_uv() else "--force-reinstall", "--no-deps", wheel)
    _check_kernel(python, native=False)


def _check_kernel(python: Path, *, native: bool) -> None:
    """Where a compiler is here, the wheel must have brought the native kernel, and a pure one must do without."""
    told = json.loads(_run(python.with_name("dechaff"), "doctor", "--json"))["kernel"]
    if (told["used"] != "numpy") != native:
        sys.exit(f"the native kernel must be {'there' if native else 'absent'}; dechaff doctor says: {told['why']}")
    find = "import dechaff, numpy as n; p = n.tile([[.9, .1], [.1, .9]], (50, 1)); y = n.tile([0, 1], 50); y[0] = 1"
    _run(python, "-c", f"{find}; assert dechaff.find_label_errors(y, p).flag[0]")


def _clean_environment(folder: Path, wheel: Path) -> Path:
    python = folder / "venv" / "bin" / "python"
    if _has_uv():
        _run("uv", "venv", "--quiet", "--python", sys.executable, folder / "venv")
    else:
        _run(sys.executable, "-m", "venv", folder / "venv")
    _install(python, wheel)
    return python


def _install(python: Path, *words: str | Path) -> None:
    if _has_uv():
        _run("uv", "pip", "install", "--quiet", "--python", python, *words)
    else:
        _run(python, "-m", "pip", "install", "--quiet", *words)


def _has_uv() -> bool:
    return bool(shutil.which("uv")) and subprocess.run(["uv", "--version"], capture_output=True).returncode == 0


def _try(python: Path, folder: Path) -> None:
    data = folder / "fruit.csv"
    data.write_text("grams,colour,fruit\n" + "".join(_fruit(number) for number in range(TRIAL_ROWS)))
    dechaff = python.with_name("dechaff")
    light = f"import dechaff, sys; sys.exit(', '.join(set({HEAVY}) & set(sys.modules)) or 0)"
    _run(python, "-c", light, cwd=folder)
    seconds = min(_cpu_seconds(dechaff, "--help") for _ in range(3))
    if seconds > MOST_HELP_SECONDS:
        sys.exit(f"dechaff --help must take {MOST_HELP_SECONDS} s of CPU at most; it took {seconds:.2f} s")
    _run(dechaff, "--version", cwd=folder)
    _check_kernel(python, native=shutil.which("c++") is not None)
    _run(dechaff, "explain", "L001", cwd=folder)
    _run(dechaff, "audit", data, "--label", "fruit", "--quiet", cwd=folder)
    report = folder / "fruit.dechaff" / "report.html"
    if not report.is_file():
        sys.exit(f"the audit wrote no {report}")


def _cpu_seconds(*command: str | Path) -> float:
    """CPU time of a command, itself and in the kernel: does not depend on what else the machine does."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(*command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _fruit(number: int) -> str:
    plum = number % 2
    return f"{150 - 100 * plum + number % 7},{'blue' if plum else 'green'},{'plum' if plum else 'apple'}\n"


def _run(*command: str | Path, cwd: Path | None = None, **more: str) -> str:
    # An inherited PYTHONPATH could lend the clean environment what the wheel lacks.
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    } | more
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
