"""Populations whose p(y = 1 | x) is known: made so that estimates can be held against the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores


@dataclass(frozen=True)
class People:
    """Rows drawn from a population, with the probabilities that hold in it."""

    x: np.ndarray
    y: np.ndarray
    labelled: np.ndarray
    positive_probs: np.ndarray
    c: float

    @property
    def label_probs(self) -> np.ndarray:
        return self.c * self.positive_probs

    @property
    def binned(self) -> BinnedScores:
        return bin_scores(self.label_probs, self.labelled)


def two_gaussians(*, distance: float, prior: float, c: float, n: int = 4000, seed: int = 0) -> People:
    """Two normal classes of spread 1 on one axis, so many spreads apart."""
    random = np.random.default_rng(seed)
    y = random.random(n) < prior
    x = random.normal(size=n) + distance * y
    odds = distance * (x - distance / 2) + np.log(prior / (1 - prior))
    return People(x, y, y & (random.random(n) < c), expit(odds), c)


def with_pure_region(*, pure: float, prior: float, c: float, n: int = 4000, seed: int = 0) -> People:
    """A share `pure` of the positives lies where no negative is; the others lie among the negatives.

    On the axis, negatives are uniform on 0 … 1 and positives on pure … 1 + pure.
    """
    random = np.random.default_rng(seed)
    y = random.random(n) < prior
    x = random.random(n) + pure * y
    among = prior / (prior + (1 - prior))
    return People(x, y, y & (random.random(n) < c), np.select([x < pure, x < 1], [0.0, among], 1.0), c)


def population_bins(*, distance: float, prior: float, c: float, n: float = 1e6, bins: int = 1000) -> BinnedScores:
    """All of the population of `two_gaussians`, counted without chance along exact g."""
    x = np.linspace(-8, distance + 8, bins)
    of_positive = norm.pdf(x, distance) * prior * (x[1] - x[0])
    of_all = of_positive + norm.pdf(x) * (1 - prior) * (x[1] - x[0])
    g = c * of_positive / of_all
    return BinnedScores(g[::-1], (n * c * of_positive)[::-1], (n * (of_all - c * of_positive))[::-1])
