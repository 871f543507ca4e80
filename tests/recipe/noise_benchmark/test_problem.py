"""A problem keeps its parts apart, and neither training nor inputs read test labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dechaff.methods.noise_robust.training import WithLoss
from dechaff.recipe.noise_benchmark.problem import (
    ByClass,
    ByInstance,
    Noise,
    OfData,
    Sizes,
    learnt,
    network_inputs,
    out_of_fold,
    problem_of,
)
from tests.recipe.noise_benchmark.made import TRAINING, blobs, made_problem


@pytest.mark.parametrize("noise", [ByClass(0.4, 0.4), ByInstance(0.4), OfData("human", 0.2), ByClass(0.0)])
def test_labels_to_learn_from_are_noisy_and_those_of_the_test_rows_are_true(noise: Noise) -> None:
    data = blobs()
    problem = problem_of(data, noise, seed=0, sizes=Sizes(), training=TRAINING)
    assert [len(one) for one in (problem.labels, problem.valid_labels, problem.test_labels)] == [336, 84, 180]
    assert problem.noise_rate == pytest.approx(noise.rate, abs=0.08)
    # The test labels are true: a network that learnt the true classes predicts them as well as rows allow.
    clean = problem_of(data, ByClass(0.0), seed=0, sizes=Sizes(), training=TRAINING)
    assert learnt(clean, WithLoss(), clean.rows).picked.mean() > 0.9
    again = problem_of(data, noise, seed=0, sizes=Sizes(), training=TRAINING)
    np.testing.assert_array_equal(problem.labels, again.labels)


def test_sizes_limit_the_parts_of_a_large_data_set() -> None:
    problem = problem_of(blobs(), ByClass(0.2), seed=0, sizes=Sizes(learn=100, test=50), training=TRAINING)
    assert [len(one) for one in (problem.labels, problem.valid, problem.test)] == [80, 20, 50]


def test_test_labels_decide_no_epoch_and_no_prediction() -> None:
    problem = made_problem()
    found = learnt(problem, WithLoss(), problem.rows, others=problem.test)
    turned = learnt(
        replace(problem, test_labels=2 - problem.test_labels), WithLoss(), problem.rows, others=problem.test
    )
    assert (found.epoch, found.valid) == (turned.epoch, turned.valid)
    np.testing.assert_array_equal(found.others, turned.others)


def test_the_epoch_is_the_first_of_those_that_agree_most_with_the_validation_labels() -> None:
    problem = made_problem()
    agreements = [
        (predict(problem.valid).argmax(axis=1) == problem.valid_labels).mean()
        for predict in WithLoss().epochs(problem.rows, problem.training, problem.random(1, 0))
    ]
    found = learnt(problem, WithLoss(), problem.rows)
    assert found.epoch == np.argmax(agreements) + 1
    assert found.valid == max(agreements)


def test_no_row_is_predicted_by_a_network_that_learnt_from_it() -> None:
    problem = made_problem(ByClass(0.0))
    # Labels at random: a network that saw a row's label would agree with it more often than chance.
    labels = problem.random(9).integers(3, size=len(problem.labels))
    blind = replace(problem, labels=labels, valid_labels=problem.random(8).integers(3, size=len(problem.valid_labels)))
    rows = replace(problem.rows, targets=np.eye(3, dtype=np.float32)[labels])
    probs = out_of_fold(blind, rows)
    np.testing.assert_allclose(probs.sum(axis=1), 1)
    assert (probs.argmax(axis=1) == labels).mean() < 0.42


def test_many_features_become_components_by_the_training_rows_alone() -> None:
    rng = np.random.default_rng(0)
    train, other = rng.normal(size=(200, 100)) * np.linspace(3, 0, 100), rng.normal(size=(50, 100))
    both = network_inputs(train, other)
    assert [one.shape for one in both] == [(200, 64), (50, 64)]
    np.testing.assert_array_equal(both[0], network_inputs(train)[0])
    spread = both[0].std(axis=0)
    assert (np.diff(spread) < 1e-6).all()  # the leading ones stay the loudest
    constant = network_inputs(np.ones((10, 3)), np.ones((2, 3)))
    assert not np.any(constant[0])
    assert not np.any(network_inputs(np.ones((10, 80)))[0])
