"""Parquet files: the same schema, compression and metadata back."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dechaff.core.files import sha256_of, write_whole
from dechaff.data.arrow_frame import ArrowFrame, read_arrow_parquet, write_arrow_parquet
from dechaff.data.frames import FrameSource, read_wrapped
from dechaff.data.polars_frame import PolarsFrame
from dechaff.data.read import Read
from dechaff.data.source import check_output
from dechaff.data.text_bytes import compressed, uncompressed
from dechaff.errors import DataError
from dechaff.typing import Mask


@dataclass(frozen=True)
class ParquetSource:
    """One Parquet file in memory."""

    path: Path
    sha256: str
    n_rows: int
    rows: FrameSource = field(repr=False)
    codec: str
    metadata: Mapping[str, str] = field(repr=False)
    original: bytes = field(repr=False)
    label_name: str = ""
    format: str = "parquet"

    def bound(self, label_name: str, examples: Mapping[str, int]) -> ParquetSource:
        """The same file that knows its label column and a row of each class."""
        return replace(self, label_name=label_name, rows=self.rows.bound(label_name, examples))

    def improved(self, keep: Mask, labels: Mapping[int, str]) -> bytes:
        """Bytes of the new file."""
        changed = {row: name for row, name in labels.items() if keep[row]}
        if bool(np.all(keep)) and not changed:
            return self.original
        return self._bytes(self.rows.improved(keep, changed))

    def write(self, path: str | os.PathLike[str], *, keep: Mask, labels: Mapping[int, str]) -> None:
        """The new file at ``path``."""
        target = check_output(path, self.path, self.format)
        data = self.improved(keep, labels)
        write_whole(target, compressed(data) if target.name.endswith(".gz") else data)

    def _bytes(self, table: Any) -> bytes:
        stream = io.BytesIO()
        if isinstance(table, pl.DataFrame):
            table.write_parquet(stream, metadata=dict(self.metadata))
        else:
            write_arrow_parquet(table, stream, codec=self.codec)
        return stream.getvalue()


def read_parquet(path: Path, data: bytes) -> Read:
    """Every row of a Parquet file.

    pyarrow reads it where it is installed, because it gives every type back as it was; polars otherwise, which
    keeps types that polars has, and a pandas index as a plain column.
    """
    content, _ = uncompressed(path, data)
    if not content:
        raise DataError(f"the file {path}", "hold rows", "an empty file", "Check that the right file was named.")
    try:
        frame, codec, metadata = _opened(content)
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        first = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise DataError(
            f"the file {path}",
            "be a whole Parquet file",
            f"one that is cut off or damaged ({first})",
            "Fetch or write it again.",
        ) from error
    read = read_wrapped(frame)
    assert isinstance(read.source, FrameSource)
    source = ParquetSource(
        path=path,
        sha256=sha256_of(data),
        n_rows=read.n_rows,
        rows=read.source,
        codec=codec,
        metadata=metadata,
        original=content,
    )
    return replace(read, source=source)


def _opened(content: bytes) -> tuple[ArrowFrame | PolarsFrame, str, dict[str, str]]:
    try:
        return *read_arrow_parquet(content), {}
    except ImportError:
        facts = pl.read_parquet_metadata(io.BytesIO(content))
    metadata = {name: value for name, value in facts.items() if name != "ARROW:schema"}
    return PolarsFrame(pl.read_parquet(io.BytesIO(content)), "parquet"), "zstd", metadata
