"""The binary version of CIFAR-10, as its authors publish it; the pickled version is never opened.

Each record is a byte for the class and 3,072 bytes for the pixels: 32 x 32 of red, then of green, then of blue.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dechaff.data.formats.content import bytes_of
from dechaff.errors import DataError
from dechaff.recipe.noise_benchmark.problem import BenchmarkData

SHAPE = (3, 32, 32)
"""Channels, rows and columns of an image."""
_RECORD = 1 + 3 * 32 * 32
_BINARY, _PICKLED = "data_batch_*.bin", "data_batch_[1-5]"


def has_cifar10(folder: Path) -> bool:
    """Whether a folder holds CIFAR-10, in either version."""
    return any(folder.glob(_BINARY)) or any(folder.glob(_PICKLED))


def read_cifar10(folder: Path) -> BenchmarkData:
    """All training images of a folder with ``data_batch_1.bin`` and so on; pixels from 0 to 1, (n, 3072).

    Raises
    ------
    DataError
        If a file is damaged, or the folder holds the pickled version.
    """
    files = sorted(folder.glob(_BINARY))
    if not files:
        raise DataError(
            f"the folder {folder}",
            "hold the binary version of CIFAR-10",
            "the pickled one, which can run foreign code",
            "Download the binary version (cifar-10-binary.tar.gz) and name its folder.",
        )
    records = np.concatenate([_records(file) for file in files])
    return BenchmarkData("CIFAR-10", records[:, 1:] / np.float32(255), records[:, 0].astype(np.int64), shape=SHAPE)


def _records(file: Path) -> np.ndarray:
    data = np.frombuffer(bytes_of(file), dtype=np.uint8)
    if len(data) % _RECORD or not len(data):
        found = f"{len(data):,} bytes"
        raise DataError(f"the file {file}", f"be records of {_RECORD:,} bytes", found, "Download it again.")
    records = data.reshape(-1, _RECORD)
    odd = np.flatnonzero(records[:, 0] > 9)
    if len(odd):
        found = f"{records[odd[0], 0]} in record {odd[0]}"
        raise DataError(f"the classes of {file}", "be from 0 to 9", found, "Download it again.")
    return records
