from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from dechaff.data.formats import arrow_parquet

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
N, GROUP = 2500, 1000
PLAIN = {
    "text": pa.string(),
    "long text": pa.large_string(),
    "small": pa.int8(),
    "whole": pa.uint64(),
    "single": pa.float32(),
    "double": pa.float64(),
    "yes": pa.bool_(),
}
OTHERS = {"half": pa.float16(), "day": pa.date32(), "kind": pa.dictionary(pa.int32(), pa.string())}


def written(path: Path) -> None:
    random = np.random.default_rng(0)
    columns: dict[str, Any] = {}
    for name, kind in {**PLAIN, **OTHERS}.items():
        numbers, missing = random.integers(0, 100, N), random.random(N) < 0.1
        texts = [None if gone else str(number) for number, gone in zip(numbers, missing, strict=True)]
        columns[name] = (
            pa.array(texts).cast(kind) if "text" in name else pa.array(numbers, mask=missing).cast(pa.int32())
        )
    columns["kind"] = pa.array([str(n) for n in random.integers(0, 5, N)]).dictionary_encode()
    casts = {"half": pa.array(random.random(N).astype(np.float16)), "yes": pa.array(random.random(N) < 0.5)}
    columns |= casts
    table = pa.table({name: column.cast(PLAIN.get(name, OTHERS.get(name))) for name, column in columns.items()})
    pq.write_table(table, path, row_group_size=GROUP)


def read(path: Path, columns: list[str]) -> list[pl.DataFrame]:
    return [pl.concat(arrow_parquet.frames(path, range(group, group + 1), columns)) for group in range(3)]


@pytest.mark.parametrize("columns", [[*PLAIN], ["double", "text"], [*PLAIN, "half"], ["kind"], ["day", "small"]])
def test_row_groups_read_whole_and_in_pieces_are_alike(
    columns: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.parquet"
    written(path)
    whole = read(path, columns)
    monkeypatch.setattr(arrow_parquet, "_WHOLE_BYTES", 0)
    pieces = read(path, columns)
    for one, other in zip(whole, pieces, strict=True):
        assert one.schema == other.schema == {name: arrow_parquet.types(path)[name] for name in columns}
        assert one.equals(other)


def test_only_small_row_groups_of_plain_columns_are_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.parquet"
    written(path)
    footer = arrow_parquet.footer_of(path)
    assert footer.decoded_whole(range(1), [*PLAIN])
    assert not any(footer.decoded_whole(range(1), [name]) for name in OTHERS)
    assert not footer.decoded_whole(range(2, 3), ["double"])  # too few rows for the footer that is read for them
    monkeypatch.setattr(arrow_parquet, "_WHOLE_BYTES", 8 * GROUP)
    assert not footer.decoded_whole(range(1), [*PLAIN])
