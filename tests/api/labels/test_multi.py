"""``find_multilabel_errors``: rows that carry several labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import average_precision_score

import dechaff
from dechaff.errors import InputError

NAMES = ["sea", "sun", "snow"]


def made(n=3000, *, forgotten=0.0, made_up=0.0, seed=0):
    """Labels, some forgotten or made up; the probabilities of the best model of what is given; the truth."""
    rng = np.random.default_rng(seed)
    true = (rng.random((n, 3)) < [0.5, 0.3, 0.1]).astype(int)
    odds = np.log([1.0, 0.3 / 0.7, 0.1 / 0.9]) + 4 * (rng.normal(size=(n, 3)) + 4 * true) - 8
    sure = 1 / (1 + np.exp(-odds))
    chances = rng.random((n, 3))
    labels = np.where(true == 1, chances > forgotten, chances < made_up).astype(int)
    return labels, sure * (1 - forgotten) + (1 - sure) * made_up, true


def test_forgotten_labels_are_found_and_their_share_is_told():
    labels, probs, true = made(forgotten=0.2)
    found = dechaff.find_multilabel_errors(labels, probs)
    wrong = labels != true
    assert 2 * (found.flag & wrong).sum() / (found.flag.sum() + wrong.sum()) > 0.9
    assert found.missing_rate.value == pytest.approx([0.2, 0.2, 0.2], abs=0.08)
    assert found.extra_rate.value.max() < 0.03
    low, high = found.missing_rate.low, found.missing_rate.high
    assert (low <= found.missing_rate.value).all()
    assert (found.missing_rate.value <= high).all()
    assert (found.suggested == true).mean() > (labels == true).mean()


def test_made_up_labels_are_told_from_forgotten_ones():
    labels, probs, _ = made(made_up=0.1)
    found = dechaff.find_multilabel_errors(labels, probs)
    assert found.extra_rate.value == pytest.approx([0.1, 0.1, 0.1], abs=0.04)
    low, high = found.extra_rate.low, found.extra_rate.high
    assert (low <= found.extra_rate.value).all()
    assert (found.extra_rate.value <= high).all()


def test_rows_are_ordered_by_their_worst_labels():
    labels, probs, true = made(forgotten=0.2, made_up=0.02)
    found = dechaff.find_multilabel_errors(labels, probs)
    assert average_precision_score((labels != true).any(axis=1), found.row_log_odds) > 0.9
    assert np.array_equal(found.row_flag, found.flag.any(axis=1))
    assert found.row_score.min() >= 0
    assert found.row_score.max() <= 1


def test_names_a_row_say_the_same_as_a_matrix():
    labels, probs, _ = made(50)
    named = [[NAMES[column] for column in np.flatnonzero(row)] for row in labels]
    by_name = dechaff.find_multilabel_errors(named, probs, class_names=NAMES)
    assert np.array_equal(by_name.labels, labels)
    assert np.array_equal(by_name.score, dechaff.find_multilabel_errors(labels, probs).score)


def test_a_pandas_frame_keeps_its_index_and_columns():
    labels, probs, _ = made(50)
    frame = pd.DataFrame(labels, columns=NAMES, index=[f"id{row}" for row in range(50)])
    found = dechaff.find_multilabel_errors(frame, probs)
    for table in (found.score, found.flag, found.suggested):
        assert table.index.equals(frame.index)
        assert table.columns.tolist() == NAMES
    assert found.row_score.index.equals(frame.index)


def test_names_and_index_come_from_probs_where_labels_have_none():
    labels, probs, _ = made(50)
    frame = pd.DataFrame(probs, columns=NAMES, index=range(100, 150))
    named = [[NAMES[column] for column in np.flatnonzero(row)] for row in labels]
    found = dechaff.find_multilabel_errors(named, frame)
    assert found.class_names == NAMES
    assert found.row_score.index.tolist() == list(range(100, 150))


def test_a_label_that_no_row_or_every_row_carries_is_judged():
    labels, probs, _ = made(200)
    labels[:, 0], labels[:, 1] = 0, 1
    found = dechaff.find_multilabel_errors(labels, probs)
    assert np.isfinite(found.score).all()
    assert np.isfinite(found.noise_rate.value).all()


@pytest.mark.parametrize("n", [0, 1])
def test_few_rows_are_taken(n):
    found = dechaff.find_multilabel_errors(np.zeros((n, 3), dtype=int), np.full((n, 3), 0.2))
    assert found.score.shape == (n, 3)
    assert found.row_score.shape == (n,)


@pytest.mark.parametrize(
    ("labels", "probs", "message"),
    [
        ([["sea"], ["fog"]], np.full((2, 3), 0.5), "'fog'"),
        ([["sea"], "sun"], np.full((2, 3), 0.5), "'sun' in row 1"),
        ([["sea"]], np.full((2, 3), 0.5), "1 rows in labels, 2 rows in probs"),
        (np.array([[0, 1, 2]]), np.full((1, 3), 0.5), "2 in row 0, column 2|int64\\(2\\) in row 0, column 2"),
        (np.array([[0.0, 1.0, np.nan]]), np.full((1, 3), 0.5), "nan.* in row 0, column 2"),
        (np.array([[0, 1]]), np.full((1, 3), 0.5), "2 columns in labels, 3 columns in probs"),
        ([["sea"]], [[0.5, 1.5, 0.1]], "1.5 in row 0, column 1"),
        ([["sea"]], [[0.5, np.nan, 0.1]], "nan in row 0, column 1"),
        ([["sea"]], [0.5, 0.5, 0.5], r"shape \(3,\)"),
    ],
)
def test_what_cannot_be_judged_is_named(labels, probs, message):
    with pytest.raises(dechaff.InputError, match=message):
        dechaff.find_multilabel_errors(labels, probs, class_names=NAMES)


def test_two_names_for_three_columns_are_refused():
    with pytest.raises(dechaff.InputError, match="2 names"):
        dechaff.find_multilabel_errors(np.zeros((1, 3), dtype=int), np.full((1, 3), 0.5), class_names=["sea", "sun"])


def _easy(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    labels = np.tile([[1, 0], [1, 1], [0, 1]], (n // 3, 1))
    return labels, np.where(labels == 1, 0.9, 0.1)


def test_sparse_labels_are_read_like_dense_ones() -> None:
    labels, probs = _easy()
    labels[0] = [1, 1]
    found = dechaff.find_multilabel_errors(csr_array(labels), probs)
    assert np.array_equal(found.flag, dechaff.find_multilabel_errors(labels, probs).flag)
    assert found.flag[0, 1]


def test_columns_of_labels_and_probs_in_different_order_are_refused() -> None:
    labels, probs = _easy()
    frame, other = pd.DataFrame(labels, columns=["sea", "sun"]), pd.DataFrame(probs, columns=["sun", "sea"])
    with pytest.raises(
        InputError, match="columns of labels must be in the order of the classes; found 'sea' in place 0"
    ):
        dechaff.find_multilabel_errors(frame, other)
    with pytest.raises(InputError, match="columns of labels must be in the order"):
        dechaff.find_multilabel_errors(frame, probs, class_names=["sun", "sea"])
    assert dechaff.find_multilabel_errors(frame, probs).class_names == ["sea", "sun"]


def test_a_series_of_lists_keeps_its_index() -> None:
    _, probs = _easy()
    labels = pd.Series([["sea"], ["sea", "sun"], ["sun"]] * 20, index=[f"row {i}" for i in range(60)])
    found = dechaff.find_multilabel_errors(labels, probs, class_names=["sea", "sun"])
    assert found.score.columns.tolist() == ["sea", "sun"]
    assert found.score.index.equals(labels.index)
    assert found.row_score.index.equals(labels.index)


def test_what_was_found_is_told_in_a_line() -> None:
    labels, probs = _easy()
    labels[0] = [1, 1]
    told = repr(dechaff.find_multilabel_errors(labels, probs))
    assert told.startswith("<MultilabelErrors: 1 of 120 labels flagged, in 1 of 60 rows; noise rate ")


@pytest.mark.parametrize("kind", [np.ndarray.tolist, lambda cells: [tuple(row) for row in cells], list])
def test_lists_of_a_zero_or_one_for_each_label_are_a_matrix_not_names(kind) -> None:
    labels, probs, _ = made(500, forgotten=0.2)
    found = dechaff.find_multilabel_errors(kind(labels), probs.tolist())
    assert np.array_equal(found.score, dechaff.find_multilabel_errors(labels, probs).score)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table])
def test_frames_of_any_kind_name_the_labels(kind) -> None:
    labels, probs, _ = made(500, forgotten=0.2)
    frame, other = (kind(dict(zip(NAMES, values.T, strict=True))) for values in (labels, probs))
    found = dechaff.find_multilabel_errors(frame, other)
    assert found.class_names == NAMES
    assert np.array_equal(np.asarray(found.flag), dechaff.find_multilabel_errors(labels, probs).flag)
    with pytest.raises(InputError, match="columns of labels must be in the order of the classes"):
        dechaff.find_multilabel_errors(kind(dict.fromkeys(reversed(NAMES), labels[:, 0])), other)


def test_rows_of_labels_and_probs_in_different_order_are_refused() -> None:
    labels, probs = (pd.DataFrame(part) for part in _easy())
    with pytest.raises(InputError, match="labels and probs must have the same rows in the same order"):
        dechaff.find_multilabel_errors(labels.rename(index=str).iloc[::-1], probs.rename(index=str))
