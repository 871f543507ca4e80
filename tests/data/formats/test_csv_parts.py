from __future__ import annotations

import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dechaff.data.formats import part, record_cuts
from dechaff.data.formats.csv_dialect import Dialect, parse_records
from dechaff.data.formats.files import Reading, open_files
from dechaff.data.formats.source import read_files
from dechaff.data.formats.text import TextForm
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
def test_parts_of_any_size_hold_the_cells_and_give_the_bytes_of_the_whole_file(
    name: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suffix = ".csv.gz" if name == "gzip" else ".csv"
    path, label = tmp_path / f"a{suffix}", "column_1" if name == "no header" else "label"
    path.write_bytes(FILES[name])
    reading = Reading(label=None if name == "no header" else label)
    whole = read_files(path, reading)
    assert len(whole.source.tables.parts) <= 2
    monkeypatch.setattr(part, "PART_BYTES", size)
    source = open_files(path, reading)
    found = list(source.scan())
    assert sum(one.n_rows for one in source.parts) == whole.n_rows
    assert [one.first_row for one in source.parts[1:]] == [one.first_row + one.n_rows for one in source.parts[:-1]]
    assert len(found) > 3 or size > 37
    for cells in whole.cells:
        raw = [cell for _, read in found for column in read.cells if column.name == cells.name for cell in column.raw]
        assert raw == cells.raw.tolist()
    keep = np.arange(whole.n_rows) % 5 != 3
    new = dict.fromkeys(range(1, whole.n_rows, 4), whole.cells[-1].raw[0])
    examples = {str(value): int(np.flatnonzero(whole.cells[-1].raw == value)[0]) for value in set(whole.cells[-1].raw)}
    expected = whole.source.bound(label, examples).improved(keep, new)
    with (tmp_path / f"new{suffix}").open("wb") as stream:
        writer = source.forms[0].writer(stream, gzipped=name == "gzip")
        for one in reversed_and_back(source.parts):
            mine = {row - one.first_row: value for row, value in new.items() if row in one.rows and keep[row]}
            writer.write(one, one.read().source.changed(keep[one.rows], label, mine), keep[one.rows])
        writer.close()
    assert _content(tmp_path / f"new{suffix}") == (gzip.decompress(expected) if name == "gzip" else expected)


def reversed_and_back(parts: tuple[part.FilePart, ...]) -> list[part.FilePart]:
    """The parts in order, after the last one was read alone: any may be read at any time, also elsewhere."""
    pickle.loads(pickle.dumps(parts[-1])).read()
    return list(parts)


@pytest.mark.parametrize("name", sorted(set(FILES) - {"utf-16", "quotes that are text", "no header"}))
def test_records_need_not_be_parsed_to_be_cut(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suffix = ".csv.gz" if name == "gzip" else ".csv"
    (tmp_path / f"a{suffix}").write_bytes(FILES[name])
    monkeypatch.setattr(part, "PART_BYTES", 30)
    quick = [one.cut for one in open_files(tmp_path / f"a{suffix}").parts]
    monkeypatch.setattr(record_cuts, "_by_text", None)
    again = [one.cut for one in open_files(tmp_path / f"a{suffix}").parts]
    assert quick == again
    assert sum(cut.n_records for cut in quick) == (30 if name.startswith("quotes,") else 40)


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet='ab ",\n\r', max_size=60), size=st.integers(1, 20))
@example(text='"       "', size=1)  # blanks in quotes are no record, however many
@example(text=f'a\n"{chr(0x3000) * 9}"\n', size=1)
def test_cuts_among_bytes_are_those_among_records(
    text: str, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_bytes(text.encode())
    form = TextForm("utf-8", b"", False, "")
    for dialect in (Dialect(","), Dialect(",", quoted=False), None):
        cuts = list(record_cuts.record_cuts(path, form, dialect, 0, 1, size))
        pieces = [text.encode()[cut.start : cut.stop].decode() for cut in cuts]
        assert "".join(pieces) == text
        if dialect is None:
            assert [cut.n_records for cut in cuts] == [
                sum(bool(line.strip()) for line in piece.split("\n")) for piece in pieces
            ]
        else:
            rows = [row for piece in pieces for row in parse_records(piece, dialect, unix=True).rows]
            assert rows == parse_records(text, dialect, unix=True).rows
            assert [cut.n_records for cut in cuts] == [
                len(parse_records(piece, dialect, unix=True).rows) for piece in pieces
            ]
        assert [cut.line for cut in cuts] == [1 + text.encode().count(b"\n", 0, cut.start) for cut in cuts]


def _content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_a_record_of_another_length_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    many = "".join(f"a text that stands in row {row},a\n" for row in range(60_000))
    (tmp_path / "a.csv").write_text(f"text,label\n{many}one,two,three\nx,a\n")
    source = open_files(tmp_path / "a.csv")
    with pytest.raises(DataError, match=r"a\.csv must have 2 fields .* found 3 fields in line 60002"):
        list(source.scan())


def test_a_gzip_file_that_is_cut_off_is_named(tmp_path: Path) -> None:
    packed = gzip.compress(PLAIN.encode() * 500)
    (tmp_path / "a.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DataError, match=r"a\.csv\.gz: the file is truncated or damaged"):
        list(open_files(tmp_path / "a.csv.gz").scan())


def test_there_is_no_source_without_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No file matches the pattern"):
        open_files(tmp_path / "*.csv")
