"""Which kernel is used, and why not another one."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dechaff.core.kernels import build, native
from dechaff.errors import InputError
from tests.core.kernels.variants import NATIVE, used


@pytest.fixture
def forgetful() -> Iterator[None]:
    """What was loaded is looked for again, here and after the test."""
    caches = (native._kernel, native._library, native._that_run)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def test_numpy_does_the_work_where_it_is_asked_to() -> None:
    with used("numpy"):
        assert native.kernel() == native.Kernel("numpy", "DECHAFF_KERNEL selects it")


@pytest.mark.parametrize("name", NATIVE)
def test_a_variant_can_be_asked_for_by_name(name: str) -> None:
    with used(name):
        assert native.kernel().name == name


def test_another_name_is_refused_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(native.VARIABLE, "abacus")
    with pytest.raises(InputError, match=r"DECHAFF_KERNEL must be one of numpy.*'abacus'"):
        native.kernel()


def test_without_a_compiled_library_numpy_does_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forgetful: None
) -> None:
    monkeypatch.delenv(native.VARIABLE, raising=False)
    monkeypatch.setattr(native, "library_file", lambda name: tmp_path / name)
    used_now = native.kernel()
    assert used_now.name == "numpy"
    assert "not compiled" in used_now.why or "no native kernel" in used_now.why
    assert native.available() == ("numpy",)


def test_a_library_of_another_source_is_not_used(monkeypatch: pytest.MonkeyPatch, forgetful: None) -> None:
    if native.available() == ("numpy",):
        pytest.skip("no native kernel here")
    native._library.cache_clear()
    monkeypatch.delenv(native.VARIABLE, raising=False)
    monkeypatch.setattr(native, "source_mark", lambda: "another")
    assert "compiled from another kernel.cpp" in native.kernel().why


def test_a_damaged_library_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forgetful: None) -> None:
    if not build.targets():
        pytest.skip("no variant for this kind of processor")
    monkeypatch.delenv(native.VARIABLE, raising=False)
    monkeypatch.setattr(native, "library_file", lambda name: build.library_file(name, tmp_path))
    for name in build.targets():
        build.library_file(name, tmp_path).write_bytes(b"no library")
    assert "cannot be loaded" in native.kernel().why


def test_without_a_compiler_the_build_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(build.NoCompilerError, match=r"no C\+\+ compiler was found|there is no variant"):
        build.build(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_compiler_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not build.targets():
        pytest.skip("no variant for this kind of processor")
    monkeypatch.setenv("CXX", shutil.which("false") or "false")
    with pytest.raises(build.NoCompilerError, match="failed"):
        build.build(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_is_compiled_needs_nothing_but_the_c_library(tmp_path: Path) -> None:
    files = [build.library_file(name) for name in build.targets()]
    try:
        files = files if all(file.exists() for file in files) else build.build(tmp_path)
    except build.NoCompilerError as error:
        pytest.skip(str(error).splitlines()[0])
    assert [file.name for file in files] == [f"kernel.{name}.so" for name in build.targets()]
    for file in files:
        assert b"libstdc++" not in file.read_bytes()
    ctypes.CDLL(str(files[0]))
