"""Sentences made by a chain of labels, and what a tagger says that sees each word alone."""

from __future__ import annotations

import numpy as np

from dechaff.methods.token_labels.sentence_score import Sentences

FOLLOWS = np.array([[0.8, 0.2, 0.0], [0.3, 0.1, 0.6], [0.5, 0.1, 0.4]])
"""O, B, I: I never follows O."""
FIRST = np.array([0.8, 0.2, 0.0])


def made_sentences(n_sentences=400, length=12, *, skill=1.5, seed=0):
    """True labels, probabilities by Bayes' rule from the word alone, and the sentences."""
    rng = np.random.default_rng(seed)
    true = np.empty((n_sentences, length), dtype=np.int64)
    for place in range(length):
        chances = FOLLOWS[true[:, place - 1]] if place else np.tile(FIRST, (n_sentences, 1))
        true[:, place] = (chances.cumsum(axis=1) < rng.random((n_sentences, 1))).sum(axis=1)
    true = true.ravel()
    words = skill * np.eye(3)[true] + rng.normal(size=(len(true), 3))
    weights = np.bincount(true, minlength=3) / len(true) * np.exp(skill * words)
    return true, weights / weights.sum(axis=1, keepdims=True), Sentences(np.full(n_sentences, length))
