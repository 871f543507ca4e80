"""Majority vote, Wawa, one-coin, Dawid–Skene, MACE and GLAD on crowds whose truth is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dechaff.methods.consensus.answer_rows import AnswerRows
from dechaff.methods.consensus.dawid_skene import dawid_skene
from dechaff.methods.consensus.glad import glad
from dechaff.methods.consensus.mace import mace
from dechaff.methods.consensus.majority_vote import majority_vote
from dechaff.methods.consensus.one_coin import one_coin
from dechaff.methods.consensus.wawa import wawa
from tests.methods.consensus.crowds import accuracy_of, made_crowd, with_one_more

Posterior = Callable[[AnswerRows], np.ndarray]
METHODS: dict[str, Posterior] = {
    "majority": majority_vote,
    "wawa": lambda rows: wawa(rows).posterior,
    "one-coin": lambda rows: one_coin(rows).posterior,
    "Dawid-Skene": lambda rows: dawid_skene(rows).posterior,
    "MACE": lambda rows: mace(rows).posterior,
    "GLAD": lambda rows: glad(rows).posterior,
}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))


@every_method
def test_rows_are_probabilities_also_of_items_without_an_answer(method: Posterior) -> None:
    rows = AnswerRows.of(np.array([0, 0, 2]), np.array([0, 1, 0]), np.array([1, 1, 0]), n_classes=3, n_items=4)
    posterior = method(rows)
    assert posterior.shape == (4, 3)
    assert np.isfinite(posterior).all()
    np.testing.assert_allclose(posterior.sum(axis=1), 1)


@every_method
def test_a_single_annotator_is_believed(method: Posterior) -> None:
    rows = AnswerRows.of(np.arange(6), np.zeros(6, dtype=int), np.array([0, 1, 0, 1, 0, 1]))
    assert method(rows).argmax(axis=1).tolist() == [0, 1, 0, 1, 0, 1]


@every_method
def test_hundreds_of_answers_of_one_item_do_not_underflow(method: Posterior) -> None:
    items, people = np.repeat([0, 1], 2000), np.tile(np.arange(2000), 2)
    labels = np.concatenate([np.zeros(2000, dtype=int), np.ones(2000, dtype=int)])
    assert method(AnswerRows.of(items, people, labels)).argmax(axis=1).tolist() == [0, 1]


@pytest.mark.parametrize("name", ["wawa", "one-coin", "Dawid-Skene", "MACE", "GLAD"])
def test_weighing_annotators_beats_the_majority(name: str) -> None:
    gains = []
    for seed in range(5):
        rows, true, _ = made_crowd(seed, items=1000)
        gains.append(accuracy_of(METHODS[name](rows), true) - accuracy_of(majority_vote(rows), true))
    assert np.mean(gains) > 0


def test_dawid_skene_without_smoothing_is_that_of_a_plain_loop() -> None:
    rows, _, _ = made_crowd(3, items=60)
    k, m = rows.n_classes, rows.n_annotators
    triples = list(zip(rows.items, rows.annotators, rows.labels, strict=True))
    posterior = majority_vote(rows)
    for _ in range(5):
        counts = np.full((m, k, k), 1e-10)
        for item, annotator, label in triples:
            counts[annotator, label] += posterior[item]
        tables, prior = counts / counts.sum(axis=1, keepdims=True), posterior.mean(axis=0)
        logits = np.tile(np.log(prior), (60, 1))
        for item, annotator, label in triples:
            logits[item] += np.log(tables[annotator, label])
        posterior = np.exp(logits - logits.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
    found = dawid_skene(rows, pseudo_answers=0, most_rounds=4)
    np.testing.assert_allclose(found.posterior, posterior, atol=1e-5)


def test_dawid_skene_uses_an_annotator_who_always_errs_in_the_same_way() -> None:
    rows, true, _ = made_crowd(0)
    found = dawid_skene(with_one_more(rows, np.arange(300), (true + 1) % 3))
    assert found.answers[-1].argmax(axis=0).tolist() == [1, 2, 0]


def test_a_prior_of_each_item_decides_where_answers_tie() -> None:
    rows = AnswerRows.of(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([0, 1, 0, 1]))
    prior = np.array([[0.9, 0.1], [0.1, 0.9]])
    assert dawid_skene(rows, prior=prior).posterior.argmax(axis=1).tolist() == [0, 1]


def test_one_coin_estimates_the_accuracy_of_annotators() -> None:
    rows, _, accuracy = made_crowd(0, items=1000)
    assert np.abs(one_coin(rows).answers[:, 0, 0] - accuracy).mean() < 0.03


def test_mace_trusts_nobody_who_answers_by_habit() -> None:
    rows, _, _ = made_crowd(0)
    habit = np.random.default_rng(1).choice(3, p=[0.7, 0.2, 0.1], size=300)
    found = mace(with_one_more(rows, np.arange(300), habit))
    assert found.trust[-1] < 0.1 < found.trust[:-1].min()
    np.testing.assert_allclose(found.habits[-1], [0.7, 0.2, 0.1], atol=0.08)


def test_glad_finds_the_hard_items() -> None:
    rng = np.random.default_rng(0)
    true, hard = rng.integers(2, size=200), np.arange(200) < 100
    right = rng.random((12, 200)) < np.where(hard, 0.6, 0.95)
    rows = AnswerRows.of(
        np.tile(np.arange(200), 12), np.repeat(np.arange(12), 200), np.where(right, true, 1 - true).ravel()
    )
    found = glad(rows)
    assert found.easiness[hard].mean() < found.easiness[~hard].mean() / 1.5


def test_wawa_counts_agreement_with_the_majority() -> None:
    # Items 0 and 1 have the majorities 1 and 0; the third annotator misses the first.
    rows = AnswerRows.of(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2] * 2), np.array([1, 1, 0, 0, 0, 0]))
    assert wawa(rows).skills.tolist() == [1.0, 1.0, 0.5]
    np.testing.assert_allclose(wawa(rows).posterior[0], [0.2, 0.8])
