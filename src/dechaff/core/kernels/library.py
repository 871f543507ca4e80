"""The kernel that is used: the native library for this processor, or numpy."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dechaff.core.kernels.build import SOURCE, library_file, source_mark, targets
from dechaff.errors import InputError

VARIABLE = "DECHAFF_KERNEL"
"""The environment variable that names another kernel than the best one; "numpy" switches the native one off."""
NUMPY = "numpy"


@dataclass(frozen=True)
class Kernel:
    """The implementation of the hot loops."""

    name: str
    """"numpy", or the variant of the native library."""
    why: str
    """In words."""
    library: ctypes.CDLL | None = None

    def __call__(self, function: str, *arguments: Any) -> int:
        """Calls a native function; arrays are passed as the address of their first number. Only if there is a
        library."""
        found = getattr(self.library, f"dechaff_{function}")
        found.restype = ctypes.c_int64
        return int(found(*map(_argument, arguments)))


def kernel() -> Kernel:
    """The kernel that is used now.

    Raises
    ------
    InputError
        If DECHAFF_KERNEL names one that is not here.
    """
    return _kernel(os.environ.get(VARIABLE) or None)


def available() -> tuple[str, ...]:
    """The valid values of DECHAFF_KERNEL on this machine, the best last."""
    return (NUMPY, *(name for name in _that_run() if isinstance(_library(name), ctypes.CDLL)))


@lru_cache(maxsize=16)
def _kernel(selected: str | None) -> Kernel:
    if selected == NUMPY:
        return Kernel(NUMPY, f"{VARIABLE} selects it")
    if selected is not None:
        return _selected(selected)
    reasons = []
    for name in reversed(_that_run()):
        library = _library(name)
        if isinstance(library, ctypes.CDLL):
            return Kernel(name, "the best that this processor runs", library)
        reasons.append(library)
    return Kernel(NUMPY, reasons[-1] if reasons else "there is no native kernel for this kind of processor")


def _selected(name: str) -> Kernel:
    library = _library(name) if name in _that_run() else "this processor does not run it"
    if isinstance(library, ctypes.CDLL):
        return Kernel(name, f"{VARIABLE} selects it", library)
    must = f"be one of {', '.join(available())}"
    raise InputError(
        VARIABLE, must, f"{name!r}: {library}", "Unset it for the best one; run `dechaff doctor` for details."
    )


@lru_cache(maxsize=1)
def _that_run() -> tuple[str, ...]:
    """The variants that this processor runs, according to the plainest of them."""
    names = tuple(targets())
    if not names:
        return ()
    plainest = _library(names[0])
    level = int(plainest.dechaff_processor()) if isinstance(plainest, ctypes.CDLL) else 0
    return names[: 1 + level]


@lru_cache(maxsize=16)
def _library(name: str) -> ctypes.CDLL | str:
    """The loaded variant, or the reason why there is none."""
    file = library_file(name)
    if not file.is_file():
        return (
            "it was not compiled when dechaff was installed; with a C++ compiler: python -m dechaff.core.kernels.build"
        )
    try:
        library = ctypes.CDLL(str(file))
        library.dechaff_source.restype = ctypes.c_char_p
        mark = library.dechaff_source().decode()
    except (OSError, AttributeError) as error:
        return f"{file.name} cannot be loaded: {error}"
    if SOURCE.is_file() and mark != source_mark():
        return f"{file.name} was compiled from another kernel.cpp; run: python -m dechaff.core.kernels.build"
    return library


def _argument(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return ctypes.c_void_p(value.ctypes.data)
    if value is None:
        return ctypes.c_void_p(None)
    return ctypes.c_double(value) if isinstance(value, float) else ctypes.c_int64(int(value))
