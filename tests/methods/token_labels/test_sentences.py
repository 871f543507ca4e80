"""Sentences in a flat array of tokens, empty ones among them."""

from __future__ import annotations

import numpy as np

from dechaff.methods.token_labels.sentence_score import Sentences

SENTENCES = Sentences(np.array([0, 2, 0, 3, 1, 0]))


def test_each_token_knows_its_sentence_and_whether_it_begins_or_ends_it():
    assert SENTENCES.of_token.tolist() == [1, 1, 3, 3, 3, 4]
    assert np.flatnonzero(SENTENCES.is_first()).tolist() == [0, 2, 5]
    assert np.flatnonzero(SENTENCES.is_last()).tolist() == [1, 4, 5]


def test_tokens_are_passed_place_by_place():
    assert [rows.tolist() for rows in SENTENCES.forwards()] == [[0, 2, 5], [1, 3], [4]]


def test_a_reduction_leaves_empty_sentences_out():
    values = np.array([1.0, 5.0, 2.0, 8.0, 3.0, 4.0])
    assert SENTENCES.reduced(values, np.maximum.reduceat, -1.0).tolist() == [-1, 5, -1, 8, 4, -1]


def test_nothing_can_be_reduced():
    assert Sentences(np.zeros(2, dtype=np.int64)).reduced(np.zeros(0), np.maximum.reduceat, 0.0).tolist() == [0, 0]
    assert list(Sentences(np.zeros(0, dtype=np.int64)).forwards()) == []
