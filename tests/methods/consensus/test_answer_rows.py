from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.threads import use_threads
from dechaff.errors import InputError
from dechaff.methods.consensus.answer_rows import AnswerRows, ExpectedAnswers, ItemSums, rounded, votes_of
from dechaff.methods.consensus.dawid_skene import dawid_skene
from tests.methods.consensus.crowds import made_crowd


def test_answers_are_put_in_the_order_of_their_items() -> None:
    rows = AnswerRows.of(np.array([2, 0, 2]), np.array([0, 1, 1]), np.array([1, 0, 1]))
    assert rows.items.tolist() == [0, 2, 2]
    assert rows.labels.tolist() == [0, 1, 1]
    assert rows.per_item.tolist() == [1, 0, 2]


def test_an_item_without_an_answer_has_no_votes() -> None:
    rows = AnswerRows.of(np.array([0, 2]), np.array([0, 0]), np.array([1, 0]))
    assert rows.run(ItemSums(votes_of(rows.shape), 3)).tolist() == [[0, 1], [0, 0], [1, 0]]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([], [], []), "one answer or more"),
        (([0], [0], [-1]), "labels must be codes from 0"),
        (([0, 1], [0], [1]), "same number of rows"),
    ],
)
def test_bad_codes_are_refused(columns: tuple[list[int], ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        AnswerRows.of(*(np.array(column, dtype=np.int64) for column in columns))


def test_codes_beyond_the_classes_are_refused() -> None:
    with pytest.raises(InputError, match="codes from 0 to 1; found 0 to 2"):
        AnswerRows.of(np.array([0, 0]), np.array([0, 1]), np.array([0, 2]), n_classes=2)


def test_expected_answers_are_those_of_a_plain_loop() -> None:
    rows, _, _ = made_crowd(0, items=40)
    rng = np.random.default_rng(1)
    logs, prior = rounded(np.log(rng.dirichlet(np.ones(3), (20, 3)).transpose(0, 2, 1))), np.log([0.5, 0.3, 0.2])
    counts, classes = np.zeros((20, 3, 3)), np.zeros(3)
    for item in range(40):
        mine = rows.items == item
        logit = prior + sum(logs[who, said] for who, said in zip(rows.annotators[mine], rows.labels[mine], strict=True))
        posterior = np.exp(logit) / np.exp(logit).sum()
        classes += posterior
        for who, said in zip(rows.annotators[mine], rows.labels[mine], strict=True):
            counts[who, said] += posterior
    seen = rows.run(ExpectedAnswers(logs, prior))
    # Probabilities are added in steps of 2**-30.
    np.testing.assert_allclose(seen.answers, counts, atol=1e-6)
    np.testing.assert_allclose(seen.classes, classes, atol=1e-6)


def test_the_result_has_the_same_bits_on_any_number_of_threads_and_in_any_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dechaff.core.over_arrays.BYTES_WORTH_A_THREAD", 2**10)
    rows, _, _ = made_crowd(0)
    mixed = np.random.default_rng(1).permutation(len(rows.items))
    other = AnswerRows.of(rows.items[mixed], rows.annotators[mixed], rows.labels[mixed])
    with use_threads(1):
        one = dawid_skene(rows)
    with use_threads(3):
        three = dawid_skene(other)
    assert one.rounds == three.rounds
    np.testing.assert_array_equal(one.posterior, three.posterior)
    np.testing.assert_array_equal(one.answers, three.answers)
