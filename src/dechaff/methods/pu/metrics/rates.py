"""What all metrics of yes-or-no predictions are made of: three shares of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.checks import check_same_length
from dechaff.errors import InputError
from dechaff.methods.pu.metrics.masks_and_scores import mask
from dechaff.methods.pu.scheme import Scheme, class_prior
from dechaff.typing import Mask, Numbers


@dataclass(frozen=True)
class Rates:
    """Shares of the population; `prior` times `recall` of it is found."""

    recall: float
    """Of the positives, predicted positive: that of the labelled ones, which are a sample of them."""
    predicted: float
    """Of all, predicted positive."""
    prior: float
    """Of all, positive."""


def rates(
    labelled: Mask,
    predicted: Mask,
    c: float,
    *,
    scheme: Scheme = "single-training-set",
    weights: Numbers | None = None,
) -> Rates:
    """Recall, share of positive predictions, and class prior.

    The population is all rows where one sample was labelled in part, and the unlabelled rows where they are a sample
    of their own.

    Examples
    --------
    >>> labelled, predicted = np.array([True, True, False, False, False]), np.array([True, False, True, False, False])
    >>> rates(labelled, predicted, 0.8)
    Rates(recall=0.5, predicted=0.4, prior=0.5)
    """
    labelled, predicted = mask("labelled", labelled), mask("predicted", predicted)
    counts = checked_counts(labelled, weights, predicted=predicted)
    n_labelled, n_unlabelled = float(counts[labelled].sum()), float(counts[~labelled].sum())
    prior = class_prior(c, n_labelled, n_unlabelled, scheme)
    recall = float(counts[labelled & predicted].sum()) / n_labelled
    return Rates(recall, population_mean(predicted, labelled, counts, scheme), prior)


def population_mean(values: Mask | Numbers, labelled: Mask, counts: Numbers, scheme: Scheme) -> float:
    """The mean over the rows that are a sample of the population.

    Examples
    --------
    >>> values, labelled = np.array([1.0, 0.0, 1.0]), np.array([True, False, False])
    >>> population_mean(values, labelled, np.ones(3), "case-control")
    0.5
    """
    rows = ~labelled if scheme == "case-control" else np.ones(len(labelled), dtype=np.bool_)
    return float(np.average(values[rows], weights=counts[rows]))


def checked_counts(labelled: Mask, weights: Numbers | None, **per_row: Mask | Numbers) -> Numbers:
    """How often each row counts; an InputError where lengths differ or a kind of rows is missing.

    Examples
    --------
    >>> checked_counts(np.array([True, False]), None, scores=np.array([0.2, 0.1]))
    array([1., 1.])
    """
    check_same_length(labelled=labelled, **per_row)
    counts = np.ones(len(labelled)) if weights is None else np.asarray(weights, dtype=np.float64)
    check_same_length(labelled=labelled, weights=counts)
    if not (counts[labelled].sum() > 0 and counts[~labelled].sum() > 0):
        found = f"{int(labelled.sum())} labelled of {len(labelled)} rows"
        raise InputError("the rows", "be of both kinds and have weight", found, "Stratify the folds on the labels.")
    return counts
