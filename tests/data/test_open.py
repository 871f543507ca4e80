from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dechaff.data.open import open_data, open_like
from dechaff.data.write import write_csv_table
from dechaff.errors import DataError, InputError
from tests.shared_data import shared


def rows(n=60, **columns):
    generator = np.random.default_rng(0)
    return {
        "id": [f"r{row}" for row in range(n)],
        "text": [f"some words number {row}" for row in range(n)],
        "x": generator.normal(size=n).tolist(),
        "label": [("a", "b", "c")[row % 3] for row in range(n)],
        **columns,
    }


def test_every_assumption_names_the_flag_that_overrides_it():
    train = open_data(rows(kind=["u", "v"] * 30, day=["2024-01-01"] * 60, tags=[[1]] * 60), label="label").train
    assert {assumed.what: assumed.flag for assumed in train.assumptions} == {
        "id column": "--id",
        "text column": "--categorical",
        "numeric column": "--categorical",
        "categorical column": "--text",
        "date column": "--text",
        "nested column": "--drop",
    }


def test_the_user_decides_kinds_and_columns():
    data = rows(n=8, kind=["1", "2"] * 4, day=["2024-01-01", *["7"] * 7])
    train = open_data(data, label="label", id="text", text=["kind"], numeric=["day"], drop=["x"]).train
    assert [(column.name, column.kind) for column in train.table.columns] == [
        ("id", "categorical"),
        ("kind", "text"),
        ("day", "numeric"),
    ]
    assert train.id_name == "text"
    assert np.isnan(train.table["day"].values).tolist() == [True, *[False] * 7]
    notes = [assumed.why for assumed in train.assumptions if assumed.what == "cells of day"]
    assert notes == ["1 cell that holds no number ('2024-01-01') is read as missing"]
    with pytest.raises(DataError, match=r"(?s)the text column 'kin'.*Did you mean 'kind'"):
        open_data(data, label="label", text=["kin"])


def test_an_id_that_repeats_is_refused_with_its_first_row():
    with pytest.raises(DataError, match=r"'u' in 2 rows \(the first is row 1\)"):
        open_data(rows(n=3, code=["v", "u", "u"]), label="label", id="code")


def test_groups_become_numbers():
    train = open_data(rows(n=4, who=["p", "q", "", "p"]), label="label", group="who").train
    assert train.groups.tolist()[0] == train.groups.tolist()[3] != train.groups.tolist()[1]
    assert train.groups[2] == -1
    assert "who" not in train.table.names


def test_keys_do_not_depend_on_labels_or_places():
    data = {"text": ["same words here", "same words here", "others"], "label": ["a", "b", "a"]}
    moved = {"text": ["others", "same words here", "same words here"], "label": ["b", "b", "b2"]}
    first, second = open_data(data, label="label").train, open_data(moved, label="label").train
    assert first.keys.tolist() == [second.keys[1], second.keys[2], second.keys[0]]
    assert [key[-2:] for key in first.keys] == [":0", ":1", ":0"]
    assert len(first.keys[0]) == 18


def test_a_taken_part_keeps_everything_in_step():
    train = open_data(rows(), label="label", probs=np.full((60, 3), 1 / 3), features=np.ones((60, 2))).train
    part = train.take(np.array([5, 3]))
    assert (len(part), part.ids.tolist(), part.positions.tolist()) == (2, ["r5", "r3"], [5, 3])
    assert len(part.table) == len(part.codes) == len(part.keys) == len(part.groups) == len(part.probs) == 2
    assert train.take(train.codes == 0).codes.tolist() == [0] * 20


def test_a_split_column_seals_its_test_rows():
    split = ["train", "Val", "test"] * 20
    opened = open_data(rows(split=split), label="label", split="split")
    assert opened.train.ids.tolist()[:2] == ["r0", "r1"]
    assert opened.test.positions.tolist() == list(range(2, 60, 3))
    assert "split" not in opened.train.table.names
    stated = next(assumed for assumed in opened.train.assumptions if assumed.what == "test rows")
    assert (stated.value, stated.flag) == ("20 of 60", "--split")
    assert "val count as train" in stated.why


def test_ids_that_name_rows_on_both_sides_of_a_split_still_name_them():
    data = rows(split=["train"] * 40 + ["test"] * 20, id=[f"r{row % 40}" for row in range(60)])
    opened = open_data(data, label="label", split="split")
    assert (opened.train.id_name, opened.train.ids[39], opened.train.schema.id_name) == ("id", "r39", "id")
    assert (opened.test.id_name, opened.test.ids[0]) == ("id", "r0")
    (stated,) = [assumed for assumed in opened.train.assumptions if "in train and in test" in assumed.what]
    assert (stated.value, stated.flag) == ("20", "--id")
    assert "not taken for the same row" in stated.why


