from dechaff.recipe.explore.naming_columns import naming_columns
from tests.recipe.made import column

CODES = column("code", [f"A-{i:03d}" for i in range(50)], "categorical")
SIZES = column("size", [float(i % 7) for i in range(50)])


def test_a_column_of_codes_names_the_rows_and_a_measurement_does_not():
    assert list(naming_columns([CODES, SIZES])) == ["code"]


def test_columns_that_are_all_there_is_are_compared():
    assert naming_columns([CODES]) == {}
    assert naming_columns([CODES, column("other", CODES.raw.tolist(), "categorical")]) == {}
