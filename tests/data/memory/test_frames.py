import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from dechaff.data.open import open_data, open_like
from dechaff.errors import DataError, InputError, LabelsError

KEEP = np.array([True, False, True, True])


def frame(**columns):
    return pd.DataFrame({"x": [1.5, 2.5, np.nan, 4.5], "label": ["a", "b", "a", "b"], **columns})


def test_a_pandas_index_is_the_id_and_comes_back():
    data = frame().set_axis(["r3", "r1", "r2", "r0"])
    data.index.name = "row"
    train = open_data(data, label="label").train
    assert (train.id_name, train.ids.tolist()) == ("row", ["r3", "r1", "r2", "r0"])
    improved = train.source.improved(KEEP, {2: "b"})
    expected = data.iloc[[0, 2, 3]].copy()
    expected.loc["r2", "label"] = "b"
    pd.testing.assert_frame_equal(improved, expected)
    assert data.loc["r2", "label"] == "a"


def test_a_repeated_or_counting_index_is_no_id():
    for data in (frame(), frame().set_axis([0, 0, 1, 1])):
        train = open_data(data, label="label").train
        assert (train.id_name, train.ids.tolist()) == ("", ["0", "1", "2", "3"])
        pd.testing.assert_frame_equal(train.source.improved(KEEP, {}), data[KEEP])


def test_a_multi_index_comes_back():
    data = frame().set_index(pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1), ("b", 2)], names=["site", "no"]))
    train = open_data(data, label="label").train
    assert (train.id_name, train.ids[0]) == ("site / no", "a / 1")
    pd.testing.assert_frame_equal(train.source.improved(KEEP, {}), data[KEEP])


@pytest.mark.parametrize(
    "labels",
    [
        pd.Categorical(["a", "b", "a", "b"], categories=["c", "b", "a"], ordered=True),
        pd.Series(["a", "b", "a", "b"], dtype="string"),
        pd.Series(["a", "b", "a", "b"], dtype=object),
        [1, 0, 1, 0],
        [1.0, 0.0, 1.0, 0.0],
        [True, False, True, False],
        pd.Series([1, 0, 1, 0], dtype="Int64"),
        pd.Series([1, 0, 1, 0], dtype="int8"),
        pd.Categorical([1, 0, 1, 0]),
    ],
    ids=str,
)
def test_a_pandas_label_column_keeps_its_type(labels):
    data = frame(label=labels)
    train = open_data(data, label="label").train
    other = train.class_names[1 - train.codes[0]]
    improved = train.source.improved(KEEP, {0: other})
    assert improved["label"].dtype == data["label"].dtype
    assert improved["label"].tolist() == [data["label"][1], data["label"][2], data["label"][3]]


def test_whole_floats_and_booleans_are_shown_as_people_write_them():
    assert open_data(frame(label=[1.0, 0.0, np.nan, 0.0]), label="label").train.class_names == ("0", "1")
    assert open_data(frame(label=[1.0, 0.0, np.nan, 0.0]), label="label").train.codes.tolist() == [1, 0, -1, 0]
    assert open_data(frame(label=[True, False, True, True]), label="label").train.class_names == ("False", "True")


def test_a_missing_label_can_be_filled_in():
    data = frame(label=["a", None, "b", "b"])
    source = open_data(data, label="label").train.source
    assert source.improved(np.ones(4, bool), {1: "a"})["label"].tolist() == ["a", "a", "b", "b"]


def test_columns_may_be_called_by_numbers():
    data = pd.DataFrame({0: [1.5, 2.5, 3.5, 4.5], 1: ["a", "b", "a", "b"]})
    train = open_data(data, label=1).train
    assert train.table.names == ("0",)
    assert train.source.improved(KEEP, {0: "b"})[1].tolist() == ["b", "a", "b"]


def test_repeated_column_names_are_refused():
    data = pd.DataFrame([[1, 2, "a"], [3, 4, "b"]], columns=["x", "x", "label"])
    with pytest.raises(DataError, match="'x' for column 1 and again for column 2"):
        open_data(data, label="label")


@pytest.mark.parametrize("dtype", [pl.Enum(["c", "b", "a"]), pl.Categorical(), pl.String()], ids=str)
def test_a_polars_frame_keeps_its_types(dtype):
    day = [dt.datetime(2024, 1, 1, tzinfo=dt.UTC), None] * 2
    data = pl.DataFrame({"day": day, "x": [[1], [2], [3], [4]], "label": ["a", "b", "a", "b"]}).with_columns(
        pl.col("label").cast(dtype)
    )
    train = open_data(data, label="label").train
    assert [(column.name, column.kind) for column in train.table.columns] == [("day", "datetime")]
    assert train.table["day"].values[0] == 1704067200.0
    assert "nested column" in {assumed.what for assumed in train.assumptions}
    improved = train.source.improved(KEEP, {0: "b"})
    assert improved.schema == data.schema
    assert improved["label"].to_list() == ["b", "a", "b"]
    assert improved["x"].to_list() == [[1], [3], [4]]


