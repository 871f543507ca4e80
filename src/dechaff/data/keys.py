"""What a row is known by when its place in the file has changed: a hash of its content."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dechaff.data.columns.cells import Cells, texts
from dechaff.typing import Texts


def content_of(columns: Sequence[Cells], n_rows: int) -> list[str]:
    """The content of each row as one string, cells joined by a character that texts do not hold."""
    if not columns:
        return [""] * n_rows
    return ["\x1f".join(row) for row in zip(*(cells.raw for cells in columns), strict=True)]


def content_keys(contents: Sequence[str]) -> Texts:
    """``hash:ordinal`` for each row: 16 hexadecimal digits, and which of the equal rows it is, from 0.

    Examples
    --------
    >>> [key[-2:] for key in content_keys(["a", "b", "a"])]
    [':0', ':0', ':1']
    """
    seen: defaultdict[int, int] = defaultdict(int)
    keys = []
    for digest in content_digests(contents).tolist():
        keys.append(f"{digest:016x}:{seen[digest]}")
        seen[digest] += 1
    return texts(keys)


def content_digests(contents: Sequence[str]) -> npt.NDArray[np.uint64]:
    """(n,) 64 bits of the content of each row."""
    encoded = (content.encode("utf-8", "surrogatepass") for content in contents)
    digests = (int.from_bytes(hashlib.blake2b(one, digest_size=8).digest()) for one in encoded)
    return np.fromiter(digests, np.uint64, len(contents))


def content_hash(contents: Sequence[str]) -> str:
    """SHA-256 of all rows together, for data that are in no file."""
    whole = hashlib.sha256()
    for content in contents:
        whole.update(content.encode("utf-8", "surrogatepass"))
        whole.update(b"\x1e")
    return whole.hexdigest()
