"""The kernel's tests once more, with the address and the undefined-behaviour sanitizer looking on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dechaff.core.kernels import build
from tests.core.kernels.variants import NATIVE

FLAGS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every variant with the sanitizers, compiled side by side."""
    folder = tmp_path_factory.mktemp("sanitized")
    try:
        build.build(folder, flags=FLAGS)
    except build.NoCompilerError as error:
        pytest.skip(f"no compiler with sanitizers: {str(error).splitlines()[0]}")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("variant", NATIVE)
def test_no_access_is_out_of_bounds_and_nothing_is_undefined(folder: Path, variant: str) -> None:
    if variant not in build.targets():
        pytest.skip("not for this processor")
    try:
        runtime = _runtime()
    except build.NoCompilerError as error:
        pytest.skip(str(error))
    script = Path(__file__).with_name("sanitized.py")
    environment = os.environ | {
        "LD_PRELOAD": runtime,
        "ASAN_OPTIONS": "detect_leaks=0",
        "PYTHONPATH": str(script.parents[3]),
    }
    command = [sys.executable, str(script), str(folder), variant]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if "is not there" in done.stderr:
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
