from __future__ import annotations

from typing import Any
from unittest.mock import patch

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dechaff.compat.cleanlab import multiannotator as ours
from dechaff.compat.cleanlab.majority_vote import answer_rows
from dechaff.compat.cleanlab.multiannotator import convert_long_to_wide_dataset, get_majority_vote_label
from dechaff.errors import DataError, InputError, LabelsError, ProbsError
from dechaff.methods.consensus.crowdlab import temperature_by_answers
from tests.compat.cleanlab.rows import fewer_cases, quietly, same_cases, theirs


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
        ([0, 1, 2], r"be a table with one row per task .*; found shape \(3,\)"),
        (np.zeros((2, 2, 2)), r"found shape \(2, 2, 2\)"),
        (np.zeros((0, 3)), r"found shape \(0, 3\)"),
        ([[0, 1], [0]], "found rows of different lengths"),
        ([["cat", None], ["dog", "cat"]], "contain whole numbers from 0.* found 'cat' in row 0, column 0"),
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
    with pytest.raises(LabelsError, match=r"one label or more of each task; found none in row 0 \(1 in all"):
        get_majority_vote_label(np.array([[np.nan, np.nan], [0, 1]]))
    with pytest.raises(InputError, match="contain classes below 2"):
        get_majority_vote_label(np.array([[2.0, 0.0]]), np.array([[0.5, 0.5]]))


def test_a_long_table_becomes_the_wide_one_of_cleanlab() -> None:
    long = pandas.DataFrame({"task": [1, 1, 2], "annotator": ["a", "b", "a"], "label": [0, 1, 1]})
    pandas.testing.assert_frame_equal(
        convert_long_to_wide_dataset(long), theirs.multiannotator.convert_long_to_wide_dataset(long)
    )


there = theirs.multiannotator


