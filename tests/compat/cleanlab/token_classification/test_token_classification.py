"""``token_classification`` and spans are cleanlab's, on random sentences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dechaff.compat.cleanlab as ours
from dechaff.compat.cleanlab.experimental import span_classification
from dechaff.compat.cleanlab.internal import token_classification_utils as utils
from dechaff.errors import InputError
from tests.compat.cleanlab.rows import quietly, theirs

Sentences = tuple[list[list[int]], list[np.ndarray], list[list[str]]]


def made(seed: int, k: int = 3) -> Sentences:
    """Sentences of 1 to 9 tokens, of which 8 % are labelled wrongly; probabilities; words."""
    rng = np.random.default_rng(seed)
    labels, probs, words = [], [], []
    for length in rng.integers(1, 10, 80):
        true = rng.integers(0, k, length)
        logits = np.exp(rng.normal(size=(length, k)) + 3 * np.eye(k)[true])
        probs.append(logits / logits.sum(axis=1, keepdims=True))
        labels.append(np.where(rng.random(length) < 0.08, (true + 1) % k, true).tolist())
        words.append(rng.choice(["May", "may", "June", "(", "word"], length).tolist())
    return labels, probs, words


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("options", [{}, {"return_indices_ranked_by": "normalized_margin", "filter_by": "both"}])
def test_the_same_tokens_are_issues_and_are_summarised(seed: int, options: dict[str, Any], capsys: Any) -> None:
    labels, probs, words = made(seed)
    here, there = ours.token_classification, theirs.token_classification
    issues = here.filter.find_label_issues(labels, probs, **options)
    assert issues == [tuple(map(int, one)) for one in quietly(there.filter.find_label_issues, labels, probs, **options)]
    assert issues
    assert here.summary.filter_by_token("may", issues, words) == there.summary.filter_by_token("may", issues, words)
    for known in ({}, {"labels": labels, "pred_probs": probs, "class_names": ["a", "b", "c"], "exclude": [(0, 1)]}):
        mine = here.summary.common_label_issues(issues, words, **known)
        its = quietly(there.summary.common_label_issues, issues, words, **known)
        assert list(mine.columns) == list(its.columns)
        assert sorted(map(tuple, mine.to_numpy().tolist())) == sorted(map(tuple, its.to_numpy().tolist()))
    here.summary.display_issues(issues, words, labels=labels, pred_probs=probs, class_names=["a", "b", "c"], top=2)
    here.summary.display_issues([3, 4], words)
    assert "Given label:" in capsys.readouterr().out
    assert {*here.filter.find_label_issues(labels, probs, low_memory=True)} & {*issues}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sentence_score_method": "softmin", "token_score_method": "normalized_margin"},
        {"sentence_score_method": "softmin", "sentence_score_kwargs": {"temperature": 0}},
        {"sentence_score_method": "softmin", "sentence_score_kwargs": {"temperature": np.inf}},
    ],
)
def test_quality_is_equal(options: dict[str, Any]) -> None:
    labels, probs, words = made(7)
    here, there = ours.token_classification.rank, theirs.token_classification.rank
    sentences, tokens = here.get_label_quality_scores(labels, probs, tokens=words, **options)
    expected, of_tokens = quietly(there.get_label_quality_scores, labels, probs, tokens=words, **options)
    np.testing.assert_allclose(sentences, expected)
    for mine, its in zip(tokens, of_tokens, strict=True):
        assert mine.index.equals(its.index)
        np.testing.assert_allclose(mine, its)
    for of in (None, tokens):
        mine = here.issues_from_scores(sentences, token_scores=of, threshold=0.2)
        its = quietly(there.issues_from_scores, sentences, token_scores=of, threshold=0.2)
        assert np.array_equal(mine, its) or len(mine) == len(its) == 0


def test_all_sentences_may_be_issues_and_some_empty() -> None:
    rank = ours.token_classification.rank
    assert rank.issues_from_scores(np.array([0.3, 0.1]), threshold=0.9).tolist() == [1, 0]
    quality, tokens = rank.get_label_quality_scores([[], [0]], [np.zeros((0, 2)), np.array([[0.2, 0.8]])])
    assert quality.tolist() == [1.0, 0.2]
    assert [len(one) for one in tokens] == [0, 1]
    with pytest.raises(InputError, match="sentence 1"):
        rank.get_label_quality_scores([[0], [0]], [np.eye(2)[:1], np.eye(2)])


def test_spans_are_tokens_of_two_classes() -> None:
    labels, probs, _ = made(3, k=2)
    inside = [one[:, 1] for one in probs]
    here, there = span_classification, theirs.experimental.span_classification
    assert here.find_label_issues(labels, inside) == quietly(there.find_label_issues, labels, inside)
    np.testing.assert_allclose(
        here.get_label_quality_scores(labels, inside)[0], quietly(there.get_label_quality_scores, labels, inside)[0]
    )


def test_words_and_merged_classes_are_as_in_cleanlab() -> None:
    with_theirs = __import__("cleanlab.internal.token_classification_utils", fromlist=["get_sentence"])
    words = ["It", "'s", "(", "very", ")", "well", "-", "known", "."]
    assert utils.get_sentence(words) == with_theirs.get_sentence(words)
    sentences = ["a", "good one", "#bad"]
    assert utils.filter_sentence(sentences) == with_theirs.filter_sentence(sentences)
    assert utils.process_token("##ing") == with_theirs.process_token("##ing")
    assert utils.mapping([0, 2, 1], [0, 0, 1]) == [0, 1, 0]
    probs = np.random.default_rng(0).dirichlet(np.ones(4), 5)
    for maps in ([0, 1, 1, 0], [0, -1, 1, 1]):
        np.testing.assert_allclose(utils.merge_probs(probs, maps), with_theirs.merge_probs(probs, maps))
    assert utils.color_sentence("may May", "May") == with_theirs.color_sentence("may May", "May")
    with pytest.raises(InputError, match="each of 4 columns"):
        utils.merge_probs(probs, [0, 1])
