"""Large arrays that cannot change reach other processes of this machine as one file, which all of them map.

A matrix that models are trained on again and again is so written once, instead of being sent with every training.
"""

from __future__ import annotations

import os
import pickle
import tempfile
import weakref
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

_LEAST_BYTES = 2**20
"""Of arrays that are worth a file."""
_paths: dict[int, str] = {}
"""The file of each array that lives, by its identity."""


def sent(array: npt.NDArray[Any]) -> Any:
    """How an array is pickled for a process of this machine.

    A large one that is read-only, as all whose memory it shows, becomes a file, which goes when the array does; any
    other, and one for which there is no room on the disk, is copied.

    Examples
    --------
    >>> matrix = np.zeros((2000, 100))
    >>> matrix.flags.writeable = False
    >>> rebuild, parts = sent(matrix)
    >>> found = rebuild(*parts)
    >>> found.shape, found.flags.writeable
    ((2000, 100), False)
    """
    if array.nbytes >= _LEAST_BYTES and not array.dtype.hasobject and _is_fixed(array):
        with suppress(OSError):
            return _mapped, (_paths.get(id(array)) or _written(array),)
    return array.__reduce_ex__(pickle.HIGHEST_PROTOCOL)


def _is_fixed(array: Any) -> bool:
    while isinstance(array, np.ndarray) and not array.flags.writeable:
        array = array.base
    return array is None


def _written(array: npt.NDArray[Any]) -> str:
    with tempfile.NamedTemporaryFile(prefix="dechaff-", suffix=".npy", delete=False) as file:
        weakref.finalize(array, _forget, id(array), file.name)
        np.save(file, array, allow_pickle=False)
    _paths[id(array)] = file.name
    return file.name


def _forget(number: int, path: str) -> None:
    _paths.pop(number, None)
    with suppress(OSError):  # another system may not remove a file that is mapped
        os.unlink(path)


def _mapped(path: str) -> npt.NDArray[Any]:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
