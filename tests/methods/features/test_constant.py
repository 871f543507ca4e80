import numpy as np
import pytest

from dechaff.methods.features import (
    constant_value,
)


@pytest.mark.parametrize(
    ("cells", "value"),
    [(["a", "a"], "a"), (["a", "b"], None), (["", ""], ""), (["a", ""], None), (["a"], None), ([], None)],
)
def test_a_column_is_constant_only_where_every_row_holds_the_same(cells: list[str], value: str | None) -> None:
    array = np.array(cells, dtype=object)
    assert constant_value(array, array == "") == value
