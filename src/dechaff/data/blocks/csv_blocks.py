"""CSV and TSV files of any size: records in blocks, written back with untouched records byte for byte."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np

from dechaff.data.blocks.block import BLOCK_BYTES, Block
from dechaff.data.blocks.content import HEAD, TextForm, Told, open_content, read_some, share_read, text_form, unheard
from dechaff.data.blocks.text_writer import TextWriter
from dechaff.data.cells import cells_from_text
from dechaff.data.csv_dialect import Dialect, Records, parse_records, sniff_delimiter
from dechaff.data.csv_file import CsvSource, read_csv, without_separator_line
from dechaff.data.dataset import Assumption
from dechaff.data.read import Read
from dechaff.data.source import suffix_of
from dechaff.errors import DataError
from dechaff.typing import Mask

_LONGEST_RECORD = 2**26
"""A record of more characters is a quote that nobody closed."""


@dataclass(frozen=True)
class CsvBlock(CsvSource):
    """The records of one block; labels are spelled as most of the whole file spells them."""

    spellings: Mapping[str, str] = field(default_factory=dict)

    def text(self, keep: Mask, labels: Mapping[int, str]) -> str:
        """The block's piece of the new file."""
        return self.changed_text(keep, {row: name for row, name in labels.items() if keep[row]})

    def _spelling(self, name: str) -> str:
        return self.spellings.get(name, name)


@dataclass(frozen=True)
class CsvFile:
    """How one file is written: dialect, names of the columns, whether the first record holds them."""

    path: Path
    form: TextForm
    dialect: Dialect
    names: tuple[str, ...]
    header: bool
    assumptions: tuple[Assumption, ...]

    def scan(self, file: int, first_row: int) -> Iterator[tuple[Block, Read]]:
        """The file's blocks."""
        place, line, text, head = len(self.form.bom), 1, "", self.header
        decoder = self.form.decoder()
        with open_content(self.path) as stream:
            stream.seek(place)
            while True:
                data = read_some(self.path, stream, BLOCK_BYTES)
                text += decoder.decode(data, not data)
                records, cut = self._whole_records(text, last=not data, top=place == len(self.form.bom))
                if data and cut == 0:
                    continue
                piece, text = text[:cut], text[cut:]
                size = len(piece.encode(self.form.encoding, self.form.errors))
                read = self._read(piece, records, line, header=head)
                if piece:  # the header alone, and blank lines, are written back as well
                    where = Block(file, first_row, read.n_rows, place, place + size, line=line, read=share_read(stream))
                    yield where, read
                    first_row += read.n_rows
                head = head and not len(records.rows)
                place, line = place + size, line + piece.count("\n")
                if not data:
                    return

    def read(self, block: Block, stream: IO[bytes]) -> Read:
        """The rows of one block, from the open file."""
        if stream.tell() != block.start:
            stream.seek(block.start)
        data = read_some(self.path, stream, block.stop - block.start)
        text = data.decode(self.form.encoding, self.form.errors)
        top = block.start == len(self.form.bom)
        records = parse_records(self._shown(text, top=top), self.dialect)
        return self._read(text, records, block.line, header=self.header and top)

    def _shown(self, text: str, *, top: bool) -> str:
        """The text as it is read: at the top of the file without a line that names the delimiter."""
        shown = self.form.shown(text)
        return without_separator_line(shown)[0] if top else shown

    def _whole_records(self, text: str, *, last: bool, top: bool) -> tuple[Records, int]:
        """The records that are whole, and where the text after them begins: 0 where none can be told to be."""
        held = 0 if last or not text.endswith("\r") else 1
        records = parse_records(self._shown(text[: len(text) - held], top=top), self.dialect)
        if last:
            return records, len(text)
        if len(text) > _LONGEST_RECORD and len(records.rows) < 2:
            raise self._broken("close each double quote that it opens", "a record of more than 64 million characters")
        if len(records.rows) < 2:
            return records, 0
        kept = Records(records.rows[:-1], records.starts[:-1], records.ends[:-1], records.lines[:-1])
        return kept, int(records.starts[-1])

    def _read(self, text: str, records: Records, line: int, *, header: bool) -> Read:
        start = 1 if header and records.rows else 0
        rows = records.rows[start:]
        width = len(self.names)
        for place, row in enumerate(rows, start):
            if len(row) != width:
                at = line + int(records.lines[place]) - 1
                raise self._broken(
                    f"have {width} fields in each record, as in its first", f"{len(row)} fields in line {at}"
                )
        source = CsvBlock(
            path=self.path,
            sha256="",
            n_rows=len(rows),
            decoded=self.form.decoded(text),
            dialect=self.dialect,
            names=self.names,
            starts=records.starts[start:],
            ends=records.ends[start:],
            original=b"",
        )
        columns = zip(*rows, strict=True) if rows else ((),) * width
        return Read(
            tuple(cells_from_text(name, column) for name, column in zip(self.names, columns, strict=True)),
            len(rows),
            source,
        )

    def _broken(self, must: str, found: str) -> DataError:
        fix = "Put fields that hold the delimiter into double quotes and close every quote, or fetch the file again."
        return DataError(f"the file {self.path}", must, found, fix)


