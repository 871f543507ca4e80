"""What further sources know about labels beyond a model, and an embedding as a second view, used only if it adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dechaff.methods.label_evidence.left_out_regression import left_out_regression, tempered
from dechaff.methods.label_evidence.neighbour_votes import (
    Neighbours,
    nearest_outputs,
    neighbour_number,
    neighbour_votes,
    search_rows,
)
from dechaff.methods.label_evidence.pooled_probs import held_out_log_likelihood, likelihoods
from dechaff.typing import Features, Labels, Probs

LEAST_SHARE = 0.25
"""Fraction of the gain that must remain given what the model's own output holds; views made from that output keep .1 to
.2, embeddings of another origin .4 to .9."""
SURE = 3.0
"""Standard errors by which the conditional gain must exceed 0."""


@dataclass(frozen=True)
class InformationGain:
    """What sources add to the log-likelihood of held-out labels, in nats per row."""

    gain: float
    """To the model alone."""
    conditional: float
    """To the model together with what can be read from its own probabilities."""
    error: float
    """Standard error of `conditional`."""

    @property
    def helps(self) -> bool:
        """Whether the sources should be used: they add significantly more than the model's own output holds."""
        return self.gain > 0 and self.conditional > max(SURE * self.error, LEAST_SHARE * self.gain)


def conditional_information_gain(labels: Labels, probs: Probs, sources: Sequence[Probs]) -> InformationGain:
    """How much likelier sources make labels that neither they nor the model have seen.

    Better likelihood alone does not mean better scores: nearest rows in the model's *own* output raise it, since
    they calibrate the model, and yet rank label errors worse. So sources are also tried together with such
    neighbours and a linear calibration. What they still add there is the conditional gain.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.
    sources : one or more arrays (n, k) float, rows sum to 1
        Out-of-sample too.

    Source
    ------
    This library: an estimate of the conditional information of sources and labels, given the probabilities.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> true = rng.integers(0, 2, 1000)
    >>> one, other = (np.clip(0.5 + 0.3 * (2 * true - 1) + 0.3 * rng.normal(size=1000), 0.1, 0.9) for _ in "ab")
    >>> one, other = np.column_stack([1 - one, one]), np.column_stack([1 - other, other])
    >>> conditional_information_gain(true, one, [other]).helps
    True
    >>> conditional_information_gain(true, one, [one**2 + one[:, ::-1] * one]).helps
    False
    """
    calibrated = tempered(probs, labels)  # else a source seems to help by making the model less sure
    k = probs.shape[1]
    own = neighbour_votes(labels, nearest_outputs(calibrated, count=neighbour_number(len(labels))), k)
    linear = left_out_regression(labels, np.sqrt(calibrated), k)
    alone, beside = likelihoods([calibrated], labels), likelihoods([calibrated, own, linear], labels)
    added = likelihoods(sources, labels)
    gain = held_out_log_likelihood(np.hstack([alone, added])) - np.log(alone[:, 0])
    conditional = held_out_log_likelihood(np.hstack([beside, added])) - held_out_log_likelihood(beside)
    error = conditional.std() / np.sqrt(max(len(conditional), 1))
    return InformationGain(float(gain.mean()), float(conditional.mean()), float(error))


TRIED_ROWS = 20_000
FEWEST_ROWS = 100


def tried_rows(n_rows: int) -> slice:
    """Evenly spaced rows on which sources are tried; only those that pass are worked out for all."""
    return slice(None, None, 1 + (n_rows - 1) // TRIED_ROWS)


@dataclass(frozen=True)
class SecondView:
    """Two opinions on every row out of one embedding: its neighbours' votes, and a linear model."""

    votes: Probs
    linear: Probs
    nearest: Neighbours
    how: str = ""
    """How the neighbours were found, where some may have been missed."""


def second_view(labels: Labels, features: Features, n_classes: int) -> SecondView:
    """What an embedding says of each label, by its nearest rows and by a linear model without the row.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    features : (n, d) float
        An embedding of which the models of the labels know nothing, such as a network trained on other data.
    n_classes : k

    Source
    ------
    `neighbour_votes` and `left_out_regression`.

    Examples
    --------
    >>> view = second_view(np.array([0, 0, 1, 1]), np.array([[1.0], [1.1], [-1.0], [-1.1]]), 2)
    >>> view.votes.shape, view.linear.argmax(axis=1).tolist()
    ((4, 2), [0, 0, 1, 1])
    """
    found = search_rows(features, count=neighbour_number(len(labels)))
    return SecondView(
        votes=neighbour_votes(labels, found.ids, n_classes),
        linear=left_out_regression(labels, features, n_classes),
        nearest=found.ids,
        how="" if found.exact else str(found),
    )


def view_gain(labels: Labels, probs: Probs, features: Features) -> InformationGain:
    """What an embedding would add to a model, tried on 20,000 evenly spaced rows.

    Parameters
    ----------
    labels, probs : as in `conditional_information_gain`
    features : as in `second_view`

    Source
    ------
    `conditional_information_gain` on `second_view`.

    Examples
    --------
    >>> labels, guess = np.arange(400) % 2, np.full((400, 2), 0.5)
    >>> features = np.random.default_rng(0).normal(size=(400, 3))
    >>> view_gain(labels, guess, features).helps, view_gain(labels, guess, features + 4 * labels[:, None]).helps
    (False, True)
    """
    some = tried_rows(len(labels))
    labels, probs, features = labels[some], probs[some], features[some]
    view = second_view(labels, features, probs.shape[1])
    return conditional_information_gain(labels, probs, [view.votes, view.linear])
