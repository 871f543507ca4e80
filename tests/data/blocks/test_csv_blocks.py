from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from dechaff.data.blocks import csv_blocks
from dechaff.data.blocks.files import open_blocks
from dechaff.data.csv_file import read_csv
from dechaff.errors import DataError

PLAIN = "text,label\n" + "".join(f"row {row},{'ab'[row % 2]}\n" for row in range(40))
FILES = {
    "plain": PLAIN.encode(),
    "no line end": PLAIN.rstrip("\n").encode(),
    "windows line ends": PLAIN.replace("\n", "\r\n").encode(),
    "old line ends": PLAIN.replace("\n", "\r").encode(),
    "quotes, commas and line ends in fields": (
        "text,label\n" + "".join(f'"a ""{row}"", and\nmore","{"ab"[row % 2]}"\n' for row in range(30))
    ).encode(),
    "blank lines": PLAIN.replace("row 7,b\n", "row 7,b\n\n\n").encode() + b"\n\n",
    "byte order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "utf-16": PLAIN.encode("utf-16"),
    "umlauts": PLAIN.replace("row", "Zürich – größer").encode(),
    "windows-1252": PLAIN.replace("row", "Zürich").encode("cp1252"),
    "some bytes that do not fit": PLAIN.replace("row", "größer è").encode().replace(b"9,b", b"9\xff,b"),
    "semicolons": PLAIN.replace(",", ";").encode(),
    "a line that names the delimiter": b"sep=;\n" + PLAIN.replace(",", ";").encode(),
    "quotes that are text": PLAIN.replace("row", 'a 5" disk').encode(),
    "no header": "".join(f"{row},{row % 3}\n" for row in range(40)).encode(),
    "gzip": gzip.compress(PLAIN.encode(), mtime=0),
}


@pytest.mark.parametrize("size", [1, 37, 2**20])
@pytest.mark.parametrize("name", FILES)
def test_blocks_of_any_size_hold_the_cells_and_give_the_bytes_of_the_whole_file(
    name: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", size)
    suffix = ".csv.gz" if name == "gzip" else ".csv"
    path, label = tmp_path / f"a{suffix}", "column_1" if name == "no header" else "label"
    path.write_bytes(FILES[name])
    whole = read_csv(path, FILES[name], label=None if name == "no header" else label)
    source = open_blocks(path, label=None if name == "no header" else label)
    found = list(source.scan())
    for cells in whole.cells:
        raw = [cell for _, read in found for column in read.cells if column.name == cells.name for cell in column.raw]
        assert raw == cells.raw.tolist()
    keep = np.arange(whole.n_rows) % 5 != 3
    new = dict.fromkeys(range(1, whole.n_rows, 4), whole.cells[-1].raw[0])
    examples = {str(value): int(np.flatnonzero(whole.cells[-1].raw == value)[0]) for value in set(whole.cells[-1].raw)}
    writer = source.writer(0, tmp_path / f"new{suffix}", label, {value: value for value in examples})
    for block, read in source.read([block for block, _ in found]):
        mine = {row - block.first_row: value for row, value in new.items() if row in block.rows}
        writer.add(block, read, keep[block.rows], mine)
    writer.close()
    expected = whole.source.bound(label, examples).improved(keep, new)
    assert _content(tmp_path / f"new{suffix}") == (gzip.decompress(expected) if name == "gzip" else expected)


def _content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_a_record_of_another_length_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    many = "".join(f"a text that stands in row {row},a\n" for row in range(60_000))
    (tmp_path / "a.csv").write_text(f"text,label\n{many}one,two,three\nx,a\n")
    source = open_blocks(tmp_path / "a.csv", label="label")
    with pytest.raises(DataError, match=r"a\.csv must have 2 fields .* found 3 fields in line 60002"):
        list(source.scan())


def test_a_gzip_file_that_is_cut_off_is_named(tmp_path: Path) -> None:
    packed = gzip.compress(PLAIN.encode() * 500)
    (tmp_path / "a.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DataError, match=r"a\.csv\.gz must be a whole"):
        list(open_blocks(tmp_path / "a.csv.gz", label="label").scan())


def test_there_is_no_source_without_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="must name files"):
        open_blocks(tmp_path / "*.csv", label=None)
