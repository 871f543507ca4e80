"""``find_soft_label_errors``: labels that are distributions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

import dechaff
from dechaff.errors import InputError
from dechaff.methods.label_errors.noise_posterior import dense_posterior
from tests.shared_data import shared


def made(n=3000, *, people=3, noise=0.2, seed=0):
    """Shares of several people's answers, what the best model of one answer says, and the truth."""
    rng = np.random.default_rng(seed)
    k = 4
    true = rng.integers(0, k, n)
    logits = 3 * (rng.normal(size=(n, k)) + 3 * np.eye(k)[true])
    sure = np.exp(logits - logits.max(axis=1, keepdims=True))
    sure /= sure.sum(axis=1, keepdims=True)
    answers = np.where(rng.random((n, people)) < noise, rng.integers(0, k, (n, people)), true[:, None])
    soft = np.eye(k)[answers].mean(axis=1)
    return soft, (1 - noise) * sure + noise / k, true


def points_elsewhere(soft, true):
    return soft[np.arange(len(true)), true] < soft.max(axis=1) - 1e-9


def test_labels_that_point_to_the_wrong_class_come_first():
    soft, probs, true = made(noise=0.35)
    found = dechaff.find_soft_label_errors(soft, probs)
    wrong = points_elsewhere(soft, true)
    assert average_precision_score(wrong, found.log_odds) > 0.8
    assert 2 * (found.flag & wrong).sum() / (found.flag.sum() + wrong.sum()) > 0.8
    assert (found.posterior.argmax(axis=1) == true).mean() > (soft.argmax(axis=1) == true).mean() + 0.03
    assert found.draw_noise_rate.value == pytest.approx(0.35 * 3 / 4, abs=0.05)
    assert found.draw_noise_rate.low <= found.draw_noise_rate.value <= found.draw_noise_rate.high


def test_plain_labels_say_what_they_say_elsewhere():
    soft, probs, _ = made(people=1)
    found = dechaff.find_soft_label_errors(soft, probs)
    labels = soft.argmax(axis=1)
    plain = dechaff.find_label_errors(labels, probs)
    judged = plain.judged
    posterior = dense_posterior(
        labels, probs, judged.transition, power=1 / judged.temperature, steps=judged.steps
    )  # the same T and Bayes' rule; plain scores go beyond T where noise has no direction
    by_transition = 1 - posterior[np.arange(len(labels)), labels]
    assert found.score == pytest.approx(by_transition, abs=0.1)
    assert np.abs(found.score - by_transition).mean() < 0.005
    assert (found.flag == plain.flag).mean() > 0.98
    flagged = np.asarray(plain.flag)  # elsewhere the second thoughts about right labels may differ
    assert found.suggested[flagged].tolist() == np.asarray(plain.suggested)[flagged].tolist()


def test_a_label_of_two_equal_shares_is_right_where_either_is_true():
    soft, probs, _ = made()
    soft[:3] = [0.5, 0.5, 0, 0]
    probs[:3] = [[0.94, 0.02, 0.02, 0.02], [0.02, 0.94, 0.02, 0.02], [0.02, 0.02, 0.02, 0.94]]
    found = dechaff.find_soft_label_errors(soft, probs)
    assert found.score[:2] == pytest.approx([0, 0], abs=0.05)
    assert found.flag[:3].tolist() == [False, False, True]
    assert found.suggested[2] == 3


def test_a_label_that_says_nothing_is_not_wrong():
    soft, probs, _ = made(300)
    soft[0], probs[0] = 0.25, [0.04, 0.04, 0.04, 0.88]
    found = dechaff.find_soft_label_errors(soft, probs)
    assert found.score[0] < 1e-300
    assert (found.flag[0], found.suggested[0]) == (False, 3)


def test_divergence_and_posterior_are_what_they_say():
    soft, probs, _ = made(200)
    found = dechaff.find_soft_label_errors(soft, probs)
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(200))
    assert found.divergence.min() >= 0
    assert found.divergence.max() <= 1
    assert found.n_errors.value == pytest.approx(found.score.sum())
    assert found.noise_rate.value == pytest.approx(found.score.mean())
    assert found.noise_matrix.value.sum(axis=0) == pytest.approx(np.ones(4))


