"""What may enter: arrays that are used where they are, or an error that names the first bad row."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff import checks
from dechaff.checks import check_labels_and_probs, check_probs, check_rows
from dechaff.errors import InputError, LabelsError, ProbsError


def uniform(n: int, k: int = 4, dtype: type = np.float64) -> np.ndarray:
    return np.full((n, k), 1 / k, dtype=dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_are_used_as_precise_as_they_are_and_where_they_are(dtype: type) -> None:
    labels, probs = np.zeros(3, dtype=np.int64), uniform(3, dtype=dtype)
    checked = check_labels_and_probs(labels, probs)
    assert checked[1].dtype == dtype
    assert np.shares_memory(checked[0], labels)
    assert np.shares_memory(checked[1], probs)


def test_a_memory_mapped_array_is_not_copied(tmp_path) -> None:
    np.save(tmp_path / "probs.npy", uniform(5))
    mapped = np.load(tmp_path / "probs.npy", mmap_mode="r")
    assert np.shares_memory(check_probs(mapped), mapped)


@pytest.mark.parametrize(("dtype", "becomes"), [(np.float16, np.float32), (np.int64, np.float64), (bool, np.float64)])
def test_other_numbers_become_floats(dtype: type, becomes: type) -> None:
    checked = check_probs(np.eye(3).astype(dtype))
    assert checked.dtype == becomes
    np.testing.assert_array_equal(checked, np.eye(3))


def test_rows_of_half_precision_need_not_sum_to_one_exactly() -> None:
    probs = np.random.default_rng(0).dirichlet(np.ones(10), 1000).astype(np.float16)
    assert check_probs(probs).shape == (1000, 10)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([np.nan, 0.5, 0.25, 0.25], r"probs must be finite; found \[ nan, .* in row 777 \(2 of 1000 rows\)"),
        ([np.inf, 0.5, 0.25, 0.25], "probs must be finite"),
        ([-0.5, 1.0, 0.25, 0.25], r"probs must be at least 0; found \[-0.5 , .* in row 777"),
        ([0.5, 0.5, 0.25, 0.25], "probs must have rows that sum to 1"),
        ([0.0, 0.0, 0.0, 0.0], "probs must have rows that sum to 1"),
    ],
)
@pytest.mark.parametrize("bytes_at_once", [64, 2**19])
def test_the_first_bad_row_is_named_wherever_the_array_is_cut(
    row, message: str, bytes_at_once: int, monkeypatch
) -> None:
    monkeypatch.setattr(checks, "_BYTES_AT_ONCE", bytes_at_once)
    probs = uniform(1000)
    probs[777] = row
    probs[900] = [2.0, 2.0, 2.0, 2.0]
    with pytest.raises(ProbsError, match=message):
        check_rows(probs)


@pytest.mark.parametrize("probs", [np.ones(3), np.ones((3, 1)), np.array([["a", "b"]]), np.ones((2, 2, 2))])
def test_what_is_no_matrix_of_two_columns_is_refused(probs: np.ndarray) -> None:
    with pytest.raises(ProbsError, match="one column per class"):
        check_probs(probs)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 4], "labels must be integers from 0 to 3, because probs has 4 columns; found 4 in row 2"),
        ([0, -1, 4], "found -1 in row 1"),
        ([0.0, 1.0, 2.0], "one-dimensional array of integers"),
        (["a", "b", "c"], "Turn class names into codes"),
        ([[0], [1], [2]], r"shape \(3, 1\)"),
    ],
)
def test_labels_that_are_no_columns_are_refused(labels: list, message: str) -> None:
    with pytest.raises(LabelsError, match=message):
        check_labels_and_probs(labels, uniform(3))


def test_different_lengths_are_refused_before_any_row_is_read() -> None:
    with pytest.raises(InputError, match="2 rows in labels, 3 rows in probs"):
        check_labels_and_probs([0, 1], np.full((3, 4), np.nan))


def test_no_rows_are_fine() -> None:
    labels, probs = check_labels_and_probs(np.empty(0, dtype=int), np.empty((0, 3)))
    assert labels.shape == (0,)
    assert probs.shape == (0, 3)
