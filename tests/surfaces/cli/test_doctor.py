"""What ``dechaff doctor`` says of this machine."""

from __future__ import annotations

import json
import platform

import pytest

from dechaff.core.kernels.native import VARIABLE
from dechaff.surfaces.cli.main import main


def test_it_says_what_does_the_hot_loops_and_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "numpy")
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "numpy: DECHAFF_KERNEL selects it" in said
    assert platform.python_version() in said


def test_as_json_it_names_every_extra_and_the_kernels_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"dask", "pandas", "torch"} <= set(found["extras"])
    assert found["kernel"]["used"] in found["kernel"]["available"]
    assert found["threads"] >= 1


def test_a_kernel_that_is_not_here_is_said_instead_of_failing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "abacus")
    assert main(["doctor", "--json"]) == 0
    kernel = json.loads(capsys.readouterr().out)["kernel"]
    assert kernel["used"] is None
    assert "abacus" in kernel["why"]