def test_an_arrow_table_keeps_schema_and_metadata():
    data = pa.table(
        {
            "when": pa.array([1, 2, None, 4], pa.timestamp("ns", "Europe/Berlin")),
            "x": pa.array([1, 2, 3, 4], pa.int8()),
            "label": pa.array(["a", "b", "a", "b"]).dictionary_encode(),
        }
    ).replace_schema_metadata({"made": "by hand"})
    train = open_data(data, label="label").train
    improved = train.source.improved(KEEP, {0: "b"})
    assert improved.schema.equals(data.schema, check_metadata=True)
    assert improved["label"].to_pylist() == ["b", "a", "b"]


def test_what_speaks_arrow_is_read():
    class Stream:
        def __arrow_c_stream__(self, requested_schema=None):
            return pl.DataFrame({"x": [1.0, 2.0], "label": ["a", "b"]}).__arrow_c_stream__(requested_schema)

    train = open_data(Stream(), label="label").train
    assert train.source.improved(np.array([True, True]), {0: "b"})["label"].to_list() == ["b", "b"]


class _ClassLabel:
    names = ("neg", "pos")


class HubData:
    """As much of a Hugging Face dataset as is used."""

    __module__ = "datasets.arrow_dataset"

    def __init__(self, records, features):
        self.records, self.features = records, features
        self.column_names = list(records[0])

    def __getitem__(self, name):
        return [record[name] for record in self.records]

    def map(self, function, *, with_indices):
        assert with_indices
        new = [{**record, **function(record, row)} for row, record in enumerate(self.records)]
        return HubData(new, self.features)

    def select(self, rows):
        return HubData([self.records[row] for row in rows], self.features)


def test_a_hugging_face_dataset_shows_class_names_and_stores_numbers():
    records = [{"text": f"some words {row}", "label": row % 2} for row in range(4)]
    data = HubData(records, {"text": None, "label": _ClassLabel()})
    train = open_data(data, label="label").train
    assert train.class_names == ("neg", "pos")
    assert train.table["text"].kind == "text"
    assert train.source.improved(KEEP, {0: "pos"})["label"] == [1, 0, 1]


def test_labels_may_be_handed_in_beside_the_data():
    data = np.arange(8.0).reshape(4, 2)
    labels = np.array(["a", "b", "a", "b"])
    train = open_data(data, label=labels).train
    assert train.label_name == ""
    rows, new = train.source.improved(KEEP, {0: "b"})
    assert (rows == data[KEEP]).all()
    assert new.tolist() == ["b", "a", "b"]
    assert labels.tolist() == ["a", "b", "a", "b"]


def test_a_series_of_labels_comes_back_with_its_index():
    labels = pd.Series(["a", "b", "a", "b"], index=list("wxyz"), dtype="category", name="y")
    _, new = open_data(["one", "two", "three", "four"], label=labels).train.source.improved(KEEP, {0: "b"})
    pd.testing.assert_series_equal(new, pd.Series(["b", "a", "b"], index=list("wyz"), dtype=labels.dtype, name="y"))


def test_labels_of_another_length_are_refused():
    with pytest.raises(InputError, match="2 values, one for each row"):
        open_data(["one", "two"], label=["a"])


def test_test_rows_in_memory_are_a_pair():
    opened = open_data(["good film", "bad film"], label=["p", "n"], test=(["fine film", "odd"], ["p", "x"]))
    assert opened.train.class_names == opened.test.class_names == ("n", "p", "x")
    assert opened.test.codes.tolist() == [1, 2]


def test_a_list_of_texts_a_list_of_records_and_a_dict_come_back_as_such():
    texts, labels = open_data(["good film", "bad film"], label=["p", "n"]).train.source.improved(
        np.array([1, 0], bool), {}
    )
    assert (texts, labels) == (["good film"], ["p"])
    records = [{"x": 1, "label": "p"}, {"x": 2, "label": "n"}]
    assert open_data(records, label="label").train.source.improved(np.array([0, 1], bool), {1: "p"}) == [
        {"x": 2, "label": "p"}
    ]
    columns = {"x": np.array([1, 2]), "label": ["p", "n"]}
    improved = open_data(columns, label="label").train.source.improved(np.array([0, 1], bool), {})
    assert improved["x"].tolist() == [2]
    assert improved["label"] == ["n"]


