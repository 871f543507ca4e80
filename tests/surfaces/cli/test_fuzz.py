"""Hostile inputs, drawn from a seed: no traceback, no hang, and no changed file of the user's.

``DECHAFF_FUZZ=2000 pytest tests/surfaces/cli/test_fuzz.py`` draws so many instead of 300; ``DECHAFF_FUZZ_FROM=300``
begins with another one.
"""

from __future__ import annotations

import gzip
import io
import os
import random
import signal
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.surfaces.cli.main import main

FIRST, COUNT = int(os.environ.get("DECHAFF_FUZZ_FROM", 0)), int(os.environ.get("DECHAFF_FUZZ", 300))
STEP = 20
LIMIT = 60
"""Seconds after which a call counts as one that hangs."""
ROWS = 24
ODD = [
    "", " ", "NaN", "nan", "inf", "-inf", "1e400", "-0", "0x10", "1_000", "1,5", "1.5.2", "9" * 5000, "null",
    "None", "true", "=1+1", "'", '"', '""', '"a', "\\", "\\ud800", "\x00", "\x1b[31m", "\r", "\n", "\r\n",
    "\t", ";", ",", "\u200b", "\ufeff", "\u202e", "ﬀ", "é", "e\u0301", "日本", "😀", "<script>", "{}", "[]",
    "[1", '{"a": 1}', "2020-13-45", "9999-12-31", "30000-01-01", "a" * 10_000, "label", "x", "%s", "../../x",
    "-1", "--out=x",
]  # fmt: skip
ENCODINGS = [
    "utf-8",
    "latin-1",
    "utf-16",
    "utf-16-le",
    "cp1252",
    "hex",
    "rot13",
    "zlib",
    "idna",
    "undefined",
    "",
    "x" * 300,
]
MINE = ("mine.csv", "edited.csv", "notes.txt", "link.csv", "folder")

Made = tuple[str, bytes]


def _table(rng: random.Random) -> dict[str, list[object]]:
    names = ["x", "label", *rng.sample(["y", "text", "id", "é", " ", "a,b", "label ", "X", "day"], 2)]
    if rng.random() < 0.1:
        names += [rng.choice([*names, "", "\ud800"])]
    rows = []
    for row in range(rng.choice([0, 1, 2, ROWS, ROWS, ROWS, ROWS])):
        x = rng.gauss(0, 1)
        line: list[object] = [
            x,
            "high" if x > 0 else "low",
            *(rng.choice([row, x, f"word {row}", None]) for _ in names[2:]),
        ]
        while rng.random() < 0.08:
            line[rng.randrange(len(line))] = rng.choice(ODD)
        rows.append(line)
    return {name: [line[place] for line in rows] for place, name in enumerate(names)}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _csv(rng: random.Random) -> Made:
    table, mark = _table(rng), rng.choice([",", ",", ";", "\t", "|"])
    quote = rng.random() < 0.5
    cells = [list(table), *map(list, zip(*table.values(), strict=True))]
    lines = [mark.join(f'"{_text(cell)}"' if quote else _text(cell) for cell in line) for line in cells]
    text = rng.choice(["\n", "\r\n", "\r"]).join(lines) + "\n"
    return rng.choice(["d.csv", "d.tsv", "d.txt"]), text.encode(rng.choice(["utf-8", "utf-16", "latin-1"]), "replace")


def _jsonl(rng: random.Random) -> Made:
    import json

    table = _table(rng)
    lines = [json.dumps(dict(zip(table, line, strict=False))) for line in zip(*table.values(), strict=True)]
    odd = [
        '{"x": ' + "9" * 5000 + "}",
        '{"\\udc80": 1, "label": "a"}',
        "[" * 2000,
        "{",
        "[]",
        "1",
        '{"x": NaN}',
        "",
        "{} {}",
    ]
    while lines and rng.random() < 0.3:
        lines[rng.randrange(len(lines))] = rng.choice(odd)
    return "d.jsonl", "\n".join(lines).encode()


