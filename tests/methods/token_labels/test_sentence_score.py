"""One score a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.token_labels.sentence_score import Sentences, any_error, are_bio, whole_spans, worst_token

SENTENCES = Sentences(np.array([2, 0, 1]))


def test_the_worst_token_speaks_for_the_sentence():
    assert worst_token(np.array([0.2, 0.9, 0.4]), SENTENCES).tolist() == [0.9, 0.0, 0.4]


def test_doubts_of_one_sentence_add_up():
    # odds 1 : 1 twice: 1 - 1/2 * 1/2
    assert any_error(np.array([0.0, 0.0, -2.0]), SENTENCES) == pytest.approx([0.75, 0, 1 / (1 + np.exp(2))])


def test_log_odds_of_any_size_are_taken():
    assert any_error(np.array([900.0, -900.0, -900.0]), SENTENCES).tolist() == [1.0, 0.0, 0.0]


CLASSES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


@pytest.mark.parametrize(
    ("labels", "whole"),
    [
        ([0, 2, 2], [0, 1, 2]),  # continues nothing
        ([1, 4, 0], [1, 3, 0]),  # continues another kind
        ([1, 2, 2], [1, 2, 2]),
        ([0, 0, 0], [0, 0, 0]),
        ([], []),
    ],
)
def test_a_span_begins_with_its_b(labels, whole):
    labels = np.array(labels, dtype=np.int64)
    assert whole_spans(labels, Sentences(np.array([len(labels)])), classes=CLASSES).tolist() == whole


def test_no_span_goes_on_from_one_sentence_into_the_next():
    assert whole_spans(np.array([1, 2]), Sentences(np.array([1, 1])), classes=CLASSES).tolist() == [1, 1]


def test_names_of_another_scheme_are_not_bio():
    assert are_bio(CLASSES)
    assert not are_bio(["NOUN", "VERB"])
    assert not are_bio(["O", "I-PER"])
    assert not are_bio(["O", "B-PER", "I-PER", "E-PER"])


WITH_EMPTY_ONES = Sentences(np.array([0, 2, 0, 3, 1, 0]))


def test_each_token_knows_its_sentence_and_whether_it_begins_or_ends_it():
    assert WITH_EMPTY_ONES.of_token.tolist() == [1, 1, 3, 3, 3, 4]
    assert np.flatnonzero(WITH_EMPTY_ONES.is_first()).tolist() == [0, 2, 5]
    assert np.flatnonzero(WITH_EMPTY_ONES.is_last()).tolist() == [1, 4, 5]


def test_tokens_are_passed_place_by_place():
    assert [rows.tolist() for rows in WITH_EMPTY_ONES.forwards()] == [[0, 2, 5], [1, 3], [4]]


def test_a_reduction_leaves_empty_sentences_out():
    values = np.array([1.0, 5.0, 2.0, 8.0, 3.0, 4.0])
    assert WITH_EMPTY_ONES.reduced(values, np.maximum.reduceat, -1.0).tolist() == [-1, 5, -1, 8, 4, -1]


def test_nothing_can_be_reduced():
    assert Sentences(np.zeros(2, dtype=np.int64)).reduced(np.zeros(0), np.maximum.reduceat, 0.0).tolist() == [0, 0]
    assert list(Sentences(np.zeros(0, dtype=np.int64)).forwards()) == []
