from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from dechaff.errors import InputError
from dechaff.methods.label_errors.estimates_of_rows import posterior_of
from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors, estimate_label_errors_with
from dechaff.methods.label_errors.noise_posterior import STEPS_OF_PROBS
from tests.laws.same import assert_same
from tests.methods.label_errors.made import Made, f1, made, pair_noise, some_noise

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

NOISES = {
    "a fifth, mistaken for one other class": made(pair_noise(5, 0.2), seed=1),
    "a fifth, uneven": made(some_noise(5, 0.2), seed=2),
    "two fifths, uneven, an over-sure model": made(some_noise(6, 0.4), sharpness=1.6, seed=3),
    "a tenth of two classes, one way": made(np.array([[0.8, 0.0], [0.2, 1.0]]), skill=2.5, seed=4),
}
every_noise = pytest.mark.parametrize("data", NOISES.values(), ids=NOISES.keys())


@pytest.mark.parametrize(
    ("transition", "model"),
    [
        (pair_noise(5, 0.2), {}),
        (some_noise(5, 0.2), {}),
        (some_noise(6, 0.4), {"sharpness": 1.6}),
        (np.array([[0.8, 0.0], [0.2, 1.0]]), {"skill": 2.5}),
    ],
    ids=NOISES.keys(),
)
def test_the_flagged_set_is_better_than_argmax_and_than_cleanlab(transition: np.ndarray, model: dict) -> None:
    """On the mean of three draws: of one, a single row can decide."""
    found = []
    for seed in range(1, 4):
        data = made(transition, seed=seed, **model)
        flags = (
            estimate_label_errors(data.labels, data.probs).flag,
            data.probs.argmax(axis=1) != data.labels,
            find_label_issues(data.labels, data.probs, n_jobs=1),
        )
        found.append([f1(flag, data.wrong) for flag in flags])
    ours, argmax, theirs = np.mean(found, axis=0)
    assert ours > max(argmax, theirs)


@every_noise
def test_the_ranking_is_no_worse_than_cleanlabs_best_score(data: Made) -> None:
    ours = average_precision_score(data.wrong, estimate_label_errors(data.labels, data.probs).score)
    for method in ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]:
        quality = get_label_quality_scores(data.labels, data.probs, method=method)
        assert ours > average_precision_score(data.wrong, -quality) - 0.005


@every_noise
def test_the_noise_is_recovered(data: Made) -> None:
    found = estimate_label_errors(data.labels, data.probs)
    assert found.kind == "class-conditional"
    np.testing.assert_allclose(found.transition, data.transition, atol=0.08)
    assert found.n_errors == pytest.approx(data.wrong.sum(), rel=0.15)
    assert found.n_errors_low <= data.wrong.sum() <= found.n_errors_high


@every_noise
def test_the_posterior_of_some_rows_is_what_the_verdicts_are_made_of(data: Made) -> None:
    found, some = estimate_label_errors(data.labels, data.probs), slice(10, 60)
    posterior = posterior_of(found, data.labels[some], data.probs[some])
    np.testing.assert_allclose(posterior.sum(axis=1), 1)
    np.testing.assert_allclose(1 - posterior[np.arange(50), data.labels[some]], found.score[some], atol=1e-3)
    suggested = posterior[np.arange(50), found.suggested[some]]
    np.testing.assert_allclose(suggested, found.suggested_prob[some], atol=1e-6)


@every_noise
def test_the_expected_joint_has_the_scores_of_each_class_and_its_posteriors_by_true_class(data: Made) -> None:
    found, k = estimate_label_errors(data.labels, data.probs), len(data.transition)
    posterior = posterior_of(found, data.labels, data.probs)
    added = np.stack([posterior[data.labels == given].sum(axis=0) for given in range(k)])
    np.testing.assert_allclose(np.diagonal(found.expected_joint), np.diagonal(added), atol=1e-4)
    np.testing.assert_allclose(found.expected_joint.sum(axis=1), added.sum(axis=1))
    np.testing.assert_allclose(found.expected_joint, added, atol=0.03 * added.max())


