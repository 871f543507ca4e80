import datetime as dt
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dechaff.data.formats import parquet
from dechaff.data.open import open_data
from dechaff.errors import DataError

KEEP = np.array([True, False, True, True])


def table():
    return pl.DataFrame(
        {
            "when": [dt.datetime(2024, 1, day, tzinfo=dt.UTC) for day in (1, 2, 3, 4)],
            "list": [[1], [], None, [2]],
            "x": pl.Series([1, 2, None, 4], dtype=pl.Int16),
            "kind": pl.Series(["u", "v", "u", None], dtype=pl.Enum(["u", "v"])),
            "label": pl.Series(["a", "b", "a", "b"], dtype=pl.Categorical()),
        }
    )


@pytest.fixture(params=["pyarrow", "polars alone"])
def reader(request, monkeypatch):
    if request.param == "polars alone":
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    return request.param


@pytest.mark.usefixtures("reader")
def test_types_order_and_values_come_back(tmp_path):
    table().write_parquet(tmp_path / "a.parquet")
    train = open_data(tmp_path / "a.parquet", label="label").train
    assert [(column.name, column.kind) for column in train.table.columns] == [
        ("when", "datetime"),
        ("x", "numeric"),
        ("kind", "categorical"),
    ]
    train.source.write(tmp_path / "b.parquet", keep=KEEP, labels={0: "b"})
    new = pl.read_parquet(tmp_path / "b.parquet")
    assert new.schema == table().schema
    assert new["label"].to_list() == ["b", "a", "b"]
    assert new.drop("label").equals(table().drop("label").filter(pl.Series(KEEP)))


@pytest.mark.usefixtures("reader")
def test_nothing_changed_gives_the_same_bytes(tmp_path):
    table().write_parquet(tmp_path / "a.parquet", compression="gzip")
    train = open_data(tmp_path / "a.parquet", label="label").train
    assert train.source.improved(np.ones(4, bool), {}) == (tmp_path / "a.parquet").read_bytes()


@pytest.mark.parametrize("with_pyarrow", [True, False])
def test_a_file_that_pandas_wrote_gives_pandas_the_same_frame(tmp_path, monkeypatch, with_pyarrow):
    data = pd.DataFrame(
        {"x": pd.array([1, 2, None, 4], dtype="Int64"), "label": pd.Categorical(["a", "b", "a", "b"])},
        index=pd.Index(["r0", "r1", "r2", "r3"], name="row"),
    )
    data.to_parquet(tmp_path / "a.parquet")
    with monkeypatch.context() as patch:
        if not with_pyarrow:
            patch.setitem(sys.modules, "pyarrow", None)
        train = open_data(tmp_path / "a.parquet", label="label").train
        train.source.write(tmp_path / "b.parquet", keep=KEEP, labels={})
    assert train.id_name == "row"
    new = pd.read_parquet(tmp_path / "b.parquet")
    # What polars writes carries the pandas metadata, but pyarrow looks for them elsewhere: the index
    # is a column and Int64 a float.
    if with_pyarrow:
        pd.testing.assert_frame_equal(new, data[KEEP])
    else:
        pd.testing.assert_frame_equal(new.set_index("row"), data[KEEP], check_dtype=False, check_index_type=False)


def test_schema_metadata_and_compression_stay(tmp_path):
    data = pa.table({"when": pa.array([1, 2, 3, 4], pa.timestamp("ns")), "label": ["a", "b", "a", "b"]})
    pq.write_table(data.replace_schema_metadata({"made": "by hand"}), tmp_path / "a.parquet", compression="brotli")
    train = open_data(tmp_path / "a.parquet", label="label").train
    train.source.write(tmp_path / "b.parquet", keep=KEEP, labels={0: "b"})
    assert pq.read_schema(tmp_path / "b.parquet").equals(pq.read_schema(tmp_path / "a.parquet"), check_metadata=True)
    assert pq.ParquetFile(tmp_path / "b.parquet").metadata.row_group(0).column(0).compression == "BROTLI"


@pytest.mark.usefixtures("reader")
def test_a_cut_off_file_is_refused(tmp_path):
    table().write_parquet(tmp_path / "a.parquet")
    data = (tmp_path / "a.parquet").read_bytes()
    for part in (data[:-10], data[: len(data) // 2], b"PAR1", b""):
        (tmp_path / "b.parquet").write_bytes(part)
        with pytest.raises(DataError, match=r"the Parquet file is truncated or damaged|is empty"):
            open_data(tmp_path / "b.parquet", label="label")


@pytest.mark.parametrize("pyarrow", [True, False])
def test_many_small_row_groups_are_read_together_and_written_back_as_they_were(tmp_path, monkeypatch, pyarrow):
    table = pl.DataFrame({"x": [row / 2 for row in range(600)], "label": ["a", "b"] * 300})
    table.write_parquet(tmp_path / "a.parquet", row_group_size=20, use_pyarrow=True)
    if not pyarrow:
        monkeypatch.setattr(parquet.importlib.util, "find_spec", lambda name: None)
    train = open_data(tmp_path / "a.parquet", label="label").train
    assert len(train.source.tables.parts) == 1
    assert train.table["x"].values.tolist() == [row / 2 for row in range(600)]
    keep = np.arange(600) % 7 != 0
    train.source.write(tmp_path / "b.parquet", keep=keep, labels={1: "a"})
    again = pl.read_parquet(tmp_path / "b.parquet")
    assert again["x"].to_list() == (np.flatnonzero(keep) / 2).tolist()
    assert again["label"][0] == "a"
    if pyarrow:
        footer = pq.read_metadata(tmp_path / "b.parquet")
        rows = [footer.row_group(group).num_rows for group in range(footer.num_row_groups)]
        assert rows == keep.reshape(30, 20).sum(axis=1).tolist()
