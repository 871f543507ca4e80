from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dechaff.data.streams import byte_ranges as module
from dechaff.data.streams.byte_ranges import byte_ranges, read_range


@pytest.mark.parametrize("block", [1, 2, 7, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_ranges_end_with_records_and_quoted_line_ends_end_none(
    tmp_path: Path, block: int, end: bytes, monkeypatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK", block)
    records = [b'1,"a' + end + b'b"', b"2,c", b'3,"say ""x' + end + b'"""', b"4,"]
    path = tmp_path / "a.csv"
    path.write_bytes(b"n,t" + end + (end + end).join(records))
    found = byte_ranges(str(path), start=3 + len(end), quoted=True, range_bytes=1)
    assert sum(part.n_records for part in found) == 4
    assert b"".join(read_range(str(path), part) for part in found) == path.read_bytes()[3 + len(end) :]
    assert all(read_range(str(path), part).count(b'"') % 2 == 0 for part in found)


def test_any_size_of_range_holds_every_line_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(b"x" * int(n) + b"\n" for n in np.random.default_rng(0).integers(0, 9, 200)))
    full = sum(bool(line.strip()) for line in path.read_bytes().split(b"\n"))
    for size in (1, 10, 10_000):
        found = byte_ranges(str(path), quoted=False, range_bytes=size)
        assert sum(part.n_records for part in found) == full
        assert [part.start for part in found[1:]] == [part.stop for part in found[:-1]]


def test_a_range_knows_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"ab\n" * 10)
    lines = [part.line for part in byte_ranges(str(path), quoted=True, range_bytes=9)]
    assert lines[0] == 1
    assert all(line > 1 for line in lines[1:])


def test_an_empty_file_is_one_range_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"")
    assert [part.n_records for part in byte_ranges(str(path), quoted=True)] == [0]
