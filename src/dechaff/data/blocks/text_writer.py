"""Pieces of a text file written one after the other, with its encoding, its packing and its ending as before."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import IO, Any

from dechaff.data.blocks.content import TextForm

_LINE_END = re.compile(r"[\r\n]*\Z")


class TextWriter:
    """Writes to a path; a final line end comes only where the original has one."""

    def __init__(self, target: Path, form: TextForm, *, gzipped: bool, ends_with_line_end: bool) -> None:
        self._form = form
        self._stream: IO[bytes] = target.open("wb")
        # The same bytes at any time of day: no time and no name in the header.
        self._pack: Any = zlib.compressobj(9, zlib.DEFLATED, 31) if gzipped else None
        self._keeps_end = ends_with_line_end
        self._held = ""
        self._put(form.bom)

    def add(self, text: str) -> None:
        """The next piece."""
        if not text:
            return
        text = self._held + text
        end = len(text) - len(_LINE_END.search(text).group())  # type: ignore[union-attr]
        self._held = text[end:]
        self._put(self._form.decoded("").encode(text[:end], gzipped=False))

    def close(self) -> None:
        """Nothing follows."""
        if self._keeps_end:
            self._put(self._form.decoded("").encode(self._held, gzipped=False))
        if self._pack is not None:
            self._stream.write(self._pack.flush())
        self._stream.close()

    def _put(self, data: bytes) -> None:
        self._stream.write(data if self._pack is None else self._pack.compress(data))
