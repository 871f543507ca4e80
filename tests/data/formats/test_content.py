from __future__ import annotations

import gzip
import os
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dechaff.data.formats.content import CHUNK, MegabytesRead, file_sha256, fingerprint_of
from dechaff.data.formats.files import open_files


def test_files_are_told_of_one_after_the_other(tmp_path: Path) -> None:
    files = (tmp_path / "a", tmp_path / "b")
    for file, size in zip(files, (2**20, 3 * 2**20), strict=True):
        file.write_bytes(b"x" * size)
    told: list[tuple[str, int, int]] = []
    read = MegabytesRead("reading", files, lambda *one: told.append(one))
    read.of(0)(0.5)
    read.of(1)(0.0)
    read.of(1)(0.7)
    read.end()
    assert told == [("reading", 0, 5), ("reading", 1, 5), ("reading", 3, 5), ("reading", 5, 5)]


def test_a_hash_tells_how_far_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * (2 * CHUNK))
    fractions: list[float] = []
    file_sha256(tmp_path / "a", fractions.append)
    assert fractions == [0.5, 1.0]


@pytest.mark.parametrize("size", [0, 1, 40_000, 2**18, 3_000_000])
def test_a_fingerprint_is_that_of_one_state_of_one_file(tmp_path: Path, size: int) -> None:
    path, data = tmp_path / "rows.csv", Random(0).randbytes(size)
    path.write_bytes(data)
    known = fingerprint_of(path)
    assert fingerprint_of(path) == known
    path.rename(tmp_path / "moved.csv")
    assert fingerprint_of(tmp_path / "moved.csv") != known
    path.write_bytes(data)
    os.utime(path, ns=(known[2], known[2]))
    assert fingerprint_of(path) == known
    os.utime(path, ns=(known[2], known[2] + 1))  # only touched
    assert fingerprint_of(path) != known
    path.write_bytes(data + b"x")
    assert fingerprint_of(path)[1:] != known[1:]


@pytest.mark.parametrize(("size", "places"), [(1, [0]), (2**18, range(0, 2**18, 2_999)), (3_000_000, [0, -1])])
def test_a_fingerprint_shows_other_bytes_of_the_same_time(tmp_path: Path, size: int, places: Sequence[int]) -> None:
    path, data = tmp_path / "rows.csv", bytearray(size)
    path.write_bytes(data)
    known = fingerprint_of(path)
    for place in places:
        changed = bytearray(data)
        changed[place] = 1
        path.write_bytes(changed)
        os.utime(path, ns=(known[2], known[2]))
        assert fingerprint_of(path)[:3] == known[:3]
        assert fingerprint_of(path) != known


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_parts_of_text_know_how_much_of_their_file_has_been_read(tmp_path: Path, name: str, packed: bool) -> None:
    line = '"%06d %s","a"\n' if name == "rows.csv" else '{"text": "%06d %s", "label": "a"}\n'
    head = "text,label\n" if name == "rows.csv" else ""
    random = Random(0)  # text that cannot be packed into the one buffer that gzip reads first
    data = (head + "".join(line % (row, random.randbytes(500).hex()) for row in range(6_000))).encode()
    path = tmp_path / (name + ".gz" * packed)
    path.write_bytes(gzip.compress(data, 1) if packed else data)
    fractions = [part.fraction for part, _ in open_files(path).scan()]
    assert len(fractions) > 2
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < 0.7
    assert fractions[-1] == 1.0


def test_parts_of_parquet_know_it_by_their_rows(tmp_path: Path) -> None:
    table = pa.table({"x": list(range(30_000)), "label": ["a", "b"] * 15_000})
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=12_000)
    found = list(open_files(tmp_path / "rows.parquet").scan())
    assert [part.first_row for part, _ in found] == [0, 8_192, 12_000, 20_192, 24_000]
    assert [round(part.fraction, 3) for part, _ in found] == [0.273, 0.4, 0.673, 0.8, 1.0]
