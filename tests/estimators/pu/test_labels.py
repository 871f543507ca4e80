"""Labels in every form that people write them, and what is said of those that cannot be used."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dechaff.errors import LabelsError
from dechaff.estimators.pu.labels import named, probability_columns, read_pu_labels

NAN = float("nan")


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([1, 0, 0], [0, 1]),
        ([1, -1, -1], [-1, 1]),
        ([1.0, 0.0, 0.0], [0.0, 1.0]),
        ([True, False, False], [False, True]),
        (["yes", "no", "no"], ["no", "yes"]),
        (np.array(["yes", "no", "no"], dtype=object), ["no", "yes"]),
        ([1, NAN, NAN], [0, 1]),
        ([2.5, NAN, None], [0, 2.5]),
        ([True, None, None], [False, True]),
        (["spam", None, NAN], ["not spam", "spam"]),
        (pd.Series([1, None, None], dtype="Int64"), [0, 1]),
        (pd.Series([True, None, None], dtype="boolean"), [False, True]),
        (pd.Series(["b", "a", "a"], dtype="category"), ["a", "b"]),
        (pd.Series(["b", None, None], dtype="string"), ["b", "not b"]),
        (pl.Series([1, None, None]), [0, 1]),
        (pl.Series(["b", "a", "a"]), ["a", "b"]),
        (pl.Series([True, None, None]), [False, True]),
    ],
)
def test_labels_of_every_kind_mark_the_first_row(y: Any, classes: list[Any]) -> None:
    read = read_pu_labels(y)
    assert read.labelled.tolist() == [True, False, False]
    assert read.classes.tolist() == classes
    assert named(read.classes, read.positive, read.labelled).tolist() == [
        classes[read.positive],
        *2 * [classes[1 - read.positive]],
    ]


def test_the_positive_name_may_be_the_smaller_one() -> None:
    read = read_pu_labels(["a", "b", "b"], positive="a")
    assert read.labelled.tolist() == [True, False, False]
    assert (read.classes.tolist(), read.positive) == (["a", "b"], 0)
    assert named(read.classes, read.positive, np.array([True, False])).tolist() == ["a", "b"]


def test_names_keep_the_type_that_they_came_in() -> None:
    assert read_pu_labels(np.array([1, 0], dtype=np.int8)).classes.dtype == np.int8
    assert read_pu_labels(np.array(["a", "b"], dtype=object)).classes.dtype == object
    assert read_pu_labels(np.array(["a", "b"])).classes.dtype.kind == "U"


def test_a_missing_value_beside_a_zero_asks_which_class_it_is() -> None:
    with pytest.raises(LabelsError, match="Pass positive=0"):
        read_pu_labels([0, NAN])
    read = read_pu_labels([0, NAN], positive=0)
    assert (read.classes.tolist(), read.labelled.tolist()) == ([0, 1], [True, False])


@pytest.mark.parametrize(
    ("y", "positive", "message"),
    [
        ([0, 0], None, "one class, 0, in all rows"),
        ([0, 0], 1, "no labelled positives"),
        ([1, 1], 1, "all rows are labelled"),
        ([NAN, NAN], None, "no label at all"),
        ([], None, "no label at all"),
        ([0, 1, 2], None, "Only binary classification is supported"),
        ([0, 1, 2], 1, "3 values"),
        ([0, 1, NAN], None, "2 values .0.0, 1.0. and missing ones"),
        ([0.5, 1.5, 2.7], None, "continuous"),
        ([1, 0], 7, "positive class, 7; found 0 and 1"),
        ([1, NAN], 7, "positive class, 7"),
        ([1, "a"], None, "two values|one kind"),
        (np.array([1, "a", "b"], dtype=object), None, "one kind"),
        ([[1, 0], [0, 1]], None, "1d array"),
        (None, None, "1d array"),
        ([np.inf, np.inf], None, "one class, inf"),
    ],
)
def test_labels_that_cannot_be_used_are_named(y: Any, positive: Any, message: str) -> None:
    if isinstance(y, list) and y == [1, "a"]:
        y = np.array(y, dtype=object)
    with pytest.raises(LabelsError, match=message):
        read_pu_labels(y, positive=positive)


def test_columns_stand_in_the_order_of_the_classes_and_sum_to_one() -> None:
    probs = np.array([0.25, 1.0, 0.0])
    assert probability_columns(probs, 1)[:, 1].tolist() == probs.tolist()
    assert probability_columns(probs, 0)[:, 0].tolist() == probs.tolist()
    assert (probability_columns(probs, 0).sum(axis=1) == 1).all()
    assert named(np.array([-1, 1]), 1, probs > 0.5).tolist() == [-1, 1, -1]


def test_the_labels_that_were_handed_in_stay_as_they_are() -> None:
    y = np.array([1.0, NAN, 0.0])
    with pytest.raises(LabelsError):
        read_pu_labels(y)
    assert np.array_equal(y, [1.0, NAN, 0.0], equal_nan=True)
