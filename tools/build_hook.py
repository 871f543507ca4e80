"""Hatch's hook: compiles the native kernel into the wheel, one wheel a platform for all Pythons.

Where there is no compiler the wheel is a pure one and numpy does the work; ``DECHAFF_BUILD=pure`` asks for that,
``DECHAFF_BUILD=native`` makes a failed compilation an error.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KERNELS = Path("src", "dechaff", "core", "kernels")
OLDEST_GLIBC = 17
"""Of manylinux2014; the kernel asks the C library for memcpy and its like, no more."""


class NativeKernelHook(BuildHookInterface[Any]):
    """Compiles beside the source, which is where an editable install looks, too."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the files of the wheel are gathered."""
        wanted = os.environ.get("DECHAFF_BUILD", "")
        if wanted == "pure":
            return
        build = _build_module(Path(self.root))
        try:
            files = build.build()
        except build.NoCompilerError as error:
            if wanted == "native":
                raise
            self.app.display_warning(f"no native kernel, numpy will do its work: {error}")
            return
        if version != "editable":
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform_tag(files)}"
            build_data["artifacts"] += [f"/{(KERNELS / file.name).as_posix()}" for file in files]


def platform_tag(files: list[Path]) -> str:
    """What the compiled files run on: on Linux every C library that has the functions they call."""
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    if not platform.startswith("linux_"):
        return platform
    asked = [int(minor) for file in files for minor in re.findall(rb"GLIBC_2\.(\d+)", file.read_bytes())]
    if not asked:  # another C library
        return platform
    return f"manylinux_2_{max(OLDEST_GLIBC, *asked)}_{platform.removeprefix('linux_')}"


def _build_module(root: Path) -> ModuleType:
    """build.py by its path: dechaff cannot be imported while it is being built."""
    spec = importlib.util.spec_from_file_location("_dechaff_kernel_build", root / KERNELS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
