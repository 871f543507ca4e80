"""Compiles ``kernel.cpp`` beside itself, once for each kind of processor: ``python -m dechaff.core.kernels.build``.

The standard library alone, since it also runs while dechaff itself is being built and cannot be imported.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDER = Path(__file__).parent
SOURCE = FOLDER / "kernel.cpp"
COMMON = (
    *("-std=c++17", "-O3", "-fPIC", "-shared", "-fvisibility=hidden", "-fno-exceptions", "-fno-rtti"),
    *("-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-Wall", "-Wextra"),
)
"""The numbers must not depend on the processor: no fused multiply-add, and nothing of -ffast-math."""
_AVX2 = ("-mavx2", "-mbmi", "-mbmi2", "-mpopcnt")
_X86 = {"sse2": (), "avx2": _AVX2, "avx512": (*_AVX2, *(f"-mavx512{part}" for part in ("f", "bw", "dq", "vl")))}
TARGETS: dict[str, dict[str, tuple[str, ...]]] = {
    "x86_64": _X86,
    "amd64": _X86,
    "aarch64": {"neon": ()},
    "arm64": {"neon": ()},
}
"""Processor -> name of a variant -> its flags; the variant that runs on every processor of the kind first."""


class NoCompilerError(RuntimeError):
    """There is no compiler, or it failed; the message gives the reason."""


def targets() -> dict[str, tuple[str, ...]]:
    """The variants of this processor type, the best last; none for an unknown type."""
    return TARGETS.get(platform.machine().lower(), {})


def library_file(variant: str, folder: Path = FOLDER) -> Path:
    """Path of the compiled variant."""
    return folder / f"kernel.{variant}.so"  # the dot keeps it from being taken for a module of Python


def source_mark(source: Path = SOURCE) -> str:
    """Identifies the source: a library that was compiled from an older one must not be used."""
    return hashlib.sha256(source.read_bytes() + " ".join(COMMON).encode()).hexdigest()[:16]


def compiler() -> str:
    """The C++ compiler: $CXX, else what the system calls so."""
    names = (os.environ.get("CXX") or "", "c++", "g++", "clang++")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise NoCompilerError("no C++ compiler was found (c++, g++ or clang++; CXX names another one)")
    return found


def build(folder: Path = FOLDER, *, flags: Sequence[str] = ()) -> list[Path]:
    """Compiles the variants that the folder lacks and returns the files of all, or raises a NoCompilerError."""
    if not targets() or os.name != "posix":
        raise NoCompilerError(f"there is no variant for {platform.machine()} on {platform.system()}")
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each waits for a compiler
        return list(pool.map(lambda one: _kept(one, folder) or compiled(one, folder, flags=flags), targets()))


def compiled(variant: str, folder: Path = FOLDER, *, flags: Sequence[str] = ()) -> Path:
    """Compiles one variant: written whole, then renamed, so that no process loads half a library."""
    target = library_file(variant, folder)
    draft = target.with_suffix(f".{os.getpid()}.draft")
    mark = f'-DDECHAFF_SOURCE="{source_mark()}"'
    command = [compiler(), *COMMON, *targets()[variant], *flags, mark, "-o", str(draft), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        draft.unlink(missing_ok=True)
        raise NoCompilerError(f"{' '.join(command)} failed:\n{done.stderr}")
    draft.replace(target)
    return target


def _kept(variant: str, folder: Path) -> Path | None:
    """The library, if it was compiled from this source."""
    file = library_file(variant, folder)
    return file if file.is_file() and source_mark().encode() in file.read_bytes() else None


def main() -> None:
    """Compiles and prints the result; without a compiler, everything works without."""
    try:
        files = build()
    except NoCompilerError as error:
        print(f"no native kernel, numpy does its work: {error}", file=sys.stderr)
        return
    print(*(f"{file.name}: {file.stat().st_size / 1e3:.0f} kB" for file in files), sep="\n")


if __name__ == "__main__":
    main()
