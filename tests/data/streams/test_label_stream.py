from __future__ import annotations

import json
import pickle
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.backends import local
from dechaff.core.parts import joined
from dechaff.data.formats import parquet, part
from dechaff.data.streams.label_codes import DistinctLabels, LabelCodes
from dechaff.data.streams.label_stream import LabelStream, check_ids, open_label_stream
from dechaff.errors import DataError, InputError, LabelsError, ProbsError
from dechaff.labels import stream_label_errors
from dechaff.records.options import FileOptions
from tests.data.streams.made import FORMS, NAMES, N, frame, rows, write_all

pytestmark = pytest.mark.usefixtures("small_parts")


def all_columns(stream: LabelStream, names: tuple[str, ...] | None = None) -> dict[str, np.ndarray]:
    found = local.fold(DistinctLabels(stream.n_classes), stream.source)
    codes = LabelCodes.of(found, stream.n_classes, stream.names if names is None else names)
    source = pickle.loads(pickle.dumps(stream.coded(codes, checked=True)))
    return dict(joined(list(source.chunks(["labels", "probs", "row"]))))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_the_same_rows(form: str, tmp_path: Path) -> None:
    probs, labels = write_all(tmp_path)[form]
    stream = open_label_stream(probs, labels, id=None if form == "npy" else "id")
    found = all_columns(stream)
    expected_labels, expected_probs = rows()
    np.testing.assert_array_equal(found["labels"], expected_labels)
    np.testing.assert_array_equal(found["probs"], expected_probs)
    np.testing.assert_array_equal(found["row"], np.arange(N))


