"""Changes of the data before plain training: each returns the rows to learn from, or several to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from dechaff.methods.label_errors.confident_joint import calibrated_joint, confident_joint
from dechaff.methods.label_errors.estimates_of_rows import posterior_of
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates, estimate_label_errors
from dechaff.methods.label_errors.pruning import (
    prune_by_argmax,
    prune_by_both,
    prune_by_class,
    prune_by_noise_rate,
    prune_off_diagonal,
)
from dechaff.methods.noise_robust.incv import incv
from dechaff.methods.noise_robust.training import NoisyRows, WithLoss
from dechaff.recipe.noise_benchmark.problem import Problem, learnt, out_of_fold
from dechaff.typing import Labels, Mask, Probs, Rows

ROUNDS = 3
_TRACE = 1e-3


def kept(problem: Problem, flag: Mask) -> NoisyRows:
    """The training rows without the flagged ones; all of them if a class would lose its last row."""
    lost = np.bincount(problem.labels[~flag], minlength=problem.n_classes) == 0
    had = np.bincount(problem.labels, minlength=problem.n_classes) > 0
    return problem.rows if (lost & had).any() else problem.rows.take(~flag)


def with_targets(problem: Problem, targets: Probs) -> NoisyRows:
    """All training rows, with other targets."""
    return replace(problem.rows, targets=targets.astype(np.float32))


def pruned_by_argmax(problem: Problem) -> NoisyRows:
    """Without the rows whose label is not the most probable class."""
    return kept(problem, prune_by_argmax(problem.labels, problem.probs))


def pruned_off_diagonal(problem: Problem) -> NoisyRows:
    """Without the rows off the diagonal of the confident joint."""
    return kept(problem, prune_off_diagonal(problem.labels, problem.probs))


def _joint(problem: Problem) -> np.ndarray:
    counts = np.bincount(problem.labels, minlength=problem.n_classes)
    return calibrated_joint(confident_joint(problem.labels, problem.probs), counts)


def pruned_by_class(problem: Problem) -> NoisyRows:
    """Without what `prune_by_class` flags."""
    return kept(problem, prune_by_class(problem.labels, problem.probs, joint=_joint(problem)))


def pruned_by_noise_rate(problem: Problem) -> NoisyRows:
    """Without what `prune_by_noise_rate` flags."""
    return kept(problem, prune_by_noise_rate(problem.labels, problem.probs, joint=_joint(problem)))


def pruned_by_both(problem: Problem) -> NoisyRows:
    """Without what `prune_by_both` flags."""
    return kept(problem, prune_by_both(problem.labels, problem.probs, joint=_joint(problem)))


def pruned_by_posterior(problem: Problem) -> NoisyRows:
    """Without the likely errors of the noise posterior."""
    return kept(problem, problem.errors.flag)


def relabelled(problem: Problem) -> NoisyRows:
    """The likely errors of the noise posterior with the suggested label."""
    labels = np.where(problem.errors.flag, problem.errors.suggested, problem.labels)
    return with_targets(problem, np.eye(problem.n_classes)[labels])


def weighted(problem: Problem) -> NoisyRows:
    """Each row weighted by the probability that its label is right."""
    return replace(problem.rows, weights=(1 - problem.errors.score).astype(np.float32))


def by_expected_gain(problem: Problem) -> NoisyRows:
    """Each label kept, replaced or dropped, whichever is worth most: p for a right one, -(1 - p) for a wrong one."""
    return _by_gain(problem, problem.labels, problem.errors)


def _by_gain(problem: Problem, labels: Labels, errors: LabelErrorEstimates) -> NoisyRows:
    right = 1 - errors.score
    best = np.where(errors.suggested_prob > right, errors.suggested, labels)
    drop = np.maximum(right, errors.suggested_prob) < 0.5
    rows = with_targets(problem, np.eye(problem.n_classes)[best])
    return rows if drop.all() else replace(rows, weights=(~drop).astype(np.float32))


def soft_labels(problem: Problem) -> NoisyRows:
    """All rows with the posterior of their true class as target."""
    return with_targets(problem, posterior_of(problem.errors, problem.labels, problem.probs))


def pseudo_labelled(problem: Problem) -> NoisyRows:
    """The likely errors with the out-of-fold prediction of a network that learnt from the other rows."""
    flag = problem.errors.flag
    probs = out_of_fold(problem, replace(problem.rows, weights=(~flag).astype(np.float32)))
    targets = np.where(flag[:, None], np.eye(problem.n_classes)[probs.argmax(axis=1)], problem.rows.targets)
    return with_targets(problem, targets)


def iterated(problem: Problem) -> Iterator[NoisyRows]:
    """`by_expected_gain` again and again, each time with predictions of networks that learnt from the last result."""
    rows, errors = by_expected_gain(problem), problem.errors
    yield rows
    for _ in range(ROUNDS - 1):
        errors = estimate_label_errors(problem.labels, out_of_fold(problem, rows))
        rows = _by_gain(problem, problem.labels, errors)
        yield rows


@dataclass(frozen=True)
class Refined:
    """What `refined` finds of n rows."""

    posterior: Probs
    """p(true class | row, given label)."""
    probs: Probs
    """p(true class | row), out of fold, of networks that learnt from the posteriors of other rows."""


def refined(problem: Problem, *, rounds: int = 5, repeats: int = 2) -> Refined:
    """Posteriors of the true classes: EM over the noise matrix, with out-of-fold predictions in each step."""
    probs = problem.probs
    posterior = posterior_of(problem.errors, problem.labels, probs)
    for number in range(rounds):
        probs = out_of_fold(problem, with_targets(problem, posterior), repeats=repeats, first=number * repeats)
        posterior = em_step(problem.labels, probs, posterior)
    return Refined(posterior, probs)


def default_rows(problem: Problem) -> NoisyRows:
    """All rows with the refined posterior as target, or the given labels if those are predicted worse by it.

    If the noise matrix is misjudged, as with much noise, networks that learnt from the posterior agree less with the
    given labels of other rows than networks that learnt from the labels themselves.
    """
    found = refined(problem)
    plain, changed = ((probs.argmax(axis=1) == problem.labels).mean() for probs in (problem.probs, found.probs))
    return problem.rows if changed < plain else with_targets(problem, found.posterior)


def em_step(labels: Labels, probs: Probs, posterior: Probs) -> Probs:
    """p(true | row, given label) from predictions of the true class, with T by the last posterior."""
    given = np.eye(probs.shape[1])[labels]
    transition = given.T @ posterior + _TRACE
    transition /= transition.sum(axis=0)
    updated = transition[labels] * np.maximum(probs, 1e-6)
    return np.asarray(updated / updated.sum(axis=1, keepdims=True))


def selected_by_cross_validation(problem: Problem) -> NoisyRows:
    """The rows that `incv` selects."""

    def fit_predict(fit_rows: Rows, fit_codes: Labels, predict_rows: Rows) -> Probs:
        rows = problem.rows
        return learnt(problem, WithLoss(), rows.take(fit_rows), others=rows.features[predict_rows]).others

    return kept(problem, ~incv(problem.labels, fit_predict, rng=problem.random(3)))