def test_a_pandas_index_and_names_are_kept():
    soft, probs, _ = made(200)
    names = ["cat", "dog", "eel", "fox"]
    frame = pd.DataFrame(probs, columns=names)
    given = pd.DataFrame(soft, columns=names, index=[f"id{row}" for row in range(200)])
    found = dechaff.find_soft_label_errors(given, frame)
    assert set(found.suggested) <= set(names)
    for column in (found.score, found.flag, found.suggested, found.divergence, found.log_odds):
        assert column.index.equals(given.index)


@pytest.mark.parametrize("n", [0, 1])
def test_few_rows_are_taken(n):
    found = dechaff.find_soft_label_errors(np.full((n, 2), 0.5), np.full((n, 2), 0.5))
    assert found.score.shape == (n,)
    assert 0 <= found.noise_rate.value <= 1


@pytest.mark.parametrize(
    ("soft", "probs", "message"),
    [
        ([[0.5, 0.6]], [[0.5, 0.5]], "soft_labels must have rows that sum to 1"),
        ([[0.5, 0.5]], [[0.5, 0.6]], "probs must have rows that sum to 1"),
        ([[0.5, 0.5]], [[0.5, 0.5]] * 2, "1 rows in soft_labels, 2 rows in probs"),
        ([[0.5, 0.5]], [[0.5, 0.3, 0.2]], "2 columns in soft_labels, 3 columns in probs"),
        ([[0.5, np.nan]], [[0.5, 0.5]], "soft_labels must be finite"),
    ],
)
def test_what_cannot_be_judged_is_named(soft, probs, message):
    with pytest.raises(dechaff.InputError, match=message):
        dechaff.find_soft_label_errors(soft, probs)


@pytest.mark.shared_data
def test_three_people_and_a_model_know_more_than_either():
    data, probs = np.load(shared("cifar10n") / "labels.npz"), np.load(shared("cifar10n") / "pred_probs_cv.npz")
    rows = slice(None, None, 5)
    soft, true = np.eye(10)[data["annotators"][rows]].mean(axis=1), data["clean"][rows]
    model = probs["aggre_resnet18"][rows].astype(np.float64)
    found = dechaff.find_soft_label_errors(soft, model / model.sum(axis=1, keepdims=True))
    accuracy = (found.posterior.argmax(axis=1) == true).mean()
    assert accuracy > max((soft.argmax(axis=1) == true).mean(), (model.argmax(axis=1) == true).mean()) + 0.02
    wrong = points_elsewhere(soft, true)
    plain = dechaff.find_label_errors(soft.argmax(axis=1), model / model.sum(axis=1, keepdims=True))
    assert average_precision_score(wrong, found.log_odds) > average_precision_score(wrong, plain.score) + 0.03


def test_names_of_either_frame_are_used_and_their_order_is_compared() -> None:
    shares = np.repeat([[0.8, 0.2], [0.0, 1.0]], 50, axis=0)
    probs = np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    shares[0] = [0.1, 0.9]
    frame = pd.DataFrame(shares, columns=["cat", "dog"])
    assert dechaff.find_soft_label_errors(frame, probs).suggested[0] == "cat"
    with pytest.raises(InputError, match="columns of soft_labels must be in the order"):
        dechaff.find_soft_label_errors(frame, pd.DataFrame(probs, columns=["dog", "cat"]))


def test_what_was_found_is_told_in_a_line() -> None:
    probs = np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    told = repr(dechaff.find_soft_label_errors(probs, probs))
    assert told.startswith("<SoftLabelErrors: 0 of 100 soft labels flagged; noise rate ")


def test_rows_in_different_order_are_refused() -> None:
    frame = pd.DataFrame(np.repeat([[0.9, 0.1], [0.1, 0.9]], 5, axis=0), index=list("abcdefghij"))
    with pytest.raises(
        InputError, match=r"soft_labels and probs must have the same rows in the same order; found 'j' and 'a'"
    ):
        dechaff.find_soft_label_errors(frame[::-1], frame)
