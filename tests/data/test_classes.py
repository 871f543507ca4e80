"""The caller's names of the classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dechaff.data.classes import class_names_of, codes_of, named
from dechaff.errors import InputError, LabelsError


def test_names_come_from_the_caller_or_the_columns_or_are_numbers():
    frame = pd.DataFrame(np.zeros((0, 2)), columns=["a", "b"])
    assert class_names_of(["x", "y"], frame, 2) == ["x", "y"]
    assert class_names_of(None, frame, 2) == ["a", "b"]
    assert class_names_of(None, np.zeros((0, 2)), 2) == [0, 1]


def test_a_name_twice_is_refused():
    with pytest.raises(InputError, match="1 of them distinct"):
        class_names_of(["a", "a"], None, 2)


def test_labels_are_looked_up_whatever_holds_them():
    assert codes_of(np.array(["b", "a"]), ["a", "b"]).tolist() == [1, 0]
    assert codes_of(np.array([1, 0], dtype=np.int8), [0, 1]).tolist() == [1, 0]
    assert codes_of([], ["a"]).dtype == np.int64


def test_the_first_label_without_a_column_is_named():
    with pytest.raises(LabelsError, match=r"'g' in row 1"):
        codes_of(["a", "g", "h"], list("abcdefxyz"))


def test_codes_become_names_of_their_own_kind():
    assert named(np.array([1, 0]), ["a", "b"]).tolist() == ["b", "a"]
    assert named(np.array([1, 0]), [0, 1]).dtype.kind == "i"


def test_labels_are_the_same_classes_for_every_function():
    assert codes_of([1.0, 2.0], ["2", "1"]).tolist() == codes_of(["1", "2"], [2, 1]).tolist() == [1, 0]
    assert codes_of(["1.0", "2.0"], ["2", "1"]).tolist() == [1, 0]
    assert codes_of([0, 2], ["a", "b", "c"]).tolist() == [0, 2]