def crowd(seed: int, k: int, people: int) -> tuple[np.ndarray, np.ndarray]:
    """Answers of people of different skill to 60 rows, and the probabilities of a fair model."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, k, 60)
    right = rng.random((60, people)) < rng.uniform(0.4, 0.95, people)
    answers = np.where(right, true[:, None], rng.integers(0, k, (60, people))).astype(float)
    answers[rng.random((60, people)) > 0.5] = np.nan
    answers[np.arange(60), np.arange(60) % people] = true  # somebody answered each row
    answers[:k, :2] = np.arange(k)[:, None]  # and each class
    logits = rng.normal(size=(60, k)) + 2 * np.eye(k)[true]
    return answers, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def assert_same(found: dict[str, Any], other: dict[str, Any]) -> None:
    assert list(found) == list(other)
    for name, one in found.items():
        if hasattr(one, "columns"):
            pandas.testing.assert_frame_equal(one.sort_index(), other[name].sort_index(), check_dtype=False)
        else:
            np.testing.assert_allclose(one, other[name])


crowds = given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(3, 8))


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"return_weights": True},
        {"consensus_method": "majority_vote"},
        {"consensus_method": ["best_quality", "majority_vote"], "return_detailed_quality": False},
        {"label_quality_score_kwargs": {"method": "normalized_margin"}, "return_annotator_stats": False},
    ],
)
@same_cases
@crowds
def test_labels_answers_and_people_are_judged_as_cleanlab_does(
    options: dict[str, Any], seed: int, k: int, people: int
) -> None:
    answers, probs = crowd(seed, k, people)
    found = ours.get_label_quality_multiannotator(answers, probs, **options)
    assert_same(found, quietly(there.get_label_quality_multiannotator, answers, probs, verbose=False, **options))


@fewer_cases
@crowds
def test_several_models_weigh_as_in_cleanlab(seed: int, k: int, people: int) -> None:
    answers, probs = crowd(seed, k, people)
    several = np.stack([probs, np.random.default_rng(seed).dirichlet(np.ones(k), 60)])
    found = ours.get_label_quality_multiannotator_ensemble(answers, several, return_weights=True)
    call = there.get_label_quality_multiannotator_ensemble
    assert_same(found, quietly(call, answers, several, verbose=False, return_weights=True))


def _ours_to_cleanlab(labels_multiannotator: Any, pred_probs: Any) -> float:
    answers = np.asarray(labels_multiannotator)
    codes = np.where(np.isnan(answers), -1, answers).astype(np.int64)
    return temperature_by_answers(answer_rows(codes, pred_probs.shape[1]), pred_probs)


@fewer_cases
@crowds
def test_with_our_temperature_cleanlab_asks_for_the_same_answers(seed: int, k: int, people: int) -> None:
    answers, probs = crowd(seed, k, people)
    new = np.random.default_rng(seed).dirichlet(np.ones(k), 20)
    several, several_new = np.stack([probs, probs**0.5 / (probs**0.5).sum(axis=1, keepdims=True)]), np.stack([new, new])
    with patch.object(there, "find_best_temp_scaler", _ours_to_cleanlab):
        one = quietly(there.get_active_learning_scores, answers, probs, new)
        more = quietly(there.get_active_learning_scores_ensemble, answers, several, several_new)
        quality = quietly(there.get_label_quality_multiannotator, answers, probs, calibrate_probs=True, verbose=False)
    for found, other in [
        (ours.get_active_learning_scores(answers, probs, new), one),
        (ours.get_active_learning_scores_ensemble(answers, several, several_new), more),
    ]:
        np.testing.assert_allclose(found[0], other[0], atol=1e-5)
        np.testing.assert_allclose(found[1], other[1], atol=1e-5)
    assert_same(ours.get_label_quality_multiannotator(answers, probs, calibrate_probs=True), quality)


def test_cleanlabs_own_temperature_counts_answers_at_the_wrong_classes() -> None:
    # Once it counts right, compare temperatures instead, and take the line out of docs/coming-from-cleanlab.md.
    from cleanlab.internal.util import value_counts

    assert value_counts(np.array([2.0, 2.0, 1.0]), num_classes=3).tolist() == [1, 2, 0]


def test_rows_without_answers_alone_are_ranked_as_cleanlab_ranks_them() -> None:
    new = np.random.default_rng(0).dirichlet(np.ones(3), (2, 20))
    for found, other in [
        (ours.get_active_learning_scores(None, None, new[0]), there.get_active_learning_scores(None, None, new[0])),
        (
            ours.get_active_learning_scores_ensemble(None, None, new),
            there.get_active_learning_scores_ensemble(None, None, new),
        ),
    ]:
        assert len(found[0]) == len(other[0]) == 0
        np.testing.assert_allclose(found[1], other[1])
    assert len(ours.get_active_learning_scores(*crowd(0, 3, 4))[1]) == 0


def test_by_agreement_the_majority_is_the_best_and_its_share_the_quality() -> None:
    answers = pandas.DataFrame({"ann": [0, 1, 1], "bob": [0, 1, 0], "cid": [1, np.nan, 1]}, index=list("xyz"))
    found = ours.get_label_quality_multiannotator(answers, np.full((3, 2), 0.5), quality_method="agreement")
    labels = found["label_quality"]
    assert labels.index.tolist() == ["x", "y", "z"]
    assert labels["consensus_label"].tolist() == [0, 1, 1]
    assert labels["consensus_quality_score"].round(2).tolist() == [0.67, 1.0, 0.67]
    assert found["detailed_label_quality"].loc["x"].round(2).tolist() == [0.67, 0.67, 0.33]
    assert found["annotator_stats"].index.tolist() == ["cid", "bob", "ann"]
    assert found["annotator_stats"]["annotator_quality"].round(2).tolist() == [0.5, 0.67, 1.0]


def test_who_only_answered_alone_has_the_mean_quality_of_the_answers() -> None:
    answers, probs = crowd(0, 3, 4)
    answers[:, 3] = np.nan
    answers[:, 0] = np.where(np.isnan(answers).all(axis=1), 0, answers[:, 0])
    answers[30] = [np.nan, np.nan, np.nan, 1]
    found = ours.get_label_quality_multiannotator(answers, probs)
    assert found["annotator_stats"].loc[3, "annotator_quality"] == found["detailed_label_quality"].iloc[30, 3]


BAD = [
    (lambda a, p: (np.where(a == 0, -1, a), p), LabelsError, r"whole numbers from 0.* found -1.0 in row"),
    (lambda a, p: (np.where(a == 0, 0.5, a), p), LabelsError, "found 0.5 in row"),
    (lambda a, p: (np.where(a == 1, 7, a), p), InputError, "contain classes below 3"),
    (lambda a, p: (np.where(np.arange(4) == 2, np.nan, a), p), LabelsError, "none in column 2"),
    (lambda a, p: (a, np.where(np.arange(60)[:, None] == 9, np.nan, p)), ProbsError, "be finite.* in row 9"),
    (lambda a, p: (a, p[:-1]), InputError, "60 rows in labels_multiannotator, 59 rows in pred_probs"),
]


@pytest.mark.parametrize(("spoil", "error", "words"), BAD)
def test_what_cannot_be_judged_is_named(spoil: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ours.get_label_quality_multiannotator(*spoil(*crowd(0, 3, 4)))


def test_a_list_of_lists_is_judged_as_an_array_is() -> None:
    answers, probs = crowd(0, 3, 4)
    listed, array = (
        ours.get_label_quality_multiannotator(one, probs)["label_quality"] for one in (answers.tolist(), answers)
    )
    pandas.testing.assert_frame_equal(listed, array)


def test_models_of_other_rows_or_classes_are_refused() -> None:
    answers, probs = crowd(0, 3, 4)
    wider = np.c_[probs, np.zeros(len(probs))]
    for models, words in (([], "found none"), ([probs, wider], r"found shapes \(60, 3\) and \(60, 4\)")):
        with pytest.raises(ProbsError, match=f"pred_probs must be of one model or more.*{words}"):
            ours.get_label_quality_multiannotator_ensemble(answers, models)
    with pytest.raises(ProbsError, match=r"pred_probs_unlabeled must be of the same models .* found 1 of 4 classes"):
        ours.get_active_learning_scores(answers, probs, wider)
    with pytest.raises(InputError, match="consensus_method must name one of"):
        ours.get_label_quality_multiannotator(answers, probs, consensus_method=[])


def test_words_and_arrays_that_do_not_fit_together_are_refused() -> None:
    answers, probs = crowd(0, 3, 4)
    with pytest.raises(InputError, match="quality_method must be one of crowdlab, agreement"):
        ours.get_label_quality_multiannotator(answers, probs, quality_method="best")
    with pytest.raises(InputError, match="consensus_method must be one of best_quality, majority_vote"):
        ours.get_label_quality_multiannotator(answers, probs, consensus_method="best", quality_method="agreement")
    with pytest.raises(InputError, match="return_weights must be False"):
        ours.get_label_quality_multiannotator(answers, probs, quality_method="agreement", return_weights=True)
    with pytest.raises(InputError, match="pred_probs must be passed with labels_multiannotator"):
        ours.get_active_learning_scores(answers)
    with pytest.raises(InputError, match="or else pred_probs_unlabeled; found neither"):
        ours.get_active_learning_scores()
    with pytest.raises(ProbsError, match="pred_probs must have rows that sum to 1"):
        ours.get_majority_vote_label(answers, 2 * probs)


@pytest.mark.parametrize("n_annotators", [1, 4])
def test_rows_of_one_answer_each_are_ranked_as_by_cleanlab(n_annotators: int) -> None:
    rng = np.random.default_rng(0)
    probs, new = rng.dirichlet(np.ones(3), 50), rng.dirichlet(np.ones(3), 9)
    answers = np.full((50, n_annotators), np.nan)
    answers[np.arange(50), np.arange(50) % n_annotators] = rng.integers(0, 3, 50)
    for found, other in zip(
        ours.get_active_learning_scores(answers, probs, new),
        quietly(there.get_active_learning_scores, answers, probs, new),
        strict=True,
    ):
        np.testing.assert_allclose(found, other)
    models = np.stack([probs, probs[::-1]]), np.stack([new, new])
    for found, other in zip(
        ours.get_active_learning_scores_ensemble(answers, *models),
        quietly(there.get_active_learning_scores_ensemble, answers, *(one.copy() for one in models)),
        strict=True,
    ):
        np.testing.assert_allclose(found, other)
