import pytest

from dechaff.data.columns.cells import cells_from_text
from dechaff.data.columns.identifiers import sniff_id

NAMES = ["anna", "bert", "carla", "dora"]


def sniffed(**columns):
    found = sniff_id([cells_from_text(name, list(values)) for name, values in columns.items()])
    return found and found[0]


@pytest.mark.parametrize(
    "name", ["id", "ID", "stud_ID", "PassengerId", "rec_id", "id_row", "uuid", "index", "Filename"]
)
def test_a_unique_column_named_like_an_identifier_is_one(name):
    assert sniffed(x=["1", "1", "2", "2"], **{name: NAMES}) == name


@pytest.mark.parametrize("name", ["name", "idea", "valid", "width", "paid", "x"])
def test_other_unique_columns_are_not(name):
    assert sniffed(**{name: NAMES}) is None


def test_a_repeated_or_missing_value_is_no_identifier():
    assert sniffed(id=["1", "2", "2"]) is None
    assert sniffed(id=["1", "2", ""]) is None


def test_texts_and_measurements_are_never_identifiers():
    assert sniffed(text_id=["a good film", "a bad film", "what a film"]) is None
    assert sniffed(id=["1.5", "2.5", "3.25"]) is None


def test_the_better_name_wins():
    assert sniffed(index="0123", student_id="abcd", id="wxyz") == "id"
    assert sniffed(index="0123", student_id="abcd") == "student_id"


def test_spelling_alone_can_tell():
    assert sniffed(x=[f"{number * 7919 + 2**20:06x}" for number in range(20)]) == "x"
    assert sniffed(x=[f"0000000{number}-1111-2222-3333-444444444444" for number in range(3)]) == "x"


def test_a_first_column_that_counts_the_rows_is_one():
    count = [str(number) for number in range(1, 13)]
    assert sniffed(n=count, y="abcabcabcabc") == "n"
    assert sniffed(y="abcabcabcabc", n=count) is None
    assert sniffed(n=count[::-1]) is None
