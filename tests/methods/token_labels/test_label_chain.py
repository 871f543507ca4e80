"""Forward-backward over sentences of any length."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from dechaff.methods.token_labels.label_chain import LabelChain, in_context, label_chain, probs_in_context
from dechaff.methods.token_labels.sentence_score import Sentences
from tests.methods.token_labels.chain import FOLLOWS, made_sentences


def by_every_path(probs, chain, weight):
    """The same by adding up all k ** length labellings of one sentence."""
    n, k = probs.shape
    first = chain.first**weight / (chain.first**weight).sum()
    follows = chain.follows**weight / (chain.follows**weight).sum(axis=1, keepdims=True)
    total = np.zeros((n, k))
    for path in itertools.product(range(k), repeat=n):
        mass = first[path[0]] * np.prod([follows[one, other] for one, other in itertools.pairwise(path)])
        mass *= np.prod([probs[token, label] / chain.shares[label] ** weight for token, label in enumerate(path)])
        total[range(n), path] += mass
    return total / total.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("weight", [0.25, 0.5, 1.0])
def test_it_adds_up_every_labelling(weight):
    rng = np.random.default_rng(0)
    chain = LabelChain(rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(3), 3), rng.dirichlet(np.ones(3)))
    lengths = np.array([1, 4, 0, 3])
    probs = rng.dirichlet(np.ones(3), 8)
    expected = [by_every_path(part, chain, weight) for part in np.split(probs, [1, 5, 5]) if len(part)]
    found = in_context(probs, Sentences(lengths), chain, weight=weight)
    assert found == pytest.approx(np.concatenate(expected))


def test_no_weight_changes_nothing():
    true, probs, sentences = made_sentences(20)
    chain = label_chain(true, probs, sentences)
    assert in_context(probs, sentences, chain, weight=0.0) == pytest.approx(probs)


def test_the_chain_is_read_from_the_labels():
    true, probs, sentences = made_sentences(2000)
    assert label_chain(true, probs, sentences).follows == pytest.approx(FOLLOWS, abs=0.03)


def test_pairs_across_sentences_are_no_pairs():
    chain = label_chain(np.array([0, 1, 0, 1]), np.full((4, 2), 0.5), Sentences(np.array([2, 2])))
    assert chain.follows[1].tolist() == [0.5, 0.5]


def test_a_label_that_cannot_follow_is_ruled_out():
    true, probs, sentences = made_sentences(500)
    found = in_context(probs, sentences, label_chain(true, probs, sentences), weight=1.0)
    assert found[sentences.is_first(), 2].max() < 0.01


def test_sentences_of_a_thousand_tokens_do_not_underflow():
    true, probs, _ = made_sentences(1, 3000)
    one = Sentences(np.array([3000]))
    found = in_context(probs, one, label_chain(true, probs, one), weight=1.0)
    assert np.isfinite(found).all()
    assert found.sum(axis=1) == pytest.approx(1)


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