def test_test_rows_whose_ids_repeat_are_known_by_their_number_and_that_is_said():
    data = rows(split=["train"] * 40 + ["test"] * 20, id=[*(f"r{row}" for row in range(40)), *["x"] * 20])
    opened = open_data(data, label="label", split="split")
    assert (opened.train.id_name, opened.test.id_name, opened.test.ids[0]) == ("id", "", "40")
    stated = {assumed.what: assumed for assumed in opened.train.assumptions}
    assert stated["names of the test rows"].value == "row number, from 0"


def test_a_split_column_that_nobody_named_is_no_feature():
    train = open_data(rows(split=["train", "test"] * 30), label="label").train
    assert "split" not in train.table.names
    assert "--split" in {assumed.flag for assumed in train.assumptions}


@pytest.mark.parametrize("split", [["train", "other"] * 30, ["train"] * 60, ["test"] * 60, ["train", ""] * 30])
def test_a_split_column_of_other_words_is_refused(split):
    with pytest.raises(DataError, match="contain the word train or test in each row"):
        open_data(rows(split=split), label="label", split="split")


def test_kinds_are_sniffed_on_training_rows_alone():
    data = rows(split=["train", "test"] * 30, v=["1.5", "words that are no number"] * 30)
    opened = open_data(data, label="label", split="split")
    assert opened.train.table["v"].kind == "numeric"
    assert opened.test.table["v"].missing.all()


def test_classes_of_test_rows_come_after_those_of_training_rows():
    labels = ["b", "zz", "c", "a"] * 15
    split = ["train", "train", "train", "test"] * 15
    opened = open_data(rows(label=labels, split=split), label="label", split="split")
    assert opened.train.class_names == opened.test.class_names == ("b", "c", "zz", "a")
    assert set(opened.test.codes) == {3}


def test_a_test_size_draws_of_every_class_and_keeps_equal_rows_together():
    data = {
        "text": [f"some words {row // 2}" for row in range(200)],
        "label": ["a", "a", "b", "b", "b", "b"] * 33 + ["a"] * 2,
    }
    opened = open_data(data, label="label", test_size=0.25, seed=3)
    again = open_data(data, label="label", test_size=0.25, seed=3)
    assert opened.test.positions.tolist() == again.test.positions.tolist()
    assert (
        opened.test.positions.tolist() != open_data(data, label="label", test_size=0.25, seed=4).test.positions.tolist()
    )
    assert 46 <= len(opened.test) <= 50
    assert abs((opened.test.codes == 0).mean() - 1 / 3) < 0.06
    assert not set(opened.train.table["text"].raw) & set(opened.test.table["text"].raw)


def test_a_test_size_keeps_groups_together_and_ids_apart():
    data = rows(
        who=[f"p{row // 6}" for row in range(60)], text=["same few words"] * 2 + [f"words {row}" for row in range(58)]
    )
    opened = open_data(data, label="label", test_size=12, group="who")
    whose = np.array(data["who"])
    assert not set(whose[opened.train.positions]) & set(whose[opened.test.positions])
    assert not set(opened.train.ids) & set(opened.test.ids)


def test_rows_without_label_and_single_rows_stay_in_train():
    labels = ["a"] * 20 + ["b"] * 20 + [""] * 19 + ["rare"]
    opened = open_data(rows(label=labels), label="label", test_size=0.5)
    assert set(opened.test.codes) == {opened.train.class_names.index("a"), opened.train.class_names.index("b")}


@pytest.mark.parametrize("size", [0, 1.5e9, -1, 60])
def test_an_impossible_test_size_is_refused(size):
    with pytest.raises(InputError, match="test_size"):
        open_data(rows(), label="label", test_size=size)


def test_test_rows_are_named_in_one_way():
    with pytest.raises(InputError, match="test and split"):
        open_data(rows(), label="label", test=rows(), split="x")


def test_a_test_file_is_read_by_the_schema_of_the_training_file(tmp_path):
    pl.DataFrame(rows()).write_csv(tmp_path / "train.csv")
    other = {name: values[:4] for name, values in rows(n=4, label=["a", "c", "d", ""], extra=["1"] * 4).items()}
    pl.DataFrame(other).write_csv(tmp_path / "test.csv", separator=";")
    opened = open_data(tmp_path / "train.csv", label="label", test=tmp_path / "test.csv")
    assert opened.test.table.names == opened.train.table.names
    assert opened.test.class_names == opened.train.class_names == ("a", "b", "c", "d")
    assert opened.test.codes.tolist() == [0, 2, 3, -1]
    assert opened.test.id_name == "id"


def test_a_second_file_may_lack_labels_but_no_feature():
    train = open_data(rows(), label="label").train
    new = {name: values for name, values in rows(n=2).items() if name != "label"}
    assert open_like(new, train, need_label=False).codes.tolist() == [-1, -1]
    with pytest.raises(DataError, match="the label column 'label'"):
        open_like(new, train)
    with pytest.raises(DataError, match="no numeric column 'x'"):
        open_like({"text": ["a"], "label": ["a"]}, train)


