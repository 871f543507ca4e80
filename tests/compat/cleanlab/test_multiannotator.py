from __future__ import annotations

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dechaff.compat.cleanlab.multiannotator import convert_long_to_wide_dataset, get_majority_vote_label
from dechaff.errors import DataError, InputError, LabelsError
from tests.compat.cleanlab.rows import quietly, same_cases, theirs


@same_cases
@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(2, 6), st.booleans())
def test_the_majority_is_cleanlabs_where_that_is_not_left_to_chance(seed: int, k: int, m: int, model: bool) -> None:
    rng = np.random.default_rng(seed)
    answers = np.where(rng.random((30, m)) < 0.4, np.nan, rng.integers(0, k, (30, m)))
    answers[np.arange(30), rng.integers(0, m, 30)] = rng.integers(0, k, 30)
    answers[0] = k - 1
    probs = rng.dirichlet(np.ones(k), 30) if model else None
    ours, draws = get_majority_vote_label(answers, probs), []
    for luck in range(6):
        np.random.seed(luck)
        draws.append(quietly(theirs.multiannotator.get_majority_vote_label, answers, probs, verbose=False))
    sure = (np.array(draws) == draws[0]).all(axis=0)
    # Where six draws of cleanlab agree by luck, ours is the lowest of equal classes.
    assert (ours <= draws[0])[sure].all()
    assert (ours != draws[0])[sure].sum() <= 4


def test_ties_go_to_the_model_then_to_the_rarer_class_then_to_the_trusted_annotator() -> None:
    nan = np.nan
    by_model = np.array([[0, 1], [0, 0]])
    assert get_majority_vote_label(by_model, np.array([[0.2, 0.8], [0.5, 0.5]]))[0] == 1
    rarer = np.array([[0, 1], [0, 0]])
    assert get_majority_vote_label(rarer)[0] == 1
    trusted = np.array([[0, 1, nan], [0, 1, 1], [0, 1, 1], [1, 0, 0], [1, 0, nan], [0, nan, 0], [1, nan, 1.0]])
    assert (
        get_majority_vote_label(trusted)[0]
        == quietly(theirs.multiannotator.get_majority_vote_label, trusted, verbose=False)[0]
    )


def test_frames_with_missing_values_of_their_own_are_taken() -> None:
    frame = pandas.DataFrame({"ann": pandas.array([1, None, 0], dtype="Int64"), "bob": [1.0, 0.0, None]})
    assert get_majority_vote_label(frame).tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([0, 1, 2], r"be a table of one row a task .*; found shape \(3,\)"),
        (np.zeros((2, 2, 2)), r"found shape \(2, 2, 2\)"),
        (np.zeros((0, 3)), r"found shape \(0, 3\)"),
        ([[0, 1], [0]], "found rows of different lengths"),
        ([["cat", None], ["dog", "cat"]], "hold whole numbers from 0.* found 'cat' in row 0, column 0"),
        ([[0, 1], [1, np.inf]], "found inf in row 1, column 1"),
        ([[0, 1e30], [1, 1]], "found 1e.30 in row 0, column 1"),
    ],
)
def test_what_is_no_table_of_codes_is_named(answers: object, words: str) -> None:
    with pytest.raises(LabelsError, match=words):
        get_majority_vote_label(answers)


def test_a_long_table_with_two_answers_of_one_annotator_to_a_task_is_refused() -> None:
    long = pandas.DataFrame({"task": [1, 1, 2], "annotator": ["a", "a", "a"], "label": [0, 1, 1]})
    with pytest.raises(DataError, match="one label of an annotator on a task; found 1 more, such as of a on 1"):
        convert_long_to_wide_dataset(long)
    with pytest.raises(DataError, match="columns task, annotator, label; found no label"):
        convert_long_to_wide_dataset(long[["task", "annotator"]])


def test_a_task_that_nobody_labelled_and_a_class_without_a_column_are_refused() -> None:
    with pytest.raises(LabelsError, match=r"one label or more of each task; found none in row 0 \(1 such rows"):
        get_majority_vote_label(np.array([[np.nan, np.nan], [0, 1]]))
    with pytest.raises(InputError, match="hold classes below 2"):
        get_majority_vote_label(np.array([[2.0, 0.0]]), np.array([[0.5, 0.5]]))


def test_a_long_table_becomes_the_wide_one_of_cleanlab() -> None:
    long = pandas.DataFrame({"task": [1, 1, 2], "annotator": ["a", "b", "a"], "label": [0, 1, 1]})
    pandas.testing.assert_frame_equal(
        convert_long_to_wide_dataset(long), theirs.multiannotator.convert_long_to_wide_dataset(long)
    )
