"""Files of tables that are gzipped as a whole: unpacked into memory, once for many readers."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

from dechaff.data.formats.content import content_chunks, is_gzipped


def unpacked(path: Path) -> Path | io.BytesIO:
    """The path, or the content of a packed file as a stream of its own."""
    if not is_gzipped(path):
        return path
    return io.BytesIO(_content(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=1)
def _content(path: Path, _changed: int) -> bytes:
    return b"".join(content_chunks(path))