def csv_file(
    path: Path, *, label: str | None, delimiter: str | None, encoding: str | None, told: Told = unheard
) -> CsvFile:
    """The form of one file, told from its first megabyte and, for the encoding, from all of it."""
    form = text_form(path, encoding, told)
    with open_content(path) as stream:
        head = read_some(path, stream, HEAD)
        whole = len(head) < HEAD
    data = head if whole else _to_last_record(path, form, head, label)
    read = read_csv(path, data, label=label, delimiter=delimiter, encoding=encoding or _said(form))
    source = read.source
    assert isinstance(source, CsvSource)
    said = {"--encoding"} if encoding is not None else set()
    stated = Assumption("encoding", form.encoding, form.why, "--encoding")
    assumed = tuple(stated if a.what == "encoding" else a for a in read.assumptions if a.flag not in said)
    if encoding is None and stated not in assumed:
        assumed = (*assumed, stated)
    header = not any(a.what == "header" and a.value == "none" for a in read.assumptions)
    return CsvFile(path, form, source.dialect, source.names, header, assumed)


def _said(form: TextForm) -> str | None:
    """The encoding for a piece of the file that may not show it."""
    return None if form.escaped or form.bom or form.encoding == "utf-8" else form.encoding


def _to_last_record(path: Path, form: TextForm, head: bytes, label: str | None) -> bytes:
    text = form.decoder().decode(head[len(form.bom) :], False)
    mark, _ = sniff_delimiter(text, label, tab_first=suffix_of(path) in (".tsv", ".tab"))
    records = parse_records(form.shown(text), Dialect(mark))
    if len(records.rows) < 3:
        records = parse_records(form.shown(text), Dialect(mark, quoted=False))
    whole: bytes = text[: int(records.starts[-1])].encode(form.encoding, form.errors)
    return form.bom + whole


@dataclass
class CsvWriter:
    """Writes the blocks of one file."""

    out: TextWriter
    label_name: str
    spellings: Mapping[str, str]

    def add(self, block: Block, read: Read, keep: Mask, labels: Mapping[int, str]) -> None:
        """One block."""
        source = read.source
        assert isinstance(source, CsvBlock)
        changed = CsvBlock(**{**source.__dict__, "label_name": self.label_name, "spellings": self.spellings})
        self.out.add(changed.text(np.asarray(keep, dtype=bool), labels))

    def close(self) -> None:
        """Nothing follows."""
        self.out.close()


def read_blocks(files: tuple[CsvFile, ...], blocks: Collection[Block]) -> Iterator[tuple[Block, Read]]:
    """Some blocks, each file opened once."""
    for number, file in enumerate(files):
        wanted = [block for block in blocks if block.file == number]
        if not wanted:
            continue
        with open_content(file.path) as stream:
            for block in wanted:
                yield block, file.read(block, stream)