def _parquet(rng: random.Random) -> Made:
    import datetime as dt

    columns = [pl.Series("x", [rng.gauss(0, 1) for _ in range(ROWS)]), pl.Series("label", ["a", "b"] * (ROWS // 2))]
    odd: list[Callable[[], pl.Series]] = [
        lambda: pl.Series("day", [10**7] * ROWS, dtype=pl.Int32).cast(pl.Date),
        lambda: pl.Series("label", [10**7, 10**6] * (ROWS // 2), dtype=pl.Int32).cast(pl.Date),
        lambda: pl.Series("when", [2**62] * ROWS).cast(pl.Datetime("ms")),
        lambda: pl.Series("for", [2**62] * ROWS).cast(pl.Duration("ns")),
        lambda: pl.Series("list", [[1.0, None]] * ROWS),
        lambda: pl.Series("label", [["a"], ["b"]] * (ROWS // 2)),
        lambda: pl.Series("bytes", [b"\xff"] * ROWS),
        lambda: pl.Series("label", [None] * ROWS, dtype=pl.Null),
        lambda: pl.Series("label", ["a", "b"] * (ROWS // 2), dtype=pl.Categorical),
        lambda: pl.Series("x", [float("nan"), float("inf")] * (ROWS // 2)),
        lambda: pl.Series("big", [2**63] * ROWS, dtype=pl.UInt64),
        lambda: pl.Series("struct", [{"a": 1}] * ROWS),
        lambda: pl.Series("time", [dt.time(1)] * ROWS),
    ]
    made = {one.name: one for one in [*columns, *(rng.choice(odd)() for _ in range(rng.randrange(3)))]}
    stream = io.BytesIO()
    pl.DataFrame(list(made.values())).write_parquet(stream)
    return "d.parquet", stream.getvalue()


def _npz(rng: random.Random) -> Made:
    high = np.array([rng.random() for _ in range(ROWS)])
    arrays = {"labels": (high > 0.5).astype(int), "pred_probs": np.column_stack([1 - high, high])}
    if rng.random() < 0.4:
        arrays["features"] = np.array([[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(ROWS)])
        if rng.random() < 0.5:
            del arrays["pred_probs"]
    for name in list(arrays):
        if rng.random() < 0.2:
            array = arrays[name].astype(rng.choice(["f2", "f4", "f8", "i1", "c16", "U3", "O", "bool"]))
            if array.dtype.kind == "f":
                array.flat[rng.randrange(array.size)] = rng.choice([np.nan, np.inf, -1, 2])
            arrays[name] = rng.choice([array, array[:3], array.reshape(-1), array[None]])
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return "d.npz", stream.getvalue()


def _mutated(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([0, 0, 1, 1, 2, 8])):
        at, length = rng.randrange(len(changed) + 1), rng.choice([1, 1, 4, 50])
        new = rng.choice(
            [
                rng.randbytes(length),
                bytes(changed[at : at + length]) * 2,
                b"",
                rng.choice(ODD).encode("utf-8", "replace"),
            ]
        )
        changed[at : at + rng.choice([0, length])] = new
    return bytes(changed[: rng.randrange(len(changed) + 1)] if rng.random() < 0.15 else changed)


def _flags(rng: random.Random) -> list[str]:
    flags = {
        "--encoding": ENCODINGS,
        "--delimiter": [",", ";", "\t", "", "ab", '"', "\n", "é"],
        "--id": ["x", "id", "nowhere", ""],
        "--text": ["x", "text"],
        "--numeric": ["text", "label", "x"],
        "--test": [*MINE, "d.csv", "nowhere"],
        "--test-size": ["0.2", "0", "1", "-1", "nan", "1e9", "x"],
        "--split": ["text", "label"],
        "--out": [*MINE, "new", "", ".", "/", "d.csv"],
        "--decisions": [*MINE, "nowhere"],
        "--seed": ["-1", "1", "9" * 30],
        "--policy": ["bold", "x"],
        "--memory": ["1MB", "0", "x", "1PB"],
        "--fail-on": ["L001:1%", "L001:x", "X"],
        "--group": ["x", "text"],
    }
    found = [
        word
        for name in rng.sample(sorted(flags), rng.choice([0, 0, 1, 2]))
        for word in (f"{name}={rng.choice(flags[name])}",)
    ]
    return [*(["--label", rng.choice(["label"] * 8 + ["x", "nowhere"])] if rng.random() < 0.9 else []), *found]


def _case(rng: random.Random, here: Path) -> list[str]:
    name, data = rng.choice([_csv, _csv, _jsonl, _parquet, _npz])(rng)
    data = _mutated(data, rng)
    if rng.random() < 0.15:
        name, data = f"{name}.gz", _mutated(gzip.compress(data, mtime=0), rng)
    (here / name).write_bytes(data)
    if rng.random() < 0.35:
        outs = ["--out=new.csv", "--sheet=new.csv", *(f"--{flag}={one}" for flag in ("out", "sheet") for one in MINE)]
        label = ["--label", "label"] if rng.random() < 0.7 else []
        return ["labels", name, *label, *rng.sample(outs, rng.choice([0, 1, 1])), "--quiet"]
    model = ["--model", "sklearn.naive_bayes:GaussianNB", "--threads", "1", "--quiet"]
    return [rng.choice(["audit", "audit", "audit", "pu"]), name, *_flags(rng), *model]


def _mine(here: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(here.rglob("*")) if path.is_file() and path.name in KEPT}


KEPT = {
    "mine.csv",
    "edited.csv",
    "notes.txt",
    "link.csv",
    "d.csv",
    "d.tsv",
    "d.txt",
    "d.jsonl",
    "d.parquet",
    "d.npz",
    "inside.csv",
}


def _stop(_number: int, _frame: object) -> None:
    raise AssertionError(f"no end after {LIMIT} s")


@pytest.mark.parametrize("start", range(FIRST, FIRST + COUNT, STEP))
def test_hostile_inputs_end_with_a_plain_error_and_change_nothing(start, tmp_path, monkeypatch, capsys):
    if hasattr(signal, "SIGALRM"):
        monkeypatch.setattr(signal, "_dechaff_before", signal.signal(signal.SIGALRM, _stop), raising=False)
    bad = []
    for number in range(start, min(start + STEP, FIRST + COUNT)):
        rng, here = random.Random(number), tmp_path / str(number)
        (here / "folder").mkdir(parents=True)
        (here / "folder" / "inside.csv").write_text("x,label\n1,a\n")
        (here / "mine.csv").write_text("x,label\n" + "".join(f"{row},{'ab'[row % 2]}\n" for row in range(ROWS)))
        (here / "edited.csv").write_text("row,action,label\n0,drop,\n")
        (here / "notes.txt").write_text("mine")
        (here / "link.csv").symlink_to("mine.csv")
        monkeypatch.chdir(here)
        words = _case(rng, here)
        before = _mine(here)
        if hasattr(signal, "SIGALRM"):
            signal.alarm(LIMIT)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of numpy and scikit-learn, about numbers that hostile data have
            code = main(words)
        if hasattr(signal, "SIGALRM"):
            signal.alarm(0)
        told = capsys.readouterr().err
        if (
            code not in (0, 1, 2)
            or "Traceback" in told
            or _mine(here) != before
            or (code == 2 and "Error: " not in told)
        ):
            bad.append((number, words, code, told[-600:]))
    assert not bad, "\n".join(map(str, bad))