def test_wide_arrays_and_images_are_features():
    data = np.arange(4 * 144, dtype=np.uint8).reshape(4, 12, 12)
    train = open_data(data, label=[0, 1, 0, 1]).train
    assert train.table.names == ()
    assert train.features.shape == (4, 144)
    assert train.source.improved(KEEP, {})[0].shape == (3, 12, 12)


def test_frames_are_written_as_files_by_their_suffix(tmp_path):
    data = frame().set_axis(["r3", "r1", "r2", "r0"]).rename_axis("row")
    source = open_data(data, label="label").train.source
    for suffix, read in ((".csv", pl.read_csv), (".parquet", pl.read_parquet), (".jsonl", pl.read_ndjson)):
        source.write(tmp_path / f"a{suffix}", keep=KEEP, labels={0: "b"})
        table = read(tmp_path / f"a{suffix}")
        assert table.columns == ["row", "x", "label"]
        assert table["label"].to_list() == ["b", "a", "b"]
    with pytest.raises(DataError, match="suffix"):
        source.write(tmp_path / "a.doc", keep=KEEP, labels={})


def test_pairs_are_written_with_a_label_column_and_read_again(tmp_path):
    train = open_data(["one two", "three four", "five six", "seven"], label=list("abab")).train
    train.source.write(tmp_path / "a.csv", keep=KEEP, labels={0: "b"})
    again = open_like(tmp_path / "a.csv", train)
    assert [again.class_names[code] for code in again.codes] == ["b", "a", "b"]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (pd.DataFrame({"x": [], "label": []}), "have no rows"),
        ([], "is empty"),
        ([1, "a"], "type int, str"),
        ([[1, 2], [3]], "1 in row 1"),
        ({"x": [1], "label": [1, 2]}, "label: 2"),
        (np.zeros((0, 2)), "shape"),
        (7, "type int"),
    ],
    ids=str,
)
def test_data_without_rows_or_shape_are_refused(data, found):
    with pytest.raises(DataError, match=found):
        open_data(data, label="label")


def test_an_all_missing_label_is_refused():
    with pytest.raises(LabelsError, match="all 4 labels are missing"):
        open_data(frame(label=[None, np.nan, "", "nan"]), label="label")


@pytest.mark.parametrize("series", [pd.Series, pl.Series])
def test_a_series_of_texts_comes_back_as_one(series):
    data, labels = series(["one two", "three", "four", "five"]), series(["a", "b", "a", "b"])
    train = open_data(data, label=labels).train
    assert train.table.names == ("text",)
    texts, new = train.source.improved(KEEP, {0: "b"})
    assert isinstance(texts, series)
    assert texts.to_list() == ["one two", "four", "five"]
    assert new.to_list() == ["b", "a", "b"]


def test_halves_of_characters_are_shown_and_kept():
    data = pd.DataFrame({"text": ["x\udc80 y z", "b c d"], "label": ["p", "q"]}, dtype=object)
    train = open_data(data, label="label").train
    assert train.table["text"].raw[0] == "x\ufffd y z"
    assert train.source.improved(np.array([True, False]), {})["text"].tolist() == ["x\udc80 y z"]


def test_a_record_array_has_columns():
    data = np.array([(1.5, "a"), (2.5, "b")], dtype=[("x", float), ("label", "U1")])
    train = open_data(data, label=["p", "q"], drop="label").train
    assert train.table.names == ("x",)


def test_a_new_label_of_another_type_is_refused():
    source = open_data(frame(label=[1, 0, 1, 0]), label="label").train.source
    with pytest.raises(DataError, match="'many' must be a int"):
        source.improved(KEEP, {0: "many"})
    assert source.improved(KEEP, {0: "7"})["label"].tolist() == [7, 1, 0]


def test_a_dict_of_hub_data_is_refused():
    class DatasetDict(dict):
        __module__ = "datasets.dataset_dict"

    with pytest.raises(DataError, match="data sets train, test"):
        open_data(DatasetDict(train=1, test=2), label="label")


def test_lists_as_labels_are_refused():
    with pytest.raises(LabelsError, match="one class in each cell"):
        open_data({"x": ["a b", "c d"], "label": [[1], [2]]}, label="label")


@pytest.mark.parametrize("kind", [pl.Date, pl.Datetime("ms")])
def test_a_date_that_python_has_not_is_named(kind):
    days = pl.Series("day", [0, 0, 2**62 if kind != pl.Date else 10_200_000, 0]).cast(
        pl.Int64 if kind != pl.Date else pl.Int32
    )
    table = pl.DataFrame({"x": [1.5, 2.5, 3.5, 4.5], "label": ["a", "b", "a", "b"], "day": days.cast(kind)})
    with pytest.raises(
        DataError, match="'day' must hold dates from the year 1 to 9999; found one that is not in row 2"
    ):
        open_data(table, label="label")