def test_a_missing_file_is_named_with_the_closest(tmp_path):
    (tmp_path / "reviews.csv").touch()
    with pytest.raises(DataError, match=r"Did you mean reviews\.csv"):
        open_data(tmp_path / "review.csv", label="label")
    with pytest.raises(DataError, match="no folder"):
        open_data(tmp_path / "no" / "review.csv", label="label")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="it is empty"):
        open_data(tmp_path / "empty", label="label")
    (tmp_path / "a.xlsx").touch()
    with pytest.raises(DataError, match="Excel"):
        open_data(tmp_path / "a.xlsx", label="label")
    (tmp_path / "a.pkl").touch()
    with pytest.raises(DataError, match="never opened"):
        open_data(tmp_path / "a.pkl", label="label")


def test_small_tables_are_written_whole(tmp_path):
    write_csv_table(tmp_path / "changes.csv", {"row": ["1", "2"], "new": ['a, "b"', None]}, "the list of changes")
    assert (tmp_path / "changes.csv").read_bytes() == b'row,new\n1,"a, ""b"""\n2,\n'


@pytest.mark.shared_data
def test_the_students_are_known_by_their_id():
    train = open_data(shared("student_grades") / "student-grades.csv", label="noisy_letter_grade").train
    assert (train.id_name, train.ids[0], train.class_names) == ("stud_ID", "f48f73", ("A", "B", "C", "D", "F"))
    assert [column.name for column in train.table.of_kind("numeric")] == ["exam_1", "exam_2", "exam_3"]


@pytest.mark.shared_data
def test_the_reviews_are_texts():
    folder = shared("reviews_lab")
    opened = open_data(folder / "reviews_train.csv", label="label", test=folder / "reviews_test.csv")
    assert (len(opened.train), len(opened.test)) == (6666, 1000)
    assert [(column.name, column.kind) for column in opened.train.table.columns] == [("review", "text")]
    keep = np.ones(6666, bool)
    assert opened.train.source.improved(keep, {}) == (folder / "reviews_train.csv").read_bytes()


@pytest.mark.parametrize(("kind", "way_out"), [("numeric", "digits"), ("date", "2024-12-31")])
def test_a_kind_that_no_cell_has_is_refused(kind, way_out):
    with pytest.raises(DataError, match=rf"(?s)the column 'text' must contain .* with --{kind}.*{way_out}"):
        open_data(rows(n=8), label="label", **{kind: ["text"]})


def test_several_columns_in_one_word_are_told_how_to_be_said():
    with pytest.raises(DataError, match="--drop text --drop x"):
        open_data(rows(n=8), label="label", drop=["text,x"])


def test_a_file_read_as_one_column_points_at_the_delimiter(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,label\n1,2,x\n3,4,y\n")
    with pytest.raises(DataError, match=r"--delimiter"):
        open_data(path, label="label", delimiter=";")


def test_of_two_files_the_one_at_fault_is_named(tmp_path):
    for name, head in (("before.csv", "a,b,label"), ("after.csv", "a,c,label")):
        (tmp_path / name).write_text(f"{head}\n1,2,x\n3,4,y\n")
    train = open_data(tmp_path / "before.csv", label="label").train
    with pytest.raises(
        DataError, match=r"the columns of .*after\.csv must be those of the training data; found no .* 'b'"
    ):
        open_like(tmp_path / "after.csv", train)


def test_data_and_labels_come_as_a_pair_too():
    features, labels = np.arange(40.0).reshape(20, 2), np.array(["a", "b"] * 10)
    pair = open_data((features, labels), test=(features[:4], labels[:4]))
    beside = open_data(features, label=labels)
    assert pair.train.codes.tolist() == beside.train.codes.tolist()
    assert pair.test is not None
    assert pair.test.codes.tolist() == [0, 1, 0, 1]


def test_rows_that_come_without_the_labels_of_the_first_are_refused():
    features, labels = np.arange(40.0).reshape(20, 2), ["a", "b"] * 10
    with pytest.raises(InputError, match=r"(?s)the second array must come with its labels.*\(data, labels\)"):
        open_data(features, label=labels, test=features[:4])


def test_arrays_of_several_lengths_are_no_rows():
    with pytest.raises(DataError, match=r"(?s)must have one value in each place of a row.*\(data, labels\)"):
        open_data([np.zeros((4, 2)), np.zeros(4)], label=[0, 1])


def test_labels_alone_in_an_array_are_refused_with_a_way_out(tmp_path: Path) -> None:
    np.save(tmp_path / "labels.npy", np.array([0, 1, 0]))
    with pytest.raises(DataError, match=r"np\.savez\('data\.npz', labels=labels, pred_probs=probs\)"):
        open_data(tmp_path / "labels.npy")
