"""``find_token_errors``: sentences of labelled tokens."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

import dechaff
from tests.methods.token_labels.chain import made_sentences
from tests.shared_data import shared

CLASSES = ["O", "B-PER", "I-PER"]


def made(**options):
    """Named labels, a twentieth of them wrong."""
    true, probs, sentences = made_sentences(**options)
    rng = np.random.default_rng(3)
    codes = np.where(rng.random(len(true)) < 0.05, rng.integers(0, 3, len(true)), true)
    return np.array(CLASSES)[codes], probs, sentences, codes != true


def test_wrong_tokens_and_their_sentences_come_first():
    labels, probs, sentences, wrong = made(skill=2.5)
    found = dechaff.find_token_errors(labels, probs, sentences=sentences.of_token, class_names=CLASSES)
    assert found.neighbour_weight == 1
    assert average_precision_score(wrong, found.log_odds) > 0.9
    in_sentence = np.logical_or.reduceat(wrong, sentences.starts)
    assert average_precision_score(in_sentence, found.sentence_log_odds) > 0.9
    assert found.noise_rate.low <= found.noise_rate.value <= found.noise_rate.high
    assert found.n_errors.value == pytest.approx(wrong.sum(), rel=0.3)


def test_nested_sentences_say_the_same_as_flat_tokens():
    labels, probs, sentences, _ = made(n_sentences=50)
    flat = dechaff.find_token_errors(labels, probs, sentences=sentences.of_token, class_names=CLASSES)
    cut = [part.tolist() for part in np.split(labels, sentences.starts[1:])]
    nested = dechaff.find_token_errors(cut, np.split(probs, sentences.starts[1:]), class_names=CLASSES)
    assert np.array_equal(nested.score, flat.score)
    assert np.concatenate(nested.by_sentence(nested.score)).tolist() == flat.score.tolist()


def test_places_are_the_flagged_tokens_the_worst_first():
    labels, probs, sentences, _ = made(n_sentences=50, skill=2.5)
    found = dechaff.find_token_errors(labels, probs, sentences=sentences.of_token, class_names=CLASSES)
    tokens = [sentences.starts[sentence] + place for sentence, place in found.places()]
    assert sorted(tokens) == np.flatnonzero(found.flag).tolist()
    assert np.all(np.diff(found.log_odds[tokens]) <= 0)
    assert np.array_equal(found.sentence_flag, np.maximum.reduceat(found.flag, sentences.starts))


def test_corrections_make_whole_spans():
    labels, probs, sentences, _ = made(skill=2.5)
    found = dechaff.find_token_errors(labels, probs, sentences=sentences.of_token, class_names=CLASSES)
    changed = found.corrected
    alone = (changed == "I-PER") & np.concatenate([[True], changed[:-1] == "O"])
    assert not alone.any()
    untouched = ~found.flag & (labels != "I-PER")
    assert np.array_equal(changed[untouched], labels[untouched])


def test_empty_sentences_keep_their_place():
    labels, probs, sentences, _ = made(n_sentences=40)
    cut, rows = np.split(labels, sentences.starts[1:]), np.split(probs, sentences.starts[1:])
    with_empty = dechaff.find_token_errors([[], *cut, []], [np.zeros((0, 3)), *rows, []], class_names=CLASSES)
    without = dechaff.find_token_errors(cut, rows, class_names=CLASSES)
    assert with_empty.sentence_score.tolist() == [0, *without.sentence_score, 0]
    assert not with_empty.sentence_flag[[0, -1]].any()
    assert len(with_empty.by_sentence(with_empty.flag)) == 42


def test_numbers_are_names_too_and_one_token_is_a_sentence():
    found = dechaff.find_token_errors([[1]], [[[0.2, 0.8]]])
    assert found.suggested.tolist() == [0]
    assert found.corrected.dtype.kind == "i"


def test_no_sentence_has_no_error():
    found = dechaff.find_token_errors([], [], class_names=CLASSES)
    assert (found.score.shape, found.sentence_score.shape, found.places()) == ((0,), (0,), [])


@pytest.mark.parametrize(
    ("labels", "probs", "options", "message"),
    [
        ([["O"], ["B-ORG"]], [[[0.5, 0.2, 0.3]]] * 2, {}, r"labels\[1\] must be .*; found 'B-ORG' in row 0"),
        ([["O", "O"]], [[[0.5, 0.2, 0.3]]], {}, "2 labels and 1 row of probs in sentence 0"),
        ([["O"]], [[[0.5, 0.2, 0.3]]] * 2, {}, "1 sentences in labels, 2 in probs"),
        (["O", "O"], np.full((2, 3), 1 / 3), {}, "sentences="),
        (["O", "O", "O"], np.full((3, 3), 1 / 3), {"sentences": [0, 1, 0]}, "second time at token 2"),
        (["O", "O"], np.full((2, 3), 1 / 3), {"sentences": [0]}, "2 rows in labels, 1 rows in sentences"),
        (["O"], np.full((1, 3), 0.5), {"sentences": [0]}, "rows that sum to 1"),
    ],
)
def test_what_cannot_be_judged_is_named(labels, probs, options, message):
    with pytest.raises(dechaff.InputError, match=message):
        dechaff.find_token_errors(labels, probs, class_names=CLASSES, **options)


@pytest.mark.shared_data
def test_errors_that_people_corrected_in_conll_2003_are_ranked_above_plain_doubt():
    data = np.load(shared("ner_conllpp") / "data.npz", allow_pickle=False)
    labels, probs = data["given"].astype(int), data["pred_probs"].astype(np.float64)
    wrong = labels != data["corrected"]
    found = dechaff.find_token_errors(labels, probs / probs.sum(axis=1, keepdims=True), sentences=data["sentence_id"])
    plain = 1 - probs[np.arange(len(labels)), labels]
    assert average_precision_score(wrong, found.log_odds) > average_precision_score(wrong, plain) + 0.03


def test_what_was_found_is_told_in_a_line() -> None:
    labels = [[0, 1], [1, 0, 1]] * 20
    probs = [[[0.9, 0.1] if label == 0 else [0.1, 0.9] for label in sentence] for sentence in labels]
    told = repr(dechaff.find_token_errors(labels, probs))
    assert told.startswith("<TokenErrors: 0 of 100 tokens flagged, in 0 of 40 sentences; noise rate ")


def test_rows_in_different_order_are_refused() -> None:
    labels = pd.Series([0, 1, 1, 0], index=list("abcd"))
    probs = pd.DataFrame(np.eye(2)[[0, 1, 1, 0]], index=list("abdc"))
    with pytest.raises(dechaff.InputError, match="labels and probs must have the same rows in the same order"):
        dechaff.find_token_errors(labels, probs, class_names=[0, 1], sentences=[0, 0, 1, 1])


def test_the_sentence_of_a_bad_token_is_named() -> None:
    labels = [[0, 1], [1, 0, 1]]
    probs = [np.full((2, 2), 0.5), np.full((3, 2), 0.5)]
    for spoilt, words in (
        ([probs[0], np.array([[0.5, 0.5], [0.5, np.nan], [0.5, 0.5]])], r"probs\[1\] must be finite; .* in row 1"),
        ([probs[0], np.full((3, 3), 1 / 3)], r"probs\[1\] must have one row for each token and 2 columns"),
        ([[0.5, 0.5], probs[1]], r"probs\[0\] must have one row for each token and 2 columns.*; found shape \(2,\)"),
    ):
        with pytest.raises(dechaff.InputError, match=words):
            dechaff.find_token_errors(labels, spoilt)
    with pytest.raises(dechaff.InputError, match=r"labels\[1\] must be among the class names; found 2 in row 0"):
        dechaff.find_token_errors([[0, 1], [2, 0, 1]], probs)
