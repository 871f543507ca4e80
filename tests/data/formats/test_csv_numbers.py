from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import dechaff
from dechaff.data.formats.csv import csv_form
from dechaff.data.streams.label_stream import open_label_stream
from dechaff.errors import DataError, LabelsError

ROWS = [("A", 0.9, 0.1), ("B", 0.2, 0.8), ("A", 0.3, 0.7)] * 20


def written(folder: Path, header: str, first: str, *, end: str = "\n", mark: str = ",") -> Path:
    path = folder / "rows.csv"
    quoted = {"A": first, "B": "B"}
    lines = [header, *(mark.join([quoted[label], str(one), str(two)]) for label, one, two in ROWS)]
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


@pytest.mark.slow
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("field", "name"),
    [
        ('"a ""b"""', 'a "b"'),
        ('"""quoted"""', '"quoted"'),
        ('"x\ny"', "x\ny"),
        ('"x\r\n\r\ny"', "x\r\n\r\ny"),
        ('"a,b"', "a,b"),
        ('"a;b"', "a;b"),
        ('"ant"', "ant"),
    ],
)
@pytest.mark.parametrize("before", ["", "\ufeff", "\n\n"])
def test_names_may_hold_quotes_and_line_ends(
    field: str, name: str, mark: str, end: str, before: str, tmp_path: Path
) -> None:
    path = written(tmp_path, before + mark.join(["label", field, '"B"']), field, end=end, mark=mark)
    found = dechaff.labels.stream_label_errors("label", path, out=tmp_path / "out")
    assert found.class_names == [name, "B"]
    expected = dechaff.find_label_errors("label", path)
    assert found.table()["suggested"].to_list() == expected.suggested.tolist()
    assert found.table()["given"].to_list() == [name if label == "A" else "B" for label, *_ in ROWS]


def test_lines_are_counted_from_the_top_of_the_header(tmp_path: Path) -> None:
    path = written(tmp_path, '\nlabel,"x\ny",B', '"x\ny"')
    path.write_text(path.read_text() + "C,0.5,0.5\n")
    with pytest.raises(LabelsError, match=rf"'C' in row {len(ROWS)} \(.*rows.csv, line {4 + len(ROWS) * 5 // 3}\)"):
        dechaff.labels.stream_label_errors("label", path, out=tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("label,A,A\nA,0.5,0.5\n", "give each column a unique name; found 'A' for column 2 and again for column 3"),
        ("label,A\nA,0.5,0.5\n", "have 2 fields in each record, as in its first; found 3 fields in line 2"),
        ("label,A,B\nA,0.5\n", "have 3 fields in each record, as in its first; found 2 fields in line 2"),
    ],
)
def test_a_header_that_cannot_be_read_is_named_with_its_file(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(text.encode())
    with pytest.raises(DataError, match=rf"rows.csv must {words}"):
        dechaff.labels.stream_confident_learning("label", tmp_path / "rows.csv", out=tmp_path / "out")


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_header_alone_holds_no_rows(end: str, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(f"label,A,B{end}")
    form = csv_form(tmp_path / "rows.csv", header=True)
    assert [part.n_rows for part in form.parts(0, 0)] == [0]
    assert list(form.schema()) == ["label", "A", "B"]
    assert form.schema()["A"] == pl.Float64


def test_a_file_with_a_header_alone_says_nothing_of_types(tmp_path: Path) -> None:
    for name, text in (("a", "label,A,B\n"), ("b", "label,A,B\nA,0.5,0.5\n"), ("c", "label,A,B")):
        (tmp_path / f"{name}.csv").write_text(text)
    stream = open_label_stream(tmp_path, "label")
    assert [part.n_rows for part in stream.rows] == [1]
    (tmp_path / "b.csv").unlink()
    with pytest.raises(DataError, match="have no rows"):
        open_label_stream(tmp_path, "label")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: gzip.compress(text.encode()),
        lambda text: text.replace("A", "Ä").encode("latin-1"),
        lambda text: text.encode("utf-16"),
        lambda text: b"sep=;\n" + text.replace(",", ";").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace("A", 'A"').encode(),
    ],
    ids=["gzip", "latin-1", "utf-16", "sep=", "old line ends", "quotes that are text"],
)
def test_streams_read_what_an_audit_reads(spoil: Callable[[str], bytes], tmp_path: Path) -> None:
    text = "".join(f"{label},{one},{two}\n" for label, one, two in [("label", "A", "B"), *ROWS])
    path = tmp_path / "rows.csv"
    path.write_bytes(spoil(text))
    found = dechaff.labels.stream_label_errors("label", path, out=tmp_path / "out")
    assert found.table()["given"].str.slice(0, 1).replace("Ä", "A").to_list() == [label for label, *_ in ROWS]
    expected = dechaff.find_label_errors("label", path)
    assert found.table()["score"].to_list() == pytest.approx(expected.score.tolist())
