"""The kernel that is used (the native library for this processor, or numpy), and how it reads the rows of an array."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.build import SOURCE, library_file, source_mark, targets
from dechaff.core.source import CHUNK_BYTES
from dechaff.core.threads import together, usual_threads
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


R = TypeVar("R")
NATIVE_WORTH, NUMPY_WORTH = 2**22, 2**25
"""Fewest bytes for which starting a thread pays off."""
LINE = 128
"""Bytes between what two threads write often, so that they share no cache line, nor neighbouring ones."""
_SUFFIX = {np.dtype(np.float32): "f4", np.dtype(np.float64): "f8"}


def native_for(*matrices: npt.NDArray[Any]) -> Kernel | None:
    """The native kernel, if there is one and it can read these (n, k) arrays; None if numpy computes it."""
    native = kernel()
    return native if native.library is not None and all(map(_in_rows, matrices)) else None


def native_for_any_order(matrix: npt.NDArray[Any]) -> Kernel | None:
    """The same for functions that read row by row or column by column."""
    native = kernel()
    return native if native.library is not None and (_in_rows(matrix) or _in_rows(matrix.T)) else None


def typed(function: str, matrix: npt.NDArray[Any]) -> str:
    """The function's name for numbers of this type."""
    return f"{function}_{_SUFFIX[matrix.dtype]}"


def rows_of(matrix: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], int, int, int]:
    """First number, rows, numbers from one row to the next, numbers of a row: as native functions take a matrix."""
    n, k = matrix.shape
    return matrix, n, matrix.strides[0] // matrix.itemsize if n > 1 else k, k


def cells_of(matrix: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], int, int, int, int]:
    """First number, rows, columns, numbers to the next row and to the next column, one of these 1: of either order."""
    n, k = matrix.shape
    if _in_rows(matrix):
        return matrix, n, k, rows_of(matrix)[2], 1
    return matrix, n, k, 1, rows_of(matrix.T)[2]


def codes_of(labels: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Labels as native functions take them."""
    return np.ascontiguousarray(labels, dtype=np.int64)


def native_shares(work: Callable[[slice], R], matrix: npt.NDArray[Any]) -> list[R]:
    """``work`` on runs of neighbouring rows, one per thread, in order."""
    return together([partial(work, share) for share in native_runs(matrix)])


def native_runs(matrix: npt.NDArray[Any]) -> list[slice]:
    """Runs of neighbouring rows, one per thread."""
    return _runs(len(matrix), _threads(matrix, NATIVE_WORTH))


def numpy_shares(work: Callable[[slice], R], matrix: npt.NDArray[Any]) -> list[R]:
    """``work`` on chunks that stay in the cache, several at once, in order."""
    n, row_bytes = len(matrix), matrix.itemsize * int(np.prod(matrix.shape[1:]))
    step = max(32, CHUNK_BYTES // max(1, row_bytes))
    chunks = [slice(start, min(start + step, n)) for start in range(0, max(1, n), step)]

    def chunks_of(share: slice) -> list[R]:
        return [work(chunk) for chunk in chunks[share]]

    shares = _runs(len(chunks), min(len(chunks), _threads(matrix, NUMPY_WORTH)))
    several = together([partial(chunks_of, share) for share in shares])
    return [result for results in several for result in results]


def own_zeros(shape: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """Integer zeros for one thread to count in, padded on both sides."""
    size, room = int(np.prod(shape)), LINE // 8
    return np.zeros(size + 2 * room, dtype=np.int64)[room : room + size].reshape(shape)


def _threads(matrix: npt.NDArray[Any], worth: int) -> int:
    return max(1, min(usual_threads(), matrix.nbytes // worth))


def _runs(n: int, parts: int) -> list[slice]:
    edges = [n * part // parts for part in range(parts + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


def _in_rows(matrix: npt.NDArray[Any]) -> bool:
    """Whether numbers are in native byte order, those of a row contiguous and rows in ascending order."""
    if matrix.ndim != 2 or matrix.dtype not in _SUFFIX or not matrix.flags.aligned or not matrix.shape[1]:
        return False
    (n, k), (down, across) = matrix.shape, matrix.strides
    beside = k == 1 or n == 0 or across == matrix.itemsize
    below = n <= 1 or (down >= k * matrix.itemsize and down % matrix.itemsize == 0)
    return bool(beside and below and n < 2**31)
