"""JSON Lines of any size: records in blocks, untouched lines written back byte for byte."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np

from dechaff.data.blocks.block import BLOCK_BYTES, Block
from dechaff.data.blocks.content import TextForm, Told, open_content, read_some, share_read, text_form, unheard
from dechaff.data.blocks.text_writer import TextWriter
from dechaff.data.cells import cells_from_values
from dechaff.data.dataset import Assumption
from dechaff.data.jsonl import JsonlSource, record_of
from dechaff.data.read import Read
from dechaff.errors import DataError
from dechaff.typing import Mask

_LONGEST_LINE = 2**28


@dataclass(frozen=True)
class JsonlBlock(JsonlSource):
    """The lines of one block; labels are spelled as the whole file spells them."""

    spellings: Mapping[str, str] = field(default_factory=dict)

    def _literal(self, name: str) -> str:
        return self.spellings[name]


@dataclass(frozen=True)
class JsonlFile:
    """How one file is written."""

    path: Path
    form: TextForm

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The encoding."""
        if self.form.why == "you said so":
            return ()
        return (Assumption("encoding", self.form.encoding, self.form.why, "--encoding"),)

    def scan(self, file: int, first_row: int) -> Iterator[tuple[Block, Read]]:
        """The file's blocks: whole lines, about so many bytes."""
        place, line, rest = len(self.form.bom), 1, ""
        decoder = self.form.decoder()
        with open_content(self.path) as stream:
            stream.seek(place)
            while True:
                data = read_some(self.path, stream, BLOCK_BYTES)
                rest += decoder.decode(data, not data)
                cut = rest.rfind("\n") + 1 if data else len(rest)
                if data and not cut:
                    self._refuse_endless(rest, line)
                    continue
                text, rest = rest[:cut], rest[cut:]
                size = len(text.encode(self.form.encoding, self.form.errors))
                if text:
                    read = self._read(text, line)
                    where = Block(file, first_row, read.n_rows, place, place + size, line=line, read=share_read(stream))
                    yield where, read
                    first_row += read.n_rows
                place, line = place + size, line + text.count("\n")
                if not data:
                    return

    def read(self, block: Block, stream: IO[bytes]) -> Read:
        """The rows of one block, from the open file."""
        if stream.tell() != block.start:
            stream.seek(block.start)
        data = read_some(self.path, stream, block.stop - block.start)
        return self._read(data.decode(self.form.encoding, self.form.errors), block.line)

    def _read(self, text: str, first_line: int) -> Read:
        shown = list(io.StringIO(self.form.shown(text), newline="\n"))
        places = [place for place, line in enumerate(shown) if line.strip()]
        records = [record_of(self.path, shown[place], first_line - 1 + place) for place in places]
        names = list(dict.fromkeys(name for record in records for name in record))
        source = JsonlBlock(
            path=self.path,
            sha256="",
            n_rows=len(records),
            decoded=self.form.decoded(text),
            lines=tuple(io.StringIO(text, newline="\n")),
            line_of_row=tuple(places),
            original=b"",
        )
        cells = tuple(cells_from_values(name, [record.get(name) for record in records]) for name in names)
        return Read(cells, len(records), source)

    def _refuse_endless(self, text: str, line: int) -> None:
        if len(text) > _LONGEST_LINE:
            raise DataError(
                f"the file {self.path}",
                "hold one JSON object in each line (JSON Lines)",
                f"more than {len(text):,} characters in line {line}",
                "Write one record a line; `jq -c '.[]' file.json > file.jsonl` turns a JSON list into lines.",
            )


def jsonl_file(path: Path, *, encoding: str | None, told: Told = unheard) -> JsonlFile:
    """The form of one file."""
    return JsonlFile(path, text_form(path, encoding, told))


@dataclass
class JsonlWriter:
    """Writes the blocks of one file."""

    out: TextWriter
    label_name: str
    spellings: Mapping[str, str]

    def add(self, block: Block, read: Read, keep: Mask, labels: Mapping[int, str]) -> None:
        """One block."""
        source = read.source
        assert isinstance(source, JsonlBlock)
        changed = JsonlBlock(**{**source.__dict__, "label_name": self.label_name, "spellings": self.spellings})
        kept = np.asarray(keep, dtype=bool)
        self.out.add(changed.changed_text(kept, {row: name for row, name in labels.items() if kept[row]}))

    def close(self) -> None:
        """Nothing follows."""
        self.out.close()


def read_blocks(files: tuple[JsonlFile, ...], blocks: Collection[Block]) -> Iterator[tuple[Block, Read]]:
    """Some blocks, each file opened once."""
    for number, file in enumerate(files):
        wanted = [block for block in blocks if block.file == number]
        if not wanted:
            continue
        with open_content(file.path) as stream:
            for block in wanted:
                yield block, file.read(block, stream)
