from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dechaff.data.formats import record_cuts as module
from dechaff.data.formats.csv_dialect import Dialect
from dechaff.data.formats.record_cuts import Cut, record_cuts
from dechaff.data.formats.text import TextForm
from dechaff.errors import DataError

UTF8 = TextForm("utf-8", b"", False, "")


def cuts(path: Path, dialect: Dialect | None, size: int, start: int = 0, line: int = 1) -> list[Cut]:
    return list(record_cuts(path, UTF8, dialect, start, line, size))


@pytest.mark.parametrize("block", [1, 2, 7, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_parts_end_with_records_and_quoted_line_ends_end_none(
    tmp_path: Path, block: int, end: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK", block)
    monkeypatch.setattr(module, "_by_text", None)
    records = [b'1,"a' + end + b'b"', b"2,c", b'3,"say ""x' + end + b'"""', b"4,"]
    path = tmp_path / "a.csv"
    path.write_bytes(b"n,t" + end + (end + end).join(records))
    found = cuts(path, Dialect(","), 1, start=3 + len(end), line=2)
    assert sum(cut.n_records for cut in found) == 4
    pieces = [path.read_bytes()[cut.start : cut.stop] for cut in found]
    assert b"".join(pieces) == path.read_bytes()[3 + len(end) :]
    assert all(piece.count(b'"') % 2 == 0 for piece in pieces)


def test_parts_of_any_size_hold_every_line_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(b"x" * int(n) + b"\n" for n in np.random.default_rng(0).integers(0, 9, 200)))
    full = sum(bool(line.strip()) for line in path.read_bytes().split(b"\n"))
    for size in (1, 10, 10_000):
        found = cuts(path, None, size)
        assert sum(cut.n_records for cut in found) == full
        assert [cut.start for cut in found[1:]] == [cut.stop for cut in found[:-1]]
        assert [cut.line for cut in found] == [1 + path.read_bytes().count(b"\n", 0, cut.start) for cut in found]


def test_an_empty_file_has_no_parts(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    assert not cuts(tmp_path / "a.csv", Dialect(","), 10)


def test_a_quote_that_nobody_closes_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST_RECORD", 1000)
    (tmp_path / "a.csv").write_text('a,b\n1,"open\n' + "2,b\n" * 1000)
    with pytest.raises(DataError, match=r"never closed in .*: line 2 starts a record"):
        cuts(tmp_path / "a.csv", Dialect(","), 500)
