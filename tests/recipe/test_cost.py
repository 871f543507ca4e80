from __future__ import annotations

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.recipe.cost import cost_in_words, expected_seconds
from tests.recipe.made import column, made


def _texts(n_rows: int, n_classes: int) -> Dataset:
    return made([column("text", ["one two three"] * n_rows)], [f"c{row % n_classes}" for row in range(n_rows)])


def test_the_size_and_a_rough_time_are_told() -> None:
    assert cost_in_words(_texts(40, 2), threads=1) == "40 rows × 1 column × 2 classes: about 10 seconds"


def test_of_a_model_of_the_user_nothing_is_known() -> None:
    assert "depends on your model" in cost_in_words(_texts(40, 2), threads=1, own_model=True)


def test_more_rows_and_more_classes_cost_more() -> None:
    few, rows, classes = (expected_seconds(_texts(n, k)) for n, k in ((100, 2), (1_000, 2), (100, 50)))
    assert few < rows
    assert few < classes


def test_given_features_are_counted_and_a_data_set_without_columns_costs_little() -> None:
    labels: list[str | None] = ["a", "b"] * 50
    bare = made([], labels)
    assert expected_seconds(bare) < expected_seconds(made([], labels, features=np.zeros((100, 4))))
