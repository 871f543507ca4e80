"""An embedding as a second witness of the labels, heard only where it knows something that the model does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.label_evidence.left_out_regression import left_out_regression
from dechaff.methods.label_evidence.mixture_weights import held_out_log_likelihood, likelihoods
from dechaff.methods.label_evidence.nearest_rows import Neighbours, nearest_outputs, nearest_rows
from dechaff.methods.label_evidence.neighbour_votes import neighbour_votes
from dechaff.typing import Features, Labels, Probs

GATE_ROWS = 20_000
"""Rows, evenly spaced, on which the view is tried; only one that passes is worked out for all."""
MOST_NEIGHBOURS = 50
FEWEST_ROWS = 100
LEAST_NEWS = 0.25
"""Share of the gain that must be left beside the neighbours in the model's own output."""
SURE = 3.0
"""Standard errors by which the gain must exceed nothing."""


@dataclass(frozen=True)
class SecondView:
    """Two opinions on every row out of one embedding: its neighbours' votes, and a linear model."""

    votes: Probs
    linear: Probs
    nearest: Neighbours


@dataclass(frozen=True)
class ViewGain:
    """What a second view adds to the log-likelihood of held-out labels, nats a row."""

    gain: float
    """To the model alone."""
    news: float
    """To the model and the neighbours in its own probabilities together."""
    error: float
    """Standard error of `news`."""

    @property
    def helps(self) -> bool:
        """Whether the view is to be heard: it gains, beyond chance, and not only what the model has in itself."""
        return self.gain > 0 and self.news > max(SURE * self.error, LEAST_NEWS * self.gain)


def second_view(labels: Labels, features: Features, n_classes: int) -> SecondView:
    """What an embedding says of each label, by its nearest rows and by a linear model without the row.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    features : (n, d) float
        An embedding of which the models of the labels know nothing, such as a network trained on other data.
    n_classes : k

    Returns
    -------
    SecondView

    Source
    ------
    `neighbour_votes` and `left_out_regression`.

    Examples
    --------
    >>> view = second_view(np.array([0, 0, 1, 1]), np.array([[1.0], [1.1], [-1.0], [-1.1]]), 2)
    >>> view.votes.shape, view.linear.argmax(axis=1).tolist()
    ((4, 2), [0, 0, 1, 1])
    """
    nearest = nearest_rows(features, count=_count(len(labels)))
    return SecondView(
        votes=neighbour_votes(labels, nearest, n_classes),
        linear=left_out_regression(labels, features, n_classes),
        nearest=nearest,
    )


def view_gain(labels: Labels, probs: Probs, features: Features) -> ViewGain:
    """How much likelier an embedding makes labels that neither it nor the model has seen.

    Better likelihood alone does not mean better verdicts: nearest rows in the model's *own* output raise it, since
    they calibrate the model, and yet rank label errors worse. So the embedding is also tried beside exactly those
    neighbours. What it still adds there is news.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.
    features : (n, d) float

    Returns
    -------
    ViewGain

    Source
    ------
    This library: an estimate of the conditional information of features and labels, given the probabilities.

    Examples
    --------
    >>> labels, guess = np.arange(400) % 2, np.full((400, 2), 0.5)
    >>> features = np.random.default_rng(0).normal(size=(400, 3))
    >>> view_gain(labels, guess, features).helps, view_gain(labels, guess, features + 4 * labels[:, None]).helps
    (False, True)
    """
    step = 1 + (len(labels) - 1) // GATE_ROWS
    labels, probs, features = labels[::step], probs[::step], features[::step]
    view = second_view(labels, features, probs.shape[1])
    own = neighbour_votes(labels, nearest_outputs(probs, count=_count(len(labels))), probs.shape[1])
    calibrated = left_out_regression(labels, np.sqrt(probs), probs.shape[1])
    alone, beside = likelihoods([probs], labels), likelihoods([probs, own, calibrated], labels)
    seen = likelihoods([view.votes, view.linear], labels)
    gain = held_out_log_likelihood(np.hstack([alone, seen])) - np.log(alone[:, 0])
    news = held_out_log_likelihood(np.hstack([beside, seen])) - held_out_log_likelihood(beside)
    error = float(news.std() / np.sqrt(max(len(news), 1)))
    return ViewGain(float(gain.mean()), float(news.mean()), error)


def _count(n_rows: int) -> int:
    """The square root of the number of rows, 50 at most."""
    return int(np.clip(np.sqrt(n_rows), 1, MOST_NEIGHBOURS))
