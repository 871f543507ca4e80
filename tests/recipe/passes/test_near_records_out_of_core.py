"""Changed copies of records of files that are read out of core are those that are found in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.api import auditing
from dechaff.methods.duplicates import near_records, record_fields
from dechaff.recipe.explore.near_out_of_core import _shared
from tests.methods.duplicates.test_near_records import people, with_copies

NAMES = ("first", "last", "street", "town", "number", "size")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    rng = np.random.default_rng(2)
    cells = with_copies(people(rng, 200), rng.choice(200, 20, replace=False), rng)
    frame = pl.DataFrame(dict(zip(NAMES, [pl.Series(column.tolist()) for column in cells], strict=True)))
    frame = frame.with_columns(label=pl.Series(rng.permutation(["a", "b"] * 110)))
    odd = frame[:2].with_columns(first=pl.lit(""), size=pl.lit(None, pl.Float64))
    empty = frame[:2].with_columns([pl.lit(None, frame[name].dtype).alias(name) for name in NAMES])
    return pl.concat([frame, odd, empty]).sample(fraction=1.0, shuffle=True, seed=1)


def near_copies(frame: pl.DataFrame, folder: Path, parts: int = 1) -> list[tuple[Any, ...]]:
    """The cells and the score of each row that has near copies."""
    folder.mkdir()
    size = -(-len(frame) // parts)
    for part in range(parts):
        frame[part * size : (part + 1) * size].write_csv(folder / f"{part}.csv")
    run = dechaff.audit(folder, label="label", only="D002", out=folder.with_suffix(".run"), threads=1)
    assert bool(run.run.options.get("out_of_core")) == folder.name.startswith("out")
    found = run.findings.filter(pl.col("code") == "D002")
    pairs = zip(found["row"], found["score"], strict=True)
    return sorted((*map(str, frame.row(int(row))), score) for row, score in pairs)


def test_the_same_copies_are_found_out_of_core_in_any_order_and_a_few_rows_at_a_time(
    table: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = near_copies(table, tmp_path / "memory")
    assert len(known) >= 30
    monkeypatch.setattr(auditing, "runs_out_of_core", lambda job: True)
    monkeypatch.setattr(record_fields, "ROWS_AT_ONCE", 150)
    monkeypatch.setattr(near_records, "_MOST_HELD", 0)
    shuffled = table.sample(fraction=1.0, shuffle=True, seed=4)
    assert near_copies(shuffled, tmp_path / "out-of-core", parts=2) == known


def test_rows_whose_numbers_were_rounded_are_found_out_of_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    numbers = rng.normal(size=(150, 5))
    numbers = np.concatenate([numbers, numbers[:10].astype(np.float32), numbers[:2]])
    frame = pl.DataFrame({name: pl.Series(column) for name, column in zip("abcde", numbers.T, strict=True)})
    frame = frame.with_columns(kind=pl.Series(["u", "v", "w"] * 54), label=pl.Series(["x", "y"] * 81))
    known = near_copies(frame, tmp_path / "memory")
    monkeypatch.setattr(auditing, "runs_out_of_core", lambda job: True)
    assert near_copies(frame, tmp_path / "out-of-core") == known
    assert len(known) >= 4


def test_rows_of_a_table_of_few_values_are_no_near_copies_out_of_core(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "runs_out_of_core", lambda job: True)
    rng = np.random.default_rng(0)
    few = pl.DataFrame({name: rng.integers(0, 3, 300) for name in "abcd"})
    assert near_copies(few.with_columns(label=pl.Series(["x", "y"] * 150)), tmp_path / "out-of-core") == []


def test_a_near_copy_of_a_row_in_the_test_data_leaks_with_it() -> None:
    # Rows 0 to 3 are training rows; 4 is a test row. 0 is near 4, 1 is near 0; 2 equals test row 9, and 3 is near 2.
    pairs = np.array([[0, 4], [0, 1], [2, 3]])
    equal = np.array([-1, -1, 9, -1, -1])
    found = _shared(pairs, np.array([0.8, 0.4, 0.7]), np.array([-1, -1, -1, -1, 44]), equal)
    assert found.score[:4].tolist() == pytest.approx([0.72, 0.45, 1.0, 0.63])
    assert found.partner[:4].tolist() == [44, 44, 9, 9]
    assert found.lender[:4].tolist() == [-1, 0, -1, 2]


def leaking(frame: pl.DataFrame, folder: Path, test: pl.DataFrame | float) -> list[tuple[Any, ...]]:
    """The cells, the score and the reason of each row that is in the test data."""
    folder.mkdir()
    frame.write_csv(folder / "rows.csv")
    held: dict[str, Any] = {"test_size": test}
    if not isinstance(test, float):
        test.write_csv(folder / "test.csv")
        held = {"test": folder / "test.csv"}
    run = dechaff.audit(
        folder / "rows.csv", label="label", only="D004", out=folder.with_suffix(".run"), threads=1, **held
    )
    found = run.findings.filter(pl.col("code") == "D004")
    rows = zip(found["row"], found["score"], found["why"], strict=True)
    return sorted((*map(str, frame.row(int(row))), round(score, 9), why) for row, score, why in rows)


@pytest.mark.parametrize(
    ("kind", "held"),
    [
        ("records", "file"),
        pytest.param("texts", "drawn", marks=pytest.mark.slow),
        pytest.param("records", "drawn", marks=pytest.mark.slow),
        pytest.param("texts", "file", marks=pytest.mark.slow),
    ],
)
def test_the_same_training_rows_nearly_equal_test_rows_out_of_core(
    table: pl.DataFrame, kind: str, held: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "texts":
        words = table.select(pl.concat_str(pl.col(NAMES).fill_null("-").cast(str), separator=" and the ")).to_series()
        table = pl.DataFrame({"text": words, "size": table["size"], "label": table["label"]})
    rows, test = (table[:160], table[160:]) if held == "file" else (table, 0.25)
    known = leaking(rows, tmp_path / "memory", test)
    assert len(known) >= 5
    assert any("early the same" in why for *_, why in known)
    monkeypatch.setattr(auditing, "runs_out_of_core", lambda job: True)
    assert leaking(rows, tmp_path / "out-of-core", test) == known