def test_polars_reads_the_same_where_pyarrow_is_absent(tmp_path: Path, monkeypatch) -> None:
    probs, labels = write_all(tmp_path)["wide"]
    whole = all_columns(open_label_stream(probs, labels, id="id"))
    monkeypatch.setattr(parquet.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    other = all_columns(open_label_stream(probs, labels, id="id"))
    for name, column in whole.items():
        np.testing.assert_array_equal(other[name], column)


def test_single_precision_stays_so(tmp_path: Path) -> None:
    frame(np.float32).write_parquet(tmp_path / "a.parquet")
    found = all_columns(open_label_stream(tmp_path / "a.parquet", "y", id="id"))
    assert found["probs"].dtype == np.float32
    np.testing.assert_array_equal(found["probs"], rows(np.float32)[1])


def test_labels_that_are_numbers_are_places_of_columns(tmp_path: Path) -> None:
    labels, probs = rows()
    frame().drop("id").with_columns(y=pl.Series(labels)).rename(
        dict(zip(NAMES.tolist(), "012", strict=True))
    ).write_csv(tmp_path / "a.csv")
    found = all_columns(open_label_stream(tmp_path / "a.csv", "y"))
    np.testing.assert_array_equal(found["labels"], labels)
    np.testing.assert_array_equal(found["probs"], probs)


def test_labels_may_be_numbers_beyond_those_with_a_sign(tmp_path: Path) -> None:
    labels, probs = rows()
    names = [str(2**63 + place) for place in range(3)]
    columns = {name: probs[:, place] for place, name in enumerate(names)}
    pl.DataFrame({**columns, "y": np.uint64(2**63) + labels.astype(np.uint64)}).write_parquet(tmp_path / "a.parquet")
    np.testing.assert_array_equal(all_columns(open_label_stream(tmp_path / "a.parquet", "y"))["labels"], labels)


def test_labels_in_npy_may_be_whole_numbers_with_a_point(tmp_path: Path) -> None:
    labels, probs = rows()
    np.save(tmp_path / "probs.npy", probs)
    np.save(tmp_path / "labels.npy", labels.astype(np.float32))
    np.testing.assert_array_equal(all_columns(open_label_stream(tmp_path / "probs.npy", None))["labels"], labels)


def test_a_column_of_zeros_and_ones_may_go_on_with_fractions(tmp_path: Path) -> None:
    for name, fraction in (("a", "1,0"), ("b", "0.5,0.5")):
        (tmp_path / f"{name}.csv").write_text(f"y,x,z\nx,{fraction}\nz,{fraction}\n")
    assert all_columns(open_label_stream(tmp_path, "y"))["probs"].tolist() == [[1, 0], [1, 0], [0.5, 0.5], [0.5, 0.5]]


def broken(folder: Path, kind: str) -> None:
    """Something wrong with the second of three files."""
    write_all(folder)
    middle = folder / "many" / "p1.parquet"
    some = pl.read_parquet(middle)
    if kind == "cut off":
        middle.write_bytes(middle.read_bytes()[:-100])
    elif kind == "damaged":
        data = bytearray(middle.read_bytes())
        data[40:4000] = b"\xff" * 3960
        middle.write_bytes(bytes(data))
    elif kind == "type":
        some.with_columns(bee=pl.col("bee").cast(pl.String)).write_parquet(middle)
    elif kind == "absent":
        some.drop("cat").write_parquet(middle)
    elif kind == "no label":
        some.with_columns(y=pl.when(pl.int_range(pl.len()) == 7).then(None).otherwise("y")).write_parquet(middle)
    elif kind == "no distribution":
        some.with_columns(bee=pl.when(pl.int_range(pl.len()) == 7).then(2.0).otherwise("bee")).write_parquet(middle)
    elif kind == "missing probability":
        some.with_columns(bee=pl.when(pl.int_range(pl.len()) == 7).then(None).otherwise("bee")).write_parquet(middle)


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [
        ("cut off", DataError, r"p1.parquet: the Parquet file is truncated"),
        ("damaged", DataError, r"p1.parquet, row group 0: the Parquet file is truncated"),
        (
            "type",
            DataError,
            r"column 'bee' of .*p1.parquet, row group 0 must contain Float64, as in .*p0.*; found String",
        ),
        ("absent", DataError, r"column 'cat' of .*p1.parquet, row group 0 must contain Float64"),
        ("no label", LabelsError, r"none in row 307 \(.*p1.parquet, row group 0\)"),
        ("no distribution", ProbsError, r"in row 307 \(.*p1.parquet, row group 0\)"),
        ("missing probability", ProbsError, r"nan.* in row 307 \(.*p1.parquet, row group 0\)"),
    ],
)
def test_what_is_wrong_in_one_file_is_named_with_its_place(kind: str, error, words: str, tmp_path: Path) -> None:
    broken(tmp_path, kind)
    with pytest.raises(error, match=words):
        all_columns(open_label_stream(tmp_path / "many", "y", id="id"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            b"y,a,b\nx,0.5,0.5\n" + b"x,0.5,0.5\n" * 120_000 + b"x,0.5,oops\n",
            r"a.csv, line 120003 \(row 120001\) .* could not parse `oops`",
        ),
        (b"y,a,b\nx,0.5,0.5\n" + b"x,0.5,0.5\n" * 120_000 + b"x,0.5,0.5,1\n", "more fields than defined"),
        (b"y,a,b\nx,0.5,0.5\n\x00,0.5,0.5\n", "be a text file .*a NUL byte in line 3"),
    ],
)
def test_broken_text_is_named_with_its_line(text: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(text)
    with pytest.raises(DataError, match=words):
        all_columns(open_label_stream(tmp_path / "a.csv", "y"))


@pytest.mark.parametrize(
    ("first", "later", "words"),
    [
        ({"y": 1, "a": 0.5, "b": 0.5}, {"y": "x", "a": 0.5, "b": 0.5}, "cannot parse 'x'"),
        ({"y": "a", "a": 0.5, "b": 0.5}, {"y": "a", "a": 0.5, "b": "half"}, "cannot parse 'half'"),
        ({"y": "x", "p": [0.5, 0.5]}, {"y": "x", "p": [0.5, "half"]}, "cannot parse 'half'"),
        ({"y": "x", "p": [0.5, 0.5]}, {"y": "x", "p": 0.5}, "unexpected value"),
    ],
)
def test_a_field_that_changes_its_type_beyond_the_first_megabyte_is_named_with_its_row(
    first: dict[str, object], later: dict[str, object], words: str, tmp_path: Path
) -> None:
    before = json.dumps(first) + "\n"
    n = 2**20 // len(before) + 100
    (tmp_path / "a.jsonl").write_text(before * n + "\n" + json.dumps(later) + "\n" + before * 50)
    with pytest.raises(DataError, match=rf"a\.jsonl, line {n + 2} \(row {n}\) must have records.*{words}"):
        all_columns(open_label_stream(tmp_path / "a.jsonl", "y"))


def test_lists_of_zeros_and_ones_may_go_on_with_fractions(tmp_path: Path) -> None:
    lines = [json.dumps({"y": "x", "p": [1, 0]})] * 30_000 + [json.dumps({"y": "z", "p": [0.25, 0.75]})] * 30_000
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    assert all_columns(open_label_stream(tmp_path / "a.jsonl", "y"), ("x", "z"))["probs"][-1].tolist() == [0.25, 0.75]


def test_text_is_read_in_ranges(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(part, "NUMBERS_BYTES", 500)
    files = write_all(tmp_path)
    for form in ("csv", "jsonl"):
        stream = open_label_stream(*files[form], id="id")
        assert len(stream.rows) > 20
        np.testing.assert_array_equal(all_columns(stream)["probs"], rows()[1])


@pytest.mark.parametrize(
    ("labels", "probs", "options", "error", "words"),
    [
        ("y", ["wide.parquet", "typo.parquet"], {}, DataError, "No such file.*typo.parquet"),
        ("y", "nothing/*.parquet", {}, DataError, "No such file"),
        ("z", "wide.parquet", {"id": "id"}, DataError, "'z' must be one of the columns"),
        (None, "renamed.parquet", {"id": "id"}, InputError, "holds them: --label, or labels="),
        (
            "y",
            "wide.parquet",
            {"id": "it"},
            DataError,
            r"'it' must be .*\n.*'id'\? Name the column with --id, or ids=",
        ),
        ("y", "wide.parquet", {}, ProbsError, "'id' of probs must contain the probability of a class"),
        (None, "labels.npy", {}, DataError, r"contain a numeric \(n, k\) array"),
        ("none.npy", "probs.npy", {}, DataError, "No such file"),
        ("probs.npy", "probs.npy", {}, DataError, "contain one number or text per row"),
        ("y", ".", {}, DataError, "as one data set: "),
        ("labels.npy", "probs.npy", {"id": "id"}, InputError, "be one file, whose rows are named by their numbers"),
    ],
)
def test_what_cannot_be_streamed_is_refused(labels, probs, options, error, words, tmp_path: Path, monkeypatch) -> None:
    write_all(tmp_path)
    frame().rename({"y": "truth"}).write_parquet(tmp_path / "renamed.parquet")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=words):
        open_label_stream(probs, labels, **options)


def test_more_labels_than_columns_are_refused_in_the_first_pass(tmp_path: Path) -> None:
    write_all(tmp_path)
    with pytest.raises(LabelsError, match="at most 3 classes"):
        all_columns(open_label_stream(tmp_path / "wide.parquet", "id", id="y"))


def test_a_label_that_is_no_column_is_named(tmp_path: Path) -> None:
    write_all(tmp_path)
    with pytest.raises(LabelsError, match="'cat'; the names are ant, bee, cow"):
        all_columns(open_label_stream(tmp_path / "lists.parquet", "y", id="id"), ("ant", "bee", "cow"))


def test_an_array_in_columns_is_refused(tmp_path: Path) -> None:
    labels, probs = rows()
    np.save(tmp_path / "probs.npy", np.asfortranarray(probs))
    np.save(tmp_path / "labels.npy", labels)
    with pytest.raises(DataError, match="Fortran order"):
        open_label_stream(tmp_path / "probs.npy", None)


def test_an_npz_is_streamed_with_its_labels_and_names(tmp_path: Path) -> None:
    labels, probs = rows()
    np.savez(tmp_path / "a.npz", labels=labels, pred_probs=probs, class_names=NAMES)
    stream = open_label_stream(tmp_path / "a.npz", None)
    found = all_columns(stream)
    assert stream.names == tuple(NAMES)
    np.testing.assert_array_equal(found["labels"], labels)
    np.testing.assert_array_equal(found["probs"], probs)
    with pytest.raises(InputError, match=r"be in .*a.npz as labels"):
        open_label_stream(tmp_path / "a.npz", "truth")


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (["a", "b", "c", "a", "d"], r"found 'a' in row 0 \(.*a.csv, line 2\) and in row 3 \(.*a.csv, line 5\)"),
        (["a", "b", None, "c", "d"], r"name each row; found none in row 2 \(.*a.csv, line 4\)"),
        (["a", "b", "c", "d", "e"], ""),
    ],
)
def test_ids_name_each_row_once(ids: list[str], words: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("dechaff.data.streams.label_stream._IDS_AT_ONCE", 2)
    pl.DataFrame({"id": ids, "y": list("ppqqq"), "p": 0.5, "q": 0.5}).write_csv(tmp_path / "a.csv")
    stream = open_label_stream(tmp_path / "a.csv", "y", id="id")
    with pytest.raises(InputError, match=words) if words else nullcontext():
        check_ids(stream)


def test_a_repeated_id_leaves_no_folder(tmp_path: Path) -> None:
    frame().with_columns(id=pl.lit("one")).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="name each of the 700 rows once; found 'one' in row 0"):
        stream_label_errors("y", tmp_path / "a.parquet", ids="id", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("probs", [None, np.zeros((2, 2)), [[0.5, 0.5]]])
def test_probabilities_in_memory_are_not_streamed(probs: object, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"probs must be the path of a file.*\n.*find_label_errors takes arrays"):
        stream_label_errors("y", probs, out=tmp_path / "out")


def test_files_are_read_as_they_are_said_to_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("y|caf\xe9,x|b\nb|0.25|0.75\n".encode("latin-1"))
    stream = open_label_stream(tmp_path / "a.csv", "y", files=FileOptions(delimiter="|", encoding="latin-1"))
    assert stream.names == ("caf\xe9,x", "b")
