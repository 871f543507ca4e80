from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.label_evidence.pooled_probs import pool_weights, pooled
from dechaff.methods.label_evidence.second_view import second_view, view_gain
from tests.methods.label_evidence.made import average_precision, doubt, made


def test_an_embedding_of_another_origin_is_used_and_finds_more_errors() -> None:
    data = made()
    assert view_gain(data.labels, data.probs, data.embedding).helps
    view = second_view(data.labels, data.embedding, 4)
    sources = [data.probs, view.votes, view.linear]
    together = pooled(sources, pool_weights(sources, data.labels))
    alone, with_view = (average_precision(data.wrong, doubt(data.labels, probs)) for probs in (data.probs, together))
    assert with_view > alone + 0.02


@pytest.mark.slow
def test_the_models_own_output_is_not_used() -> None:
    for seed in range(5):
        data = made(seed)
        assert not view_gain(data.labels, data.probs, data.own).helps
        assert not view_gain(data.labels, data.probs, data.probs).helps


def test_what_calibrates_a_model_is_no_news() -> None:
    data = made()
    blunt = np.sqrt(data.probs) / np.sqrt(data.probs).sum(axis=1, keepdims=True)
    found = view_gain(data.labels, blunt, blunt)
    assert found.gain > 0
    assert not found.helps


def test_noise_is_not_used() -> None:
    for seed in range(5):
        data = made(seed)
        features = np.random.default_rng(seed).normal(size=(len(data.labels), 5))
        assert not view_gain(data.labels, data.probs, features).helps


def test_a_view_of_one_class_alone_is_finite() -> None:
    labels = np.zeros(120, dtype=np.int64)
    found = view_gain(labels, np.full((120, 2), 0.5), np.random.default_rng(0).normal(size=(120, 3)))
    assert np.isfinite([found.gain, found.conditional, found.error]).all()
