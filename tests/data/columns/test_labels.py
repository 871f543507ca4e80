import pytest

from dechaff.data.open import open_data
from dechaff.errors import DataError, InputError, LabelsError


def train_of(labels, **options):
    return open_data(
        {"x": [f"row {row}" for row in range(len(labels))], "label": labels}, label="label", **options
    ).train


def csv_train(tmp_path, labels):
    lines = "".join(f"row {row},{label}\n" for row, label in enumerate(labels))
    (tmp_path / "a.csv").write_text("x,label\n" + lines)
    return open_data(tmp_path / "a.csv", label="label").train


def test_words_for_nothing_are_missing_labels(tmp_path):
    train = csv_train(tmp_path, ["a", "", "nan", "NULL", "N/A", " ", "b", "None", "-"])
    assert train.codes.tolist() == [2, -1, -1, -1, -1, -1, 3, 1, 0]
    assert train.class_names == ("-", "None", "a", "b")
    assert "'nan' in 1 rows" in [assumed.value for assumed in train.assumptions]


def test_classes_are_sorted_by_number_or_by_letter(tmp_path):
    assert csv_train(tmp_path, ["10", "9", "10"]).class_names == ("9", "10")
    assert csv_train(tmp_path, ["b", "10", "9"]).class_names == ("10", "9", "b")


def test_spaces_around_a_label_do_not_make_a_class(tmp_path):
    train = csv_train(tmp_path, ["van ", "van ", "van", "bus"])
    assert train.class_names == ("bus", "van")
    assert train.source.examples["van"] == 2  # the label as it is written without them


def test_zeros_in_front_are_part_of_a_class(tmp_path):
    assert csv_train(tmp_path, ["01", "1", "01"]).class_names == ("01", "1")


def test_a_number_to_be_predicted_is_refused_with_the_way_out():
    with pytest.raises(LabelsError, match=r"(?s)30 distinct numbers in 30 rows.*regression") as caught:
        train_of([row + 0.5 for row in range(30)])
    assert "Cut the numbers into classes" in caught.value.fix
    with pytest.raises(LabelsError, match=r"(?s)regression"):
        train_of([row % 80 for row in range(400)])


def test_many_classes_with_many_rows_are_classes():
    assert len(train_of([row % 200 for row in range(2000)]).class_names) == 200
    assert len(train_of([f"c{row % 200}" for row in range(600)]).class_names) == 200
    assert train_of([0.5, 1.5, 0.5, 1.5]).class_names == ("0.5", "1.5")


def test_a_label_that_hardly_repeats_is_refused():
    with pytest.raises(LabelsError, match=r"(?s)looks like a text"):
        train_of([f"a text number {row}" for row in range(40)])


def test_one_class_is_refused():
    with pytest.raises(LabelsError, match=r"(?s)only 'a', in all of the 2 labelled rows"):
        train_of(["a", "a", None])


def test_a_wrong_column_is_named_with_the_closest():
    with pytest.raises(DataError, match=r"(?s)'lable'.*Did you mean 'label'") as caught:
        open_data({"x": ["a", "b"], "label": ["a", "b"]}, label="lable")
    assert "--label" in caught.value.fix
    with pytest.raises(DataError, match=r"(?s)'y y'.*x, label"):
        open_data({"x": ["a", "b"], "label": ["a", "b"]}, label="y y")


def test_an_unnamed_label_is_sniffed_where_it_is_plain_and_stated():
    train = open_data({"x": ["a b", "c d"], "Target": ["a", "b"]}).train
    assert train.label_name == "Target"
    assert ("label column", "Target", "--label") in [(a.what, a.value, a.flag) for a in train.assumptions]
    with pytest.raises(LabelsError, match=r"(?s)the columns are x, grade"):
        open_data({"x": ["a b", "c d"], "grade": ["a", "b"]})


def test_only_a_label_column_is_refused():
    with pytest.raises(DataError, match=r"(?s)at least one column to learn from"):
        open_data({"label": ["a", "b"]}, label="label")


@pytest.mark.parametrize("flag", ["id", "group", "split"])
def test_roles_name_columns_that_are_there(flag):
    with pytest.raises(DataError, match=rf"(?s)the {flag} column 'z'.*--{flag}"):
        open_data({"x": ["a b", "c d"], "label": ["a", "b"]}, label="label", **{flag: "z"})


def test_probs_have_a_row_for_each_row():
    with pytest.raises(InputError, match=r"(?s)probs must be a two-dimensional array with 2 rows"):
        train_of(["a", "b"], probs=[[0.5, 0.5]])


def test_probs_follow_the_sorted_classes():
    train = train_of(["b", "a"], probs=[[0.1, 0.9], [0.8, 0.2]])
    assert train.class_names == ("a", "b")
    assert train.probs.tolist() == [[0.1, 0.9], [0.8, 0.2]]


def test_a_column_has_one_role():
    with pytest.raises(DataError, match="--label and as --id"):
        open_data({"x": ["a b", "c d"], "label": ["a", "b"]}, label="label", id="label")


@pytest.mark.parametrize("form", ["2020-{m:02}-{d:02}", "{d}.{m}.2020", "2020/{m}/{d} 10:00:00"])
def test_dates_are_no_classes(form):
    dates = [form.format(m=row % 12 + 1, d=row % 28 + 1) for row in range(200)]
    with pytest.raises(LabelsError, match="dates in 200 rows"):
        open_data({"x": [float(row) for row in range(200)], "label": dates}, label="label")


def test_spellings_stay_apart_if_they_are_said_to():
    labels = ["ham"] * 60 + ["Ham"] * 20 + ["spam"] * 60 + ["sapm"] * 2 + ["unknown"] * 2
    assert train_of(labels).class_names == ("ham", "spam")
    exact = train_of(labels, exact_labels=True)
    assert set(exact.class_names) == {"ham", "Ham", "spam", "sapm", "unknown"}
    assert not exact.odd_labels
