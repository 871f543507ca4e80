"""Neighbours are heard where they have something new to say."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import average_precision_score

from dechaff.methods.token_labels.chain_weight import probs_in_context
from dechaff.methods.token_labels.label_chain import in_context, label_chain
from dechaff.methods.token_labels.sentences import Sentences
from tests.methods.token_labels.chain import made_sentences


def doubt(labels, probs):
    return 1 - probs[np.arange(len(labels)), labels]


def test_a_tagger_that_sees_each_word_alone_gains_from_its_neighbours():
    true, probs, sentences = made_sentences()
    rng = np.random.default_rng(1)
    labels = np.where(rng.random(len(true)) < 0.05, rng.integers(0, 3, len(true)), true)
    heard, weight = probs_in_context(labels, probs, sentences)
    assert weight == 1.0
    gain = average_precision_score(labels != true, doubt(labels, heard))
    assert gain > average_precision_score(labels != true, doubt(labels, probs)) + 0.05


def test_a_tagger_that_knows_the_order_already_is_left_as_it_is():
    true, alone, sentences = made_sentences()
    probs = in_context(alone, sentences, label_chain(true, alone, sentences), weight=1.0)
    heard, weight = probs_in_context(true, probs, sentences)
    assert weight == 0
    assert np.array_equal(heard, probs)


def test_sentences_of_one_token_have_no_neighbours():
    true, probs, _ = made_sentences(5)
    assert probs_in_context(true, probs, Sentences(np.ones(len(true), dtype=np.int64)))[1] == 0
