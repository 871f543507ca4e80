"""What a wheel with the compiled kernel says it runs on."""

from __future__ import annotations

import runpy
import sysconfig
from pathlib import Path

import pytest

HOOK = runpy.run_path(str(Path(__file__).resolve().parents[2] / "tools" / "build_hook.py"))


def file_of(folder: Path, content: bytes) -> list[Path]:
    file = folder / "kernel.so"
    file.write_bytes(content)
    return [file]


@pytest.mark.parametrize(
    ("content", "tag"),
    [
        (b"GLIBC_2.2.5 GLIBC_2.14", "manylinux_2_17_x86_64"),
        (b"GLIBC_2.14 GLIBC_2.28", "manylinux_2_28_x86_64"),
        (b"musl", "linux_x86_64"),
    ],
)
def test_linux_wheels_name_the_oldest_c_library_they_run_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, tag: str
) -> None:
    monkeypatch.setattr(sysconfig, "get_platform", lambda: "linux-x86_64")
    assert HOOK["platform_tag"](file_of(tmp_path, content)) == tag


def test_other_systems_name_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_platform", lambda: "macosx-11.0-arm64")
    assert HOOK["platform_tag"](file_of(tmp_path, b"")) == "macosx_11_0_arm64"
