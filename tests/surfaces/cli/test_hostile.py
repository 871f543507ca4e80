"""Hostile files and places end with a sentence that says what is wrong and where."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.surfaces.cli.main import main

AUDIT = ["--label", "label", "--quiet", "--threads", "1", "--model", "sklearn.linear_model:LogisticRegression"]
ROWS = 40


def _csv(path: Path) -> Path:
    x = np.random.default_rng(0).normal(size=ROWS)
    pl.DataFrame({"x": x, "label": np.where(x > 0, "high", "low")}).write_csv(path)
    return path


def _jsonl(path: Path, odd: str) -> Path:
    lines = [json.dumps({"x": row, "label": "ab"[row % 2]}) for row in range(ROWS)]
    path.write_text("\n".join([*lines[:4], odd, *lines[4:]]))
    return path


def _parquet(path: Path, name: str) -> Path:
    days = pl.Series("day", [*range(ROWS - 1), 10_200_000], dtype=pl.Int32).cast(pl.Date)
    columns = {"x": range(ROWS), "label": ["a", "b"] * (ROWS // 2), name: days}
    pl.DataFrame(columns).write_parquet(path)
    return path


def _npz(path: Path, value: float) -> Path:
    features = np.random.default_rng(0).normal(size=(ROWS, 3))
    features[7, 2] = value
    np.savez(path, labels=np.arange(ROWS) % 2, features=features)
    return path


def _patched_npz(path: Path, at: int, value: int) -> Path:
    """One field set in both headers of each member: flags at 6 and 8, the method at 8 and 10."""
    stream = io.BytesIO()
    np.savez(stream, labels=np.arange(ROWS) % 2, pred_probs=np.full((ROWS, 2), 0.5))
    data = bytearray(stream.getvalue())
    with zipfile.ZipFile(stream) as archive:
        starts = [entry.header_offset for entry in archive.infolist()]
    central = [place for place in range(len(data)) if data[place : place + 4] == b"PK\x01\x02"]
    for place in [*(start + at for start in starts), *(start + at + 2 for start in central)]:
        data[place : place + 2] = value.to_bytes(2, "little")
    path.write_bytes(data)
    return path


def _only_probs(path: Path) -> Path:
    np.savez(path, labels=np.arange(ROWS) % 2, pred_probs=np.full((ROWS, 2), 0.5))
    return path


def _repeated_names(path: Path) -> Path:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = [pa.array(range(ROWS)), pa.array(range(ROWS)), pa.array(["a", "b"] * (ROWS // 2))]
    pq.write_table(pa.Table.from_arrays(columns, ["x", "x", "label"]), path)
    return path


def _images(path: Path, folder: bytes, file: bytes) -> Path:
    for name, image in ((b"cat", b"1.png"), (folder, file)):
        place = os.path.join(os.fsencode(path), name)
        os.makedirs(place)
        with open(os.path.join(place, image), "wb") as stream:
            stream.write(b"no image")
    return path


CASES = [
    *((lambda here, name=name: [_csv(here / "d.csv"), "--encoding", name], f"Unknown character encoding '{name}'")
      for name in ("hex", "rot13", "zlib", "idna", "undefined", "nothing")),
    (lambda here: [_jsonl(here / "d.jsonl", '{"x": ' + "9" * 5000 + ', "label": "a"}')], "in line 5"),
    (lambda here: [_jsonl(here / "d.jsonl", '{"\\udc80": 1, "label": "a"}')],
     "'\\udc80', which has half of a character, in line 5"),
    (lambda here: [_repeated_names(here / "d.parquet")], "'x' for column 1 and again for column 2"),
    (lambda here: [_parquet(here / "d.parquet", "day")],
     "'day' must hold dates from the year 1 to 9999; found one that is not in row 39"),
    (lambda here: [_parquet(here / "d.parquet", "label")], "'label' must hold dates"),
    (lambda here: [_npz(here / "d.npz", np.nan)], "must be finite; found nan in row 7, column 2"),
    (lambda here: [_npz(here / "d.npz", np.inf)], "must be finite; found inf in row 7, column 2"),
    (lambda here: [_patched_npz(here / "d.npz", 6, 1)], "arrays that are encrypted"),
    (lambda here: [_patched_npz(here / "d.npz", 8, 99)], "cannot unpack"),
    (lambda here: [_only_probs(here / "d.npz")], "have at least one column besides label and id"),
    (lambda here: [_images(here / "pets", b"dog", b"\xff.png")], "must be UTF-8; found dog/\\xff.png"),
    (lambda here: [_images(here / "pets", b"d\xffg", b"1.png")], "must be UTF-8; found d\\xffg/1.png"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "told"), CASES)
def test_a_hostile_file_is_refused_in_words(made, told, tmp_path, capsys):
    words = list(map(str, made(tmp_path)))
    if words[0].endswith(("npz", "pets")):
        del words[1:]
    label = ["--label", "labels"] if words[0].endswith("npz") else [] if words[0].endswith("pets") else AUDIT[:2]
    code = main(["audit", *words, *label, *AUDIT[2:]])
    error = capsys.readouterr().err
    assert (code, "Traceback" in error) == (2, False), error
    assert told in error, error


def test_a_column_of_lists_is_no_probability(tmp_path, capsys):
    probs = {"a": [0.5] * 4, "b": [[0.5, 0.5]] * 4, "label": ["a", "b"] * 2}
    pl.DataFrame(probs).write_parquet(tmp_path / "p.parquet")
    assert main(["labels", str(tmp_path / "p.parquet"), "--label", "label"]) == 2
    assert "the column 'b' of probs must contain the probability of a class" in capsys.readouterr().err


def test_rests_of_a_killed_write_are_removed(tmp_path, capsys):
    source, run = _csv(tmp_path / "d.csv"), tmp_path / "d.dechaff"
    run.mkdir()
    rest = ".options.json.0123456789abcdef.tmp"
    for _ in range(2):  # in a new folder, and in that of a run
        (run / rest).touch()
        assert main(["audit", str(source), *AUDIT]) == 0
        assert not [name for name in os.listdir(run) if name.startswith(".")]


@pytest.mark.slow
def test_a_console_of_few_characters_is_enough(tmp_path):
    path = _csv(tmp_path / "d.csv")
    path.write_text(path.read_text().replace("label", "é").replace("high", "ä…"), encoding="utf-8")
    words = ["audit", str(path), "--label", "é", *AUDIT[2:]]
    code = f"from dechaff.surfaces.cli.main import main; import sys; sys.exit(main({words!r}))"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:strict"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