@every_noise
def test_rate_scores_and_joint_are_one_estimate(data: Made) -> None:
    found = estimate_label_errors(data.labels, data.probs)
    assert found.score.sum() == pytest.approx(found.n_errors, rel=1e-6)
    assert 1 - np.trace(found.expected_joint) / len(data.labels) == pytest.approx(found.rate, rel=1e-9)
    assert found.flag.sum() == round(found.n_errors)


@every_noise
def test_a_transition_that_is_known_is_used(data: Made) -> None:
    read = estimate_label_errors(data.labels, data.probs)
    known = estimate_label_errors_with(data.labels, data.probs, transition=data.transition)
    assert_same(known.transition, data.transition)
    assert known.rate == pytest.approx(data.wrong.mean(), rel=0.1)
    assert average_precision_score(data.wrong, known.score) > average_precision_score(data.wrong, read.score) - 0.005
    assert ((known.transition_low <= known.transition) & (known.transition <= known.transition_high)).all()


@pytest.mark.parametrize("seed", range(3))
def test_rows_are_ranked_by_a_known_transition_however_little_direction_the_noise_shows(seed: int) -> None:
    """45 % of a rare class are called the other one, and no row is sure: read from the labels, that is hardly seen."""
    random = np.random.default_rng(seed)
    position = random.normal(size=2000) - 1.5
    true = random.random(2000) < 1 / (1 + np.exp(-2 * position))
    forgotten = true & (random.random(2000) < 0.45)
    chance = 0.55 / (1 + np.exp(-2 * position))
    labels, probs = (true & ~forgotten).astype(int), np.stack([1 - chance, chance], axis=1)
    known = estimate_label_errors_with(labels, probs, transition=np.array([[1.0, 0.45], [0.0, 0.55]]))
    assert average_precision_score(forgotten, known.log_odds) > 0.38
    assert abs(known.score.sum() - forgotten.sum()) < 10


def test_a_known_prior_and_rate_are_used() -> None:
    data = NOISES["a fifth, uneven"]
    prior = np.full(5, 0.2)
    found = estimate_label_errors_with(data.labels, data.probs, transition=data.transition, prior=prior, rate=0.1)
    assert_same(found.prior, prior)
    assert found.flag.sum() <= 0.1 * len(data.labels) + 1
    assert found.n_errors == pytest.approx(0.1 * len(data.labels))


def test_a_transition_whose_columns_do_not_sum_to_one_is_refused() -> None:
    data = NOISES["a fifth, uneven"]
    with pytest.raises(InputError, match="transition must be a"):
        estimate_label_errors_with(data.labels, data.probs, transition=np.full((5, 5), 0.5))


@every_noise
def test_the_intervals_of_the_noise_matrix_cover_it(data: Made) -> None:
    found = estimate_label_errors(data.labels, data.probs)
    assert ((found.transition_low <= found.transition) & (found.transition <= found.transition_high)).all()
    covered = (found.transition_low <= data.transition) & (data.transition <= found.transition_high)
    assert covered.mean() > 0.85


@every_noise
def test_suggestions_put_most_flagged_labels_right(data: Made) -> None:
    found = estimate_label_errors(data.labels, data.probs)
    assert (found.suggested[found.flag] == data.true[found.flag]).mean() > 0.8
    assert (found.suggested != data.labels).all()


def test_noise_of_hard_rows_is_told_from_noise_of_classes() -> None:
    rng = np.random.default_rng(0)
    right = rng.uniform(0.5, 1, 6000)
    true = rng.integers(0, 3, 6000)
    other = (true + rng.integers(1, 3, 6000)) % 3
    labels = np.where(rng.random(6000) < right, true, other)
    probs = np.repeat((1 - right) / 2, 3).reshape(6000, 3)
    probs[np.arange(6000), true] = right
    found = estimate_label_errors(labels, probs)
    assert found.kind == "instance-dependent"
    assert f1(found.flag, labels != true) > 0.5
    assert found.n_errors_low <= (labels != true).sum() <= found.n_errors_high
    assert 0 <= found.kind_sure <= 1


