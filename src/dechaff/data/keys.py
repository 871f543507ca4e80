"""What a row is known by when its place in the file has changed: a hash of its content."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from dechaff.data.columns.cells import Cells, texts
from dechaff.typing import Groups, Texts


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
    seen: defaultdict[str, int] = defaultdict(int)
    keys = []
    for content in contents:
        digest = hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        keys.append(f"{digest}:{seen[digest]}")
        seen[digest] += 1
    return texts(keys)


def equal_rows(contents: Sequence[str]) -> Groups:
    """A number for each row, the same for rows of equal content."""
    numbers: dict[str, int] = {}
    return np.fromiter((numbers.setdefault(content, len(numbers)) for content in contents), np.int64, len(contents))


def content_hash(contents: Sequence[str]) -> str:
    """SHA-256 of all rows together, for data that are in no file."""
    whole = hashlib.sha256()
    for content in contents:
        whole.update(content.encode("utf-8", "surrogatepass"))
        whole.update(b"\x1e")
    return whole.hexdigest()
