"""An embedding as a second view of the labels, used only if it adds to the model."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.methods.label_evidence.information_gain import InformationGain, conditional_information_gain
from dechaff.methods.label_evidence.left_out_regression import left_out_regression
from dechaff.methods.label_evidence.neighbour_votes import Neighbours, neighbour_number, neighbour_votes, search_rows
from dechaff.typing import Features, Labels, Probs

GATE_ROWS = 20_000
"""Rows, evenly spaced, on which the view is tried; only one that passes is worked out for all."""
FEWEST_ROWS = 100


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
    labels : as in `second_view`
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.
    features : (n, d) float

    Returns
    -------
    InformationGain

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
    step = 1 + (len(labels) - 1) // GATE_ROWS
    labels, probs, features = labels[::step], probs[::step], features[::step]
    view = second_view(labels, features, probs.shape[1])
    return conditional_information_gain(labels, probs, [view.votes, view.linear])