def test_folds_that_were_not_shuffled_are_noticed_and_their_labels_not_believed() -> None:
    """Two folds; in each, the labels of class 0 are wrong as often as the model of the other fold never saw."""
    rng = np.random.default_rng(0)
    true, fold = rng.integers(0, 4, 8000), rng.integers(0, 2, 8000)
    wrong = rng.random(8000) < np.where(true == 0, np.where(fold == 0, 0.9, 0.1), 0.2)
    labels = np.where(wrong, (true + 1) % 4, true)
    kept = np.where(true == 0, np.where(fold == 0, 0.9, 0.1), 0.8)  # what the model, trained on the other fold, says
    probs = np.full((8000, 4), 0.01)
    probs[np.arange(8000), true] += 0.96 * kept
    probs[np.arange(8000), (true + 1) % 4] += 0.96 * (1 - kept)
    blurred = 0.9 * probs + 0.1 * rng.dirichlet(np.ones(4), 8000)
    found = estimate_label_errors(labels, blurred)
    assert found.steps == STEPS_OF_PROBS
    assert found.transition[0, 0] > 0.6


def test_ranks_do_not_collapse_where_the_model_is_beyond_doubt() -> None:
    data = made(pair_noise(2, 0.1), n=600)
    doubt = np.geomspace(1e-16, 1e-9, 40)
    sure = np.stack([1 - doubt, doubt], axis=1)
    found = estimate_label_errors(np.append(data.labels, np.ones(40, dtype=int)), np.vstack([data.probs, sure]))
    tail = found.log_odds[-40:]
    assert (np.diff(tail) < 0).all()
    assert (np.diff(found.score[-40:]) < 0).all()


def test_half_of_the_rows_at_a_time_or_all_on_threads_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    data = made(some_noise(20, 0.2), n=9000)
    whole = estimate_label_errors(data.labels, data.probs)
    monkeypatch.setattr("dechaff.core.source.CHUNK_BYTES", 2**15)
    monkeypatch.setattr("dechaff.core.parts.CHUNK_BYTES", 2**15)
    monkeypatch.setattr("dechaff.core.over_arrays.BYTES_WORTH_A_THREAD", 2**16)
    assert_same(estimate_label_errors(data.labels, data.probs), whole)


def test_clean_labels_get_few_flags() -> None:
    data = made(np.eye(4), n=3000, skill=5.0)
    found = estimate_label_errors(data.labels, data.probs)
    assert found.flag.mean() < 0.005
    assert found.n_errors_low == 0


@pytest.mark.parametrize("rows", [50, 120])
def test_few_rows_are_enough_to_find_their_errors(rows: int) -> None:
    data = made(some_noise(3, 0.15), n=rows, seed=5)
    found = estimate_label_errors(data.labels, data.probs)
    assert f1(found.flag, data.wrong) > 0.75


def test_a_class_without_rows_takes_no_part() -> None:
    data = made(pair_noise(3, 0.2))
    probs = np.insert(data.probs, 1, 0.0, axis=1)
    labels = np.where(data.labels > 0, data.labels + 1, 0)
    found = estimate_label_errors(labels, probs)
    assert np.isfinite(found.log_odds).all()
    assert not (found.suggested[found.flag] == 1).any()
    assert f1(found.flag, data.wrong) > 0.9


@pytest.mark.parametrize("members", [1, 2])
def test_a_class_of_one_or_two_rows_has_finite_scores(members: int) -> None:
    data = made(pair_noise(3, 0.1), n=300)
    labels = np.append(data.labels, [3] * members)
    probs = np.vstack([np.insert(data.probs, 3, 0.001, axis=1), np.tile([0.02, 0.02, 0.02, 0.94], (members, 1))])
    found = estimate_label_errors(labels, probs / probs.sum(axis=1, keepdims=True))
    assert np.isfinite(found.score).all()


