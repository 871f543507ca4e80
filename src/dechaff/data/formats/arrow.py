"""Arrow files (Feather, IPC, streams of batches), as in data sets that Hugging Face saved to disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import polars as pl

from dechaff.data.columns.names import check_distinct_names
from dechaff.data.formats.content import OnFraction, damaged, ignore_fraction, open_content, read_some, unpacked
from dechaff.data.formats.part import FRAME_ROWS, FileForm, FilePart, PartWriter, TableWriter
from dechaff.data.memory.frames import ArrowFrame, arrow_modules
from dechaff.data.memory.hugging_face import ClassTable
from dechaff.data.read import Read
from dechaff.errors import DataError, MissingExtraError
from dechaff.typing import ColumnTypes, Mask

PART_ROWS, _NUMBERS_ROWS = 8_192, 2**17
"""Most rows of a part that is read as cells, and of one of numbers."""
_INFO, _STATE = "dataset_info.json", "state.json"


@dataclass(frozen=True)
class ArrowForm(FileForm):
    """One file: its columns, its rows, and what the numbers of a column of classes stand for."""

    n_rows: int
    classes: Mapping[str, list[str]]

    def parts(
        self, file: int, first_row: int, *, numbers: bool = False, on_fraction: OnFraction = ignore_fraction
    ) -> list[ArrowPart]:
        """Some thousand rows each."""
        step, n = _NUMBERS_ROWS if numbers else PART_ROWS, max(1, self.n_rows)
        sizes = [(at, min(step, self.n_rows - at)) for at in range(0, n, step)]
        return [ArrowPart(self, file, first_row + at, rows, (at + rows) / n, at) for at, rows in sizes]

    def schema(self) -> ColumnTypes:
        """Types of the columns."""
        frame: Any = pl.from_arrow(table_of(self.path).slice(0, 0))
        return dict(frame.schema)

    def writer(self, stream: IO[bytes], *, gzipped: bool) -> PartWriter:
        """Writes the new form of the file."""
        return _ArrowWriter(self.path, stream, gzipped)


@dataclass(frozen=True)
class ArrowPart(FilePart):
    """Neighbouring rows of a file."""

    form: ArrowForm = field(repr=False)
    start: int

    def where_of(self, row: int) -> str:
        """The file and the place in it of a row, for messages."""
        return f"{self.form.path}, row {self.start + row - self.first_row}"

    def read(self) -> Read:
        """The cells of all columns; classes by their names."""
        frame = ClassTable.of(ArrowFrame(self._table(), "arrow"), self.form.classes)
        return Read(frame.cells(), self.n_rows, frame)

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns."""
        frame: Any = pl.from_arrow(self._table().select(list(columns)))
        yield from frame.iter_slices(FRAME_ROWS)

    def _table(self) -> Any:
        return table_of(self.form.path).slice(self.start, self.n_rows)


@dataclass
class _ArrowWriter(TableWriter):
    """Writes a file or a stream of batches, as the original is one."""

    _out: Any = field(default=None, init=False)

    def write(self, part: Any, changed: Any, kept: Mask) -> None:
        if self._out is None:
            self._out = self._opened(changed.schema)
        self._out.write_table(changed)

    def _end(self) -> None:
        (self._out or self._opened(table_of(self.original).schema)).close()

    def _opened(self, schema: Any) -> Any:
        """The new file: with the schema of the original, unless a label column was made."""
        pa, _ = arrow_modules()
        new = pa.ipc.new_file if _is_file(self.original) else pa.ipc.new_stream
        old = table_of(self.original).schema
        return new(self.packed, old if old.equals(schema) else schema)


def arrow_form(path: Path) -> ArrowForm:
    """The form of one file; classes are named beside it if Hugging Face saved it."""
    schema = table_of(path).schema
    check_distinct_names(list(schema.names), f"the file {path}")
    return ArrowForm(path, (), tuple((one.name, one.type) for one in schema), table_of(path).num_rows, _classes(path))


def _classes(path: Path) -> dict[str, list[str]]:
    info = path.parent / _INFO
    if not info.is_file():
        return {}
    try:
        features = json.loads(info.read_bytes()).get("features") or {}
    except (ValueError, AttributeError) as error:
        raise DataError(f"Cannot read {info}: {error}.", fix="Save the data set again.") from error
    return {
        name: list(one["names"])
        for name, one in features.items()
        if isinstance(one, dict) and one.get("_type") == "ClassLabel" and one.get("names")
    }


def description_of(old: Path, new: Path, sha256: str) -> dict[Path, bytes]:
    """What Hugging Face keeps beside the files of a data set, for the new ones; nothing if there is none."""
    if not (old / _STATE).is_file():
        return {}
    state = json.loads((old / _STATE).read_bytes())
    changed = hashlib.sha256(f"{state.get('_fingerprint')} {sha256} improved".encode()).hexdigest()[:16]
    files = {new / _STATE: json.dumps({**state, "_fingerprint": changed}, indent=2).encode()}
    if (old / _INFO).is_file():
        info = json.loads((old / _INFO).read_bytes())
        sizes = ("splits", "dataset_size", "size_in_bytes", "download_size")
        kept = {name: value for name, value in info.items() if name not in sizes}
        files[new / _INFO] = json.dumps(kept, indent=2).encode()
    return files


def table_of(path: Path) -> Any:
    """The table of a file, mapped into memory as far as it is not compressed."""
    return _table(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _table(path: Path, _changed: int) -> Any:
    try:
        pa, _ = arrow_modules()
    except ImportError as absent:
        raise MissingExtraError.of("pyarrow", "pandas", "to read Arrow files") from absent
    content = unpacked(path)
    try:
        source = pa.memory_map(str(path)) if content is path else pa.BufferReader(content.getvalue())  # type: ignore[union-attr]
        opened = pa.ipc.open_file(source) if _is_file(path) else pa.ipc.open_stream(source)
        return opened.read_all()
    except (OSError, ValueError) as error:
        raise damaged(path, "Arrow file", error) from error


def _is_file(path: Path) -> bool:
    """Whether it has a footer; a stream of batches has none."""
    with open_content(path) as stream:
        return read_some(path, stream, 6) == b"ARROW1"
