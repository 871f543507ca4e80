"""The kernel's tests once more, with the address and the undefined-behaviour sanitizer looking on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dechaff.core.kernels import build

FLAGS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g1", "-O0")


@pytest.mark.slow
def test_no_access_is_out_of_bounds_and_nothing_is_undefined(tmp_path: Path) -> None:
    try:
        build.build(tmp_path, flags=FLAGS)
        runtime = _runtime()
    except build.NoCompilerError as error:
        pytest.skip(f"no compiler with sanitizers: {str(error).splitlines()[0]}")
    script = Path(__file__).with_name("sanitized.py")
    environment = os.environ | {
        "LD_PRELOAD": runtime,
        "ASAN_OPTIONS": "detect_leaks=0",
        "PYTHONPATH": str(script.parents[3]),
    }
    command = [sys.executable, str(script), str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if "no variant is there" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout


def _runtime() -> str:
    found = subprocess.run(
        [build.compiler(), "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    )
    path = Path(found.stdout.strip())
    if not path.is_absolute():
        raise build.NoCompilerError("libasan.so is not installed")
    return str(path)
