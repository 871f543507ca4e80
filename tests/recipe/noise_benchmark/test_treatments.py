"""Each change of the data helps on labels with noise, and never empties a class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dechaff.methods.noise_robust.training import NoisyRows
from dechaff.recipe.noise_benchmark import treatments
from dechaff.recipe.noise_benchmark.problem import Problem
from tests.recipe.noise_benchmark.made import made_problem

PRUNINGS = (
    treatments.pruned_off_diagonal,
    treatments.pruned_by_class,
    treatments.pruned_by_noise_rate,
    treatments.pruned_by_both,
    treatments.pruned_by_posterior,
    treatments.selected_by_cross_validation,
)


@pytest.fixture(scope="module")
def problem() -> Problem:
    return made_problem()


@pytest.mark.parametrize("prune", PRUNINGS, ids=lambda one: one.__name__)
def test_pruned_rows_have_fewer_wrong_labels_and_as_many_steps(
    problem: Problem, prune: Callable[[Problem], NoisyRows]
) -> None:
    rows = prune(problem)
    assert 100 < len(rows.targets) < len(problem.labels)
    assert rows.n_steps == problem.rows.n_steps
    assert _agreement(rows) > _agreement(problem.rows) + 0.1


@pytest.mark.parametrize(
    "change", [treatments.relabelled, treatments.by_expected_gain, treatments.pseudo_labelled], ids=lambda c: c.__name__
)
def test_changed_targets_are_right_more_often(problem: Problem, change: Callable[[Problem], NoisyRows]) -> None:
    rows = change(problem)
    assert len(rows.targets) == len(problem.labels)
    assert _agreement(rows) > _agreement(problem.rows) + 0.1


def test_weights_doubt_the_wrong_labels(problem: Problem) -> None:
    rows = treatments.weighted(problem)
    wrong = _true(rows) != problem.labels
    assert rows.weights[wrong].mean() < rows.weights[~wrong].mean() - 0.2


def test_rounds_refine_the_posterior_of_the_true_classes(problem: Problem) -> None:
    first, last = (treatments.refined(problem, rounds=rounds, repeats=1).posterior for rounds in (0, 2))
    true = _true(problem.rows)
    np.testing.assert_allclose(last.sum(axis=1), 1)
    assert (first.argmax(axis=1) == true).mean() > 0.8
    assert (last.argmax(axis=1) == true).mean() > (problem.labels == true).mean() + 0.05
    assert len(list(treatments.iterated(problem))) == treatments.ROUNDS


def test_the_default_changes_no_label_if_its_predictions_agree_less_with_other_rows(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert treatments.default_rows(problem) is not problem.rows
    found = treatments.refined(problem, rounds=1, repeats=1)
    misjudged = treatments.Refined(found.posterior, np.roll(found.probs, 1, axis=1))
    monkeypatch.setattr(treatments, "refined", lambda _: misjudged)
    assert treatments.default_rows(problem) is problem.rows


def test_a_pruning_that_would_empty_a_class_changes_nothing(problem: Problem) -> None:
    assert treatments.kept(problem, problem.labels == 0) is problem.rows
    assert len(treatments.kept(problem, np.arange(len(problem.labels)) < 5).targets) == len(problem.labels) - 5


def _true(rows: NoisyRows) -> np.ndarray:
    """The true class of a row of `made.blobs`, up to the overlap: its largest feature."""
    return np.asarray(rows.features[:, :3].argmax(axis=1))


def _agreement(rows: NoisyRows) -> float:
    return float((rows.targets.argmax(axis=1) == _true(rows))[rows.weights > 0].mean())