def test_a_small_class_that_is_all_wrong_is_flagged() -> None:
    data = made(pair_noise(3, 0.1), n=600)
    probs = np.insert(data.probs, 3, 1e-3, axis=1)
    labels = data.labels.copy()
    labels[np.flatnonzero(data.probs[:, 0] > 0.85)[:9]] = 3
    found = estimate_label_errors(labels, probs / probs.sum(axis=1, keepdims=True))
    assert found.flag[labels == 3].all()


def test_two_hundred_classes() -> None:
    data = made(some_noise(200, 0.2), n=8000, skill=5.0)
    found = estimate_label_errors(data.labels, data.probs)
    assert f1(found.flag, data.wrong) > 0.9


def test_probabilities_of_exactly_zero_and_one() -> None:
    labels = np.repeat([0, 1], 50)
    labels[:4] = 1
    probs = np.repeat(np.eye(2), 50, axis=0)
    found = estimate_label_errors(labels, probs)
    assert np.flatnonzero(found.flag).tolist() == [0, 1, 2, 3]
    assert np.isfinite(found.log_odds).all()


def test_single_precision_is_enough() -> None:
    data = NOISES["a fifth, uneven"]
    single = estimate_label_errors(data.labels.astype(np.int32), data.probs.astype(np.float32))
    double = estimate_label_errors(data.labels, data.probs)
    assert (single.flag != double.flag).sum() <= 2


def test_among_equal_rows_the_first_are_flagged() -> None:
    labels = np.repeat([0, 1, 0, 1], [40, 10, 10, 40])
    probs = np.repeat([[0.8, 0.2], [0.2, 0.8]], [50, 50], axis=0)
    found = estimate_label_errors(labels, probs)
    of_class_1 = found.flag[40:50]
    assert of_class_1.sum() in range(1, 11)
    assert of_class_1.tolist() == sorted(of_class_1.tolist(), reverse=True)


def test_rows_in_another_order_get_the_same_answers() -> None:
    data = NOISES["a fifth, uneven"]
    rows = np.random.default_rng(1).permutation(len(data.labels))
    here, there = (
        estimate_label_errors(data.labels, data.probs),
        estimate_label_errors(data.labels[rows], data.probs[rows]),
    )
    np.testing.assert_allclose(there.score, here.score[rows], atol=1e-9)
    assert_same(there.transition, here.transition, rounding=1e-9)


def test_relabelling_the_classes_permutes_the_answers() -> None:
    data = NOISES["a fifth, uneven"]
    order = np.array([3, 0, 4, 1, 2])
    probs = np.empty_like(data.probs)
    probs[:, order] = data.probs
    here, there = estimate_label_errors(data.labels, data.probs), estimate_label_errors(order[data.labels], probs)
    np.testing.assert_allclose(there.score, here.score, atol=1e-9)
    np.testing.assert_array_equal(there.flag, here.flag)
    np.testing.assert_array_equal(there.suggested, order[here.suggested])


def test_no_rows_have_no_errors() -> None:
    found = estimate_label_errors(np.empty(0, dtype=int), np.empty((0, 3)))
    assert found.n_errors == 0
    assert (found.rate, found.rate_low, found.rate_high) == (0, 0, 1)
    assert found.kind == "none found"
    assert found.score.shape == (0,)


@pytest.mark.parametrize(
    ("labels", "probs", "message"),
    [
        ([0, 2], [[0.5, 0.5], [0.5, 0.5]], "labels must be integers from 0 to 1"),
        ([0, -1], [[0.5, 0.5], [0.5, 0.5]], "labels must be integers from 0 to 1"),
        ([0, 1], [[0.5, 0.5], [np.nan, 0.5]], "probs must be finite"),
        ([0, 1], [[0.5, 0.5], [0.1, 0.1]], "rows that sum to 1"),
        ([0], [[0.5, 0.5], [0.5, 0.5]], "the same number of rows"),
    ],
)
def test_what_is_not_labels_and_probabilities_is_refused(labels, probs, message: str) -> None:
    with pytest.raises(InputError, match=message):
        estimate_label_errors(np.array(labels), np.array(probs))
