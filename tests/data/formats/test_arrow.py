"""Arrow files and data sets that Hugging Face saved to disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import dechaff
from dechaff.data.open import open_data
from dechaff.errors import DataError
from tests.data.streams.made import frame

pa = pytest.importorskip("pyarrow")
N = 20_000


def table(n: int = N) -> pl.DataFrame:
    return pl.DataFrame({"text": [f"row {row}" for row in range(n)], "label": ["ab"[row % 2] for row in range(n)]})


def write(path: Path, data: object, *, stream: bool = False) -> None:
    new = pa.ipc.new_stream if stream else pa.ipc.new_file
    with path.open("wb") as file, new(file, data.schema) as out:  # type: ignore[attr-defined]
        out.write_table(data, max_chunksize=3000)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", ["a.arrow", "a.feather"])
def test_rows_come_back_in_the_same_form(name: str, stream: bool, tmp_path: Path) -> None:
    write(tmp_path / name, table().to_arrow(), stream=stream)
    train = open_data(tmp_path / name, label="label").train
    assert len(train) == N
    assert len(train.source.tables.parts) == 3
    keep = np.arange(N) != 9000
    train.source.write(tmp_path / f"new{name}", keep=keep, labels={1: "a"})
    new = open_data(tmp_path / f"new{name}", label="label").train
    assert new.table["text"].raw.tolist() == train.table["text"].raw[keep].tolist()
    assert new.codes.tolist() == [0, 0, *train.codes[keep][2:]]
    assert (tmp_path / f"new{name}").read_bytes().startswith(b"ARROW1") != stream
    assert train.source.improved(np.ones(N, bool), {}) == (tmp_path / name).read_bytes()


def test_views_of_text_are_written_back(tmp_path: Path) -> None:
    table(100).write_ipc(tmp_path / "a.arrow")  # polars writes views
    source = open_data(tmp_path / "a.arrow", label="label").train.source
    source.write(tmp_path / "new.arrow", keep=np.arange(100) % 3 > 0, labels={1: "a"})
    wanted = table(100).with_columns(label=pl.Series(["a", "a", *table(100)["label"][2:]]))
    assert pl.read_ipc(tmp_path / "new.arrow").equals(wanted.filter(pl.int_range(100) % 3 > 0))
    source.write(tmp_path / "none.arrow", keep=np.zeros(100, bool), labels={})
    assert pl.read_ipc(tmp_path / "none.arrow").schema == table().schema


def saved(folder: Path) -> Path:
    """As Dataset.save_to_disk of Hugging Face writes it."""
    folder.mkdir()
    coded = table().with_columns(label=(pl.col("label") == "b").cast(pl.Int64)).to_arrow()
    for place in range(2):
        write(folder / f"data-0000{place}-of-00002.arrow", coded.slice(place * N // 2, N // 2), stream=True)
    features = {"text": {"dtype": "string", "_type": "Value"}, "label": {"names": ["no", "yes"], "_type": "ClassLabel"}}
    (folder / "dataset_info.json").write_text(json.dumps({"features": features, "dataset_size": 7}))
    files = [{"filename": f"data-0000{place}-of-00002.arrow"} for place in range(2)]
    (folder / "state.json").write_text(json.dumps({"_data_files": files, "_fingerprint": "1"}))
    return folder


def test_a_saved_data_set_has_its_class_names_and_is_written_as_one(tmp_path: Path) -> None:
    train = open_data(saved(tmp_path / "data"), label="label").train
    assert (len(train), train.class_names, train.codes[:3].tolist()) == (N, ("no", "yes"), [0, 1, 0])
    train.source.write(tmp_path / "new", keep=np.arange(N) != 15_000, labels={0: "yes"})
    new = open_data(tmp_path / "new", label="label").train
    assert (len(new), new.codes[:3].tolist()) == (N - 1, [1, 1, 0])
    state = json.loads((tmp_path / "new" / "state.json").read_text())
    assert state["_fingerprint"] != "1"
    assert "dataset_size" not in json.loads((tmp_path / "new" / "dataset_info.json").read_text())
    with pytest.raises(DataError, match="be one of the classes"):
        train.source.improved(np.ones(N, bool), {0: "maybe"})


def test_a_folder_of_several_data_sets_is_refused(tmp_path: Path) -> None:
    saved(tmp_path / "train")
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train"]}')
    with pytest.raises(DataError, match=r"be one data set; found the data sets train"):
        open_data(tmp_path, label="label")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.arrow", table(10).to_arrow())
    data = (tmp_path / "a.arrow").read_bytes()
    (tmp_path / "a.arrow").write_bytes(data[:-40])
    with pytest.raises(DataError, match=r"a\.arrow: the Arrow file is truncated or damaged"):
        open_data(tmp_path / "a.arrow", label="label")


def test_labels_are_streamed_from_arrow_files(tmp_path: Path) -> None:
    write(tmp_path / "a.arrow", frame().drop("id").to_arrow())
    found = dechaff.labels.stream_label_errors("y", tmp_path / "a.arrow", out=tmp_path / "out")
    assert found.table()["score"].to_list() == pytest.approx(
        dechaff.find_label_errors("y", tmp_path / "a.arrow").score.tolist()
    )
