"""One score a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.token_labels.sentence_score import any_error, worst_token
from dechaff.methods.token_labels.sentences import Sentences

SENTENCES = Sentences(np.array([2, 0, 1]))


def test_the_worst_token_speaks_for_the_sentence():
    assert worst_token(np.array([0.2, 0.9, 0.4]), SENTENCES).tolist() == [0.9, 0.0, 0.4]


def test_doubts_of_one_sentence_add_up():
    # odds 1 : 1 twice: 1 - 1/2 * 1/2
    assert any_error(np.array([0.0, 0.0, -2.0]), SENTENCES) == pytest.approx([0.75, 0, 1 / (1 + np.exp(2))])


def test_log_odds_of_any_size_are_taken():
    assert any_error(np.array([900.0, -900.0, -900.0]), SENTENCES).tolist() == [1.0, 0.0, 0.0]
